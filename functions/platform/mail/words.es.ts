import type { Words } from './vocabulary.ts';

/** Spanish. */
export const words: Words = {
  locale: 'es-US',
  direction: 'ltr',
  openPage: 'Abrir la página',
  subjectDecide: {
    certification: ({ title, change }, body) => `Certifique la votación de ${body}: ${title} (${change})`,
    signature: ({ title, change }) => `Firme o rechace: ${title} (${change})`,
    ballots: ({ title, change }) => `Se necesita su voto: ${title} (${change})`,
    advice: ({ title, change }) => `Se pide su opinión: ${title} (${change})`,
  },
  subjectOverride: ({ title, change }, body) => `Vetado, ${body} puede anular el veto: ${title} (${change})`,
  subjectInformed: ({ title, change }, body) => `Para su información, ante ${body}: ${title} (${change})`,
  subjectOutcome: {
    approved: ({ title, change }) => `Aprobado: ${title} (${change})`,
    refused: ({ title, change }) => `Rechazado: ${title} (${change})`,
    lapsed: ({ title, change }) => `Caducado sin decisión: ${title} (${change})`,
    withdrawn: ({ title, change }) => `Retirado por el proveedor: ${title} (${change})`,
    expired: ({ title, change }) => `La aprobación ha terminado: ${title} (${change})`,
    revoked: ({ title, change }) => `Desactivado: ${title} (${change})`,
    removed: ({ title, change }) => `Eliminado por el proveedor: ${title} (${change})`,
    vetoed: ({ title, change }) => `Vetado: ${title} (${change})`,
  },
  subjectAlarm: ({ title, change }) => `No se puede decidir por ahora: ${title} (${change})`,
  subjectRoster: 'Confirme un cambio en la lista de cargos públicos',
  byWhen: (subject, by) => `${subject}, antes de terminar el ${by}`,
  about: ({ title, change }, revision) => `Cambio ${change}, revisión ${revision}: «${title}»`,
  vendorSays: (summary) => `El aviso dice: «${summary}»`,
  notSigned: 'El proveedor no firmó este aviso: nada demuestra que estas palabras sean suyas.',
  ask: {
    certification: (body) =>
      `${body} decide sobre esto por votación nominal en una sesión. Cuando haya votado, certifique la votación, sea cual sea el resultado, en esta página:`,
    signature: () => 'Lea el aviso completo y después fírmelo o rechácelo en esta página:',
    ballots: () => 'Lea el aviso completo y después dé su respuesta en esta página:',
    advice: () => 'Lea el aviso completo y después dé su opinión en esta página. Se publica y no decide:',
  },
  askOverride: (vetoedBy, body, yes) =>
    `${vetoedBy} no lo ha aprobado. ${body} puede anular esa decisión con ${yes} votos en una segunda sesión. Cuando haya votado de nuevo, certifique esa votación en esta página:`,
  informed: (body) =>
    `Esto se ha presentado ante ${body}, del que usted es miembro. Se decide en una sesión, no por correo: aquí no se le pide nada.`,
  informedVeto: (vetoedBy, body, yes) =>
    `${vetoedBy} no lo ha aprobado. ${body}, del que usted es miembro, puede anular esa decisión con ${yes} votos en una segunda sesión. Aquí no se le pide nada.`,
  openUntil: (by) => `Se puede decidir hasta el ${by}. Sin decisión, la respuesta es no.`,
  openFrom: (from) => `Una decisión cuenta desde el ${from}: hasta entonces el aviso debe haber sido público.`,
  noEnd: 'No hay plazo. Hasta que se decida, la respuesta es no.',
  linkIsYours:
    'Abrir el enlace no decide nada. Es solo para usted: quien lo tenga puede actuar en su lugar, así que no lo reenvíe.',
  publicPage: 'Cualquiera puede leer el aviso y lo que se ha decidido, en una página que no decide nada:',
  outcome: {
    approved: 'Se han dado todas las aprobaciones necesarias. Puede estar activado.',
    refused: 'Se ha rechazado. Sigue desactivado.',
    lapsed: 'El plazo para decidir ha terminado y no se aprobó por completo. Sigue desactivado.',
    withdrawn: 'El proveedor lo ha retirado. No queda nada por decidir.',
    expired: 'La aprobación ha llegado a su fin. Ahora debe estar desactivado; solo una nueva decisión puede activarlo otra vez.',
    revoked: 'La aprobación ya no vale. Ahora debe estar desactivado; solo una nueva decisión puede activarlo otra vez.',
    removed: 'El proveedor lo elimina. No queda nada por decidir.',
    vetoed: 'Ha sido vetado.',
  },
  validUntil: (by) => `La aprobación vale como máximo hasta el ${by}.`,
  alarm: {
    nobody: (body) => `No hay nadie en funciones que pueda actuar por ${body}.`,
    'no-body': (body) => `La lista no tiene ningún órgano llamado ${body}.`,
    'no-seat': (body) => `${body} tiene menos puestos que los votos necesarios.`,
    vacant: (body) => `Nadie ocupa un puesto de ${body}.`,
    'no-clerk': (body) => `No hay nadie en funciones que certifique las votaciones de ${body}.`,
    'too-few': (body) => `Hay muy pocos puestos ocupados en ${body} para los votos necesarios.`,
    'one-person': (body) =>
      `La única persona que podría actuar por ${body} debe actuar también por otro órgano; se necesitan dos personas.`,
  },
  alarmMeans: 'Sigue abierto y desactivado. Hay que corregir la lista antes de que se pueda aprobar.',
  askRoster:
    'Se ha propuesto una nueva lista de cargos públicos. No obliga a nadie hasta que usted, u otra persona en funciones, la confirme. Compárela con lo que sabe y después confírmela en esta página:',
  reminder: {
    subject: (subject) => `Recordatorio: ${subject}`,
    lead: 'Esto sigue esperando su decisión. Sin decisión, la respuesta es no.',
  },
  weekly: {
    subject: (day) => `Qué espera y qué se decidió: la semana hasta el ${day}`,
    lead: (day) => `Así estaban las cosas en la mañana del ${day}.`,
    waiting: (n) => (n === 1 ? 'Un cambio espera una decisión:' : `${n} cambios esperan una decisión:`),
    nothingWaits: 'Ningún cambio espera una decisión.',
    openUntil: ({ title, change }, by) => `«${title}» (${change}), abierto hasta el ${by}`,
    openWithoutEnd: ({ title, change }) => `«${title}» (${change}), abierto sin límite de tiempo`,
    happened: (n) =>
      n === 1 ? 'La semana pasada se decidió o terminó una cosa:' : `La semana pasada se decidieron o terminaron ${n} cosas:`,
    became: {
      approved: ({ title, change }) => `«${title}» (${change}) se aprobó`,
      refused: ({ title, change }) => `«${title}» (${change}) se rechazó`,
      lapsed: ({ title, change }) => `«${title}» (${change}) se quedó sin tiempo y sigue desactivado`,
      withdrawn: ({ title, change }) => `El proveedor retiró «${title}» (${change})`,
      expired: ({ title, change }) => `«${title}» (${change}) llegó a su fin y está desactivado`,
      revoked: ({ title, change }) => `«${title}» (${change}) se desactivó`,
      removed: ({ title, change }) => `El proveedor eliminó «${title}» (${change})`,
    },
    ending: (n) =>
      n === 1 ? 'Una aprobación termina en los próximos 30 días:' : `${n} aprobaciones terminan en los próximos 30 días:`,
    ends: ({ title, change }, by) => `«${title}» (${change}) termina el ${by}`,
    more: (n) => `y ${n} más`,
    register: 'El registro completo:',
    stop: 'Recibe este correo cada lunes. Para dejar de recibirlo, abra esta página y pulse el botón:',
  },
  subjectPasskey: {
    added: 'Se ha creado una llave de acceso para usted',
    removed: 'Se ha quitado una llave de acceso suya',
    reset: 'Sus llaves de acceso se han restablecido',
  },
  passkey: {
    added: (when) => `Se creó una llave de acceso para usted el ${when}. Desde ahora firma lo que usted decida.`,
    removed: (when) => `Una de sus llaves de acceso se quitó el ${when}. Ya no puede firmar por usted.`,
    reset: (when) =>
      `Todas sus llaves de acceso dejaron de valer el ${when}, porque alguien dijo que las había perdido. El registro público dice quién.`,
  },
  passkeyAgain: 'Cree una nueva llave de acceso en esta página. Ningún enlace anterior puede hacerlo:',
  passkeyNotYou: '¿No fue usted, o no lo pidió? Avise a la secretaría enseguida.',
};
