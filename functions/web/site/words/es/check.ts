import type { Catalogue } from '../en.ts';

/** Spanish: how anyone can check the site. */
export const checkEs: Catalogue['check'] = {
  title: 'Compruébelo usted',
  lead: 'No hace falta confiar en quien opera el sistema. Cada decisión está en un registro público. Nadie puede cambiarlo sin que se note. Así se comprueba.',
  what: 'Qué es el registro',
  list: 'El registro es una lista. Cada aviso, voto y firma es una entrada. Las nuevas van al final. Ninguna se cambia ni se quita.',
  root: 'Todas las entradas se unen en un código corto, la raíz. Si cambia una letra de una entrada, cambia también la raíz.',
  signed:
    'El registro firma su raíz y su tamaño. Esa nota firmada es un punto de control. Guarde uno, o pida a otra persona que lo guarde. Desde entonces el registro no puede mostrarle otro pasado.',
  picture: 'De un aviso a un punto de control firmado',
  pictureAlt:
    'Un aviso pasa a ser un asiento, y el asiento una hoja. Las hojas se unen de dos en dos en un árbol. Su raíz se firma: es el punto de control.',
  steps: { notice: 'Aviso', commit: 'Asiento', leaf: 'Hoja', tree: 'Árbol', checkpoint: 'Firma' },
  stepNotice: 'Un proveedor envía un aviso, o una autoridad decide.',
  stepCommit:
    'El sistema lo anota como un asiento. El asiento nombra al anterior por su huella, un código corto hecho de sus bytes.',
  stepLeaf: 'Los bytes exactos del asiento son una entrada del registro. Su huella es una hoja.',
  stepTree: 'De dos hojas se hace un código, de dos códigos otro, y así hasta el último. El último es la raíz.',
  stepCheckpoint: 'El registro firma la raíz con su clave. Cualquiera puede probar esa firma.',
  now: 'El registro hoy',
  origin: 'Nombre del registro',
  size: 'Entradas en el último punto de control',
  vkey: 'Clave para probar su firma',
  pin: 'Anote esta clave en otro sitio. Compárela la próxima vez.',
  nothing: 'Todavía no se ha publicado nada.',
  commands: 'Tres órdenes',
  commandsLead: 'Ejecútelas en su propia computadora, en la carpeta donde puso el verificador. No piden contraseña.',
  get: 'Obtener el verificador',
  getLead: 'El verificador es un programa que comprueba el registro. Funciona con Node.js 20 o posterior.',
  checkout: 'Con el código fuente: obtenga el código de Aldergate, vaya a su carpeta y ejecute esto.',
  oneFile: 'En un solo archivo: este sitio tiene una copia.',
  download: 'Descargar aldergate-verify.mjs',
  fileHash: 'SHA-256 de esta copia',
  elsewhere:
    'Un programa de este sitio podría mentir por este sitio. Por eso, pídalo a otra persona, como un periódico o una biblioteca. Compare su SHA-256 con el de aquí.',
  notBuilt: 'Este sitio no tiene una copia en un solo archivo.',
  verify: 'Comprobar todo',
  verifyNote:
    'Lee todo el registro, prueba cada entrada y cada firma, y dice qué está encendido y quién dijo que sí. Guarda el punto de control que vio, y la próxima vez avisa si se cambió el pasado.',
  proof: 'Comprobar una decisión',
  proofNote: 'Trae la prueba de que un asiento está en el registro. El nombre y el número están en la página de cada decisión.',
  witness: 'Vigilar',
  witnessNote: 'Guarda el punto de control de hoy. Si un día el registro es más corto o tiene otro pasado, podrá demostrarlo.',
  witnessMore:
    'Para vigilar día y noche, ponga en marcha un testigo con el código fuente. Solo firma lo que sigue a lo último que firmó:',
  files: 'Los archivos',
  filesNote: 'Todo son archivos simples. Los formatos son abiertos y otros programas también pueden comprobarlos:',
  logReference: 'Entrada {index} del registro público.',
  waiting: 'A la espera de publicarse en el registro público.',
  newest: {
    one: 'El último punto de control tiene {n} entrada.',
    other: 'El último punto de control tiene {n} entradas.',
  },
  proofLink: 'Prueba',
};
