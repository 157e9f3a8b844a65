import type { Catalogue } from '../en.ts';

/** Spanish, the agenda packet that is printed. */
export const packetEs: Catalogue['packet'] = {
  title: 'Documentos de la sesión',
  print: 'Para imprimir, use la opción de imprimir del navegador. Cabe en Carta y en A4.',
  draft: 'Proyecto de resolución',
  file: 'Número de expediente',
  of: '{ofBody}',
  whereas: {
    one: 'El proveedor {vendors} avisó a la ciudad de lo que se indica abajo. Cada cambio sigue apagado hasta que todos los que deben aprobarlo digan que sí al mismo texto y en los mismos términos.',
    other:
      'Los proveedores {vendors} avisaron a la ciudad de lo que se indica abajo. Cada cambio sigue apagado hasta que todos los que deben aprobarlo digan que sí al mismo texto y en los mismos términos.',
  },
  whereasRules:
    'La ciudad propuso las normas nuevas descritas aquí. Las normas de hoy siguen vigentes hasta que todos los que deben aprobarlas digan que sí al mismo texto.',
  resolve: {
    one: '{Body} aprueba el cambio siguiente, con el texto exacto que nombra su huella y en los términos escritos al lado.',
    other:
      '{Body} aprueba los cambios siguientes, cada uno con el texto exacto que nombra su huella y en los términos escritos al lado.',
  },
  no: 'Si no se adopta, queda rechazado y sigue apagado.',
  noBody: 'No se pide una votación en sesión. Deben aprobar: {bodies}.',
  words: 'Texto exacto',
  terms: 'Términos',
  until: 'Hasta (día)',
  audience: 'Solo estos organismos',
  conditions: 'Condiciones',
  blank: 'para llenar',
  blankMeans: 'En blanco: sin límite de ese tipo.',
  different: 'No todos los cambios necesitan el mismo número de votos afirmativos: {list}.',
  recordBefore: 'El certificado se puede registrar hasta {when}.',
  roll: 'Votación nominal {ofBody}',
  seat: 'Escaño',
  moved: 'Propuesto por',
  seconded: 'Secundado por',
  meeting: 'Día de la sesión',
  clerk: 'Certificado por',
  annex: 'Anexo {n}: {title}',
  scan: 'Código QR de la página pública de este cambio: {url}',
  asOf: 'Impreso del registro al {when}. Compare la huella con la página pública antes de votar.',
  closed: 'Este cambio ya no está abierto: {status}.',
};
