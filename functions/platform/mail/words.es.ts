import { effectEs } from '../effectWords.ts';
import type { MailWords } from './words.en.ts';

/** The Spanish texts of mails. */
export const mailEs: MailWords = {
  locale: 'es-US',
  direction: 'ltr',
  openPage: 'Abrir la página',
  subjectDecide: {
    certification: 'Certifique la votación {ofBody}: {title} ({change})',
    signature: 'Firme o rechace: {title} ({change})',
    ballots: 'Se necesita su voto: {title} ({change})',
    advice: 'Se pide su opinión: {title} ({change})',
  },
  subjectOverride: 'Vetado, {body} puede anular el veto: {title} ({change})',
  subjectMeeting: 'Se fijó una sesión, {body} puede anular el veto: {title} ({change})',
  subjectConfirm: 'Confirme la votación certificada {ofBody}: {title} ({change})',
  subjectDisputed: 'Su certificado está impugnado: {title} ({change})',
  subjectInformed: 'Para su información, ante {body}: {title} ({change})',
  subjectOutcome: {
    approved: 'Aprobado: {title} ({change})',
    overtaken: 'Aprobado y sustituido en el acto: {title} ({change})',
    began: 'En vigor desde ahora: {title} ({change})',
    refused: 'Rechazado: {title} ({change})',
    lapsed: 'Caducado sin decisión: {title} ({change})',
    withdrawn: 'Retirado por el proveedor: {title} ({change})',
    expired: 'La aprobación ha terminado: {title} ({change})',
    revoked: 'Apagado: {title} ({change})',
    removed: 'Eliminado por el proveedor: {title} ({change})',
    vetoed: 'Vetado: {title} ({change})',
    contested: 'No es un arreglo menor, alguien se opuso: {title} ({change})',
    takenBack: 'Se retiró el rechazo: {title} ({change})',
    rolledBack: 'Deshecho: {title} ({change})',
  },
  subjectAlarm: 'No se puede decidir por ahora: {title} ({change})',
  subjectRoster: 'Confirme un cambio en la lista de cargos públicos',
  subjectFirstDay: 'Usted actúa ahora por {body}: cambios que no puede decidir',
  firstDay:
    'Desde hoy usted actúa por {body}. Participó en estos cambios en otro lugar, y una persona cuenta solo una vez en cada cambio. Por eso no puede decidirlos por {body}; debe hacerlo otra persona:',
  subjectReset: 'Confirme que se restablecen unas llaves de acceso',
  subjectConcerned: 'Una propuesta le afecta: ¿es correcta?',
  subjectRefused: 'Alguien rechazó lo que se propuso',
  byWhen: '{subject}, hasta el {by}',
  named: '«{title}» ({change})',
  about: 'Cambio {change}, revisión {revision}: «{title}»',
  vendorSays: 'El aviso dice: «{summary}»',
  notSigned: 'El proveedor no firmó este aviso: nada demuestra que estas palabras sean suyas.',
  ask: {
    certification:
      '{Body} decide sobre esto por votación nominal en una sesión. Cuando haya votado, certifique la votación, sea cual sea el resultado, en esta página:',
    signature: 'Lea el aviso completo y después fírmelo o rechácelo en esta página:',
    ballots: 'Lea el aviso completo y después dé su respuesta en esta página:',
    advice: 'Lea el aviso completo y después dé su opinión en esta página. Se publica y no decide:',
  },
  askOverride:
    '{Refuser} no lo aprobó. {Body} puede anular esa decisión con {n} votos en una segunda sesión. Cuando haya votado de nuevo, certifique esa votación en esta página:',
  secondVote: {
    from: 'Una segunda votación cuenta desde el {day}.',
    meeting: 'Para ello se fijó la sesión del {day}.',
    named: '{Refuser} no aprobó esto. {Body} puede anular esa decisión con {n} votos, y se fijó la sesión para ello.',
    nameMeeting:
      '¿La próxima sesión es más tarde? Entonces fije su día en la misma página, antes de que acabe ese plazo. Se puede celebrar hasta el {day}.',
  },
  askConfirm:
    'La secretaría ha certificado una votación {ofBody}. Solo cuenta cuando una segunda persona confirma que el acta es correcta. Usted no vota otra vez. Confírmela, o diga qué está mal, en esta página:',
  askDisputed:
    'El acta de la votación {ofBody} está impugnada, así que todavía no cuenta. El motivo está en esta página. Corrija allí el acta o vuelva a certificar la votación:',
  informed:
    'Esto se ha presentado ante {body}. Usted es miembro. Se decide en una sesión, no por correo. Ahora no tiene que hacer nada.',
  informedVeto:
    '{Refuser} no lo aprobó. Usted es miembro {ofBody}, que puede anular esa decisión con {n} votos en una segunda sesión. Ahora no tiene que hacer nada.',
  effect: {
    ...effectEs,
    asked: 'Si se aprueba, esto entra en vigor:',
    approved: 'Esto entra en vigor:',
  },
  openUntil: 'Se puede decidir hasta {by}. Sin decisión, la respuesta es no.',
  openFrom: 'Una decisión cuenta desde el {from}. Hasta entonces el público puede leer el aviso.',
  noEnd: 'No hay plazo. Hasta que se decida, la respuesta es no.',
  linkIsYours:
    'Abrir el enlace no decide nada. Es solo para usted: quien lo tenga puede actuar en su lugar, así que no lo reenvíe.',
  publicPage: 'Cualquiera puede leer el aviso y lo que se ha decidido, en una página que no decide nada:',
  outcome: {
    approved: 'Todos los que deben aprobarlo han dicho que sí.',
    overtaken:
      'Todos los que deben aprobarlo han dicho que sí. Pero rige un texto que el proveedor envió después: esta aprobación queda registrada y no enciende nada.',
    began: 'Llegó su momento: la aprobación está en vigor. Lo que sustituye ya no cuenta.',
    refused: 'Se ha rechazado. Sigue apagado.',
    lapsed: 'El plazo para decidir ha terminado y faltó alguna aprobación. Sigue apagado.',
    withdrawn: 'El proveedor lo ha retirado. No queda nada por decidir.',
    expired: 'La aprobación ha terminado. Ahora debe estar apagado. Solo una nueva decisión puede encenderlo otra vez.',
    revoked: 'La aprobación ya no vale. Ahora debe estar apagado. Solo una nueva decisión puede encenderlo otra vez.',
    removed: 'El proveedor lo elimina. No queda nada por decidir.',
    vetoed: 'Ha sido vetado.',
    contested:
      'Llegó como un arreglo menor que no cambia nada. Alguien con derecho a oponerse lo hizo: ahora cuenta como un cambio y necesita aprobación. Si el proveedor no puede retenerlo, la función debe estar apagada hasta entonces.',
    takenBack:
      'Quien lo rechazó ha retirado su rechazo. El motivo está en la página. Espera de nuevo una decisión y hasta entonces sigue apagado.',
    rolledBack:
      'Dos personas de dos órganos han confirmado que el proveedor lo deshizo. Ya no invalida lo que se había aprobado antes.',
  },
  alarm: {
    'no-official': 'No hay nadie en funciones que pueda actuar por {body}.',
    'no-body': 'La lista de cargos no tiene ningún órgano llamado {name}.',
    'no-seat': '{Body} tiene menos puestos que los votos necesarios.',
    vacant: 'Ningún puesto {ofBody} está ocupado.',
    'no-clerk': 'No hay nadie en funciones que certifique las votaciones {ofBody}.',
    'too-few': 'Hay muy pocos puestos ocupados {ofBody} para los votos necesarios.',
    'one-person': 'La única persona que podría actuar por {body} debe actuar también por otro órgano; se necesitan dos personas.',
    'two-persons':
      'Todos los órganos lo han aprobado, pero una sola persona actuó por todos. Se necesitan dos personas, así que no está aprobado.',
  },
  alarmMeans: 'Sigue abierto y apagado. Hay que corregir la lista de cargos antes de que se pueda aprobar.',
  askRoster:
    'Se ha propuesto una nueva lista de cargos públicos. Compárela con lo que sabe y después confírmela o rechácela en esta página:',
  askReset:
    'Alguien pidió restablecer las llaves de acceso de {who}. Un correo le permitiría entonces crear una nueva. Hable antes con {who} y después confírmelo o rechácelo en esta página:',
  subjectRollback: 'Confirme que está deshecho: {title} ({change})',
  askRollback:
    '«{title}» entró en vigor sin aprobación y, según el proveedor, está deshecho. Si le consta, confírmelo en esta página:',
  askTwo: 'Cuenta solo cuando lo confirmen personas en funciones, cada una con su propio enlace. Usted puede ser una de ellas.',
  concerned: {
    roster:
      'Se ha propuesto una nueva lista de cargos públicos. Cambia su mandato, su nombre o la dirección a la que van sus enlaces.',
    passkeys: 'Alguien pidió restablecer sus llaves de acceso. Un correo le permitiría entonces crear una nueva.',
    keeps:
      'Hasta que lo confirmen personas en funciones, no cambia nada para usted. Si no es correcto, avíseles. Si usted puede confirmarlo, otro correo le lleva un enlace: rechácelo allí.',
  },
  refusedProposal: '{who} rechazó lo que se propuso. Eso no detiene nada. Lea por qué en esta página antes de confirmarlo:',
  links: {
    subject: 'Sus enlaces fueron sustituidos',
    cutOff: 'Todos sus enlaces de Aldergate fueron sustituidos el {when}. Los anteriores ya no deciden nada.',
    newOnes: 'Para cada cosa que le espera llega un enlace nuevo en un correo aparte.',
    noNewOnes:
      'Este correo no lleva ningún enlace nuevo. El próximo correo sobre algo que decidir lleva uno, o pídalo a la secretaría.',
    stillOff: 'Hasta que use un enlace nuevo, los anteriores aún pueden apagar lo que su cargo aprobó.',
    notYou: 'Si no lo esperaba, avise enseguida a la secretaría.',
    cutOffOf: 'Todos los enlaces de {who} fueron sustituidos el {when}. Los anteriores ya no deciden nada.',
    stillOffOf: 'Aún pueden apagar, hasta que se use uno nuevo.',
    askThem: 'Si no lo esperaba, pregunte a la persona, y no por correo.',
    switchedOff: 'Un enlace anterior apagó algo',
    oldLink: 'Un enlace sustituido de {who} se usó el {when} para apagar {change}.',
  },
  reminder: {
    subject: 'Recordatorio: {subject}',
    lead: 'Esto sigue esperando su decisión. Sin decisión, la respuesta es no.',
  },
  weekly: {
    subject: 'Qué espera y qué se decidió: la semana hasta el {day}',
    lead: 'Así estaban las cosas en la mañana del {day}.',
    waiting: { one: 'Un cambio espera una decisión:', other: '{n} cambios esperan una decisión:' },
    nothingWaits: 'Ningún cambio espera una decisión.',
    openUntil: '«{title}» ({change}), abierto hasta {by}',
    openWithoutEnd: '«{title}» ({change}), abierto sin límite de tiempo',
    happened: {
      one: 'La semana pasada se decidió o terminó una cosa:',
      other: 'La semana pasada se decidieron o terminaron {n} cosas:',
    },
    became: {
      approved: '«{title}» ({change}) se aprobó',
      refused: '«{title}» ({change}) se rechazó',
      lapsed: '«{title}» ({change}) se quedó sin tiempo y sigue apagado',
      withdrawn: 'El proveedor retiró «{title}» ({change})',
      expired: '«{title}» ({change}) terminó y está apagado',
      revoked: '«{title}» ({change}) se apagó',
      removed: 'El proveedor eliminó «{title}» ({change})',
    },
    fixes: {
      one: 'La semana pasada llegó un arreglo menor, con firma. No pide votación si nadie se opone.',
      other: 'La semana pasada llegaron {n} arreglos menores, con firma. No piden votación si nadie se opone.',
    },
    object: 'Lea «{title}» ({change}), u opóngase, en esta página:',
    ending: {
      one: 'Una aprobación termina en los próximos 30 días:',
      other: '{n} aprobaciones terminan en los próximos 30 días:',
    },
    ends: '«{title}» ({change}) está aprobado hasta {by}',
    more: 'y {n} más',
    register: 'El registro completo:',
    stop: 'Recibe este correo cada lunes. Para dejar de recibirlo, abra esta página y pulse el botón:',
  },
  drift: {
    subject: { one: 'Encendido sin permiso: {key}', other: 'Encendido sin permiso: {key} y {more} más' },
    lead: {
      one: 'En {vendor} se vio encendida una función que no puede estarlo:',
      other: 'En {vendor} se vieron encendidas {n} funciones que no pueden estarlo:',
    },
    feature: '{key}, vista el {when} por «{source}»',
    means: 'La ciudad no lo ha aprobado, o ya no lo aprueba. Pida al proveedor que lo apague, o averigüe por qué está encendido.',
    once: 'Este es el único correo mientras siga encendido. Habrá otro si se ve encendido de nuevo después de estar apagado o aprobado.',
    page: 'Lo que la ciudad ha decidido, en una página pública:',
  },
  fault: {
    subject: { one: 'Aldergate encontró algo que no está bien', other: 'Aldergate encontró {n} cosas que no están bien' },
    lead: 'Aldergate revisa todo lo que tiene guardado. Encontró esto:',
    one: '{code}, desde {when}: {detail}',
    means: 'Lo que depende de ello cuenta como apagado. Las autoridades aún pueden apagar cosas con sus enlaces.',
    todo: 'Pida a su personal de informática que ejecute «aldergate doctor», que dice qué hacer, y que averigüe quién puede escribir en la base de datos.',
    once: 'Este es el único correo mientras dure.',
    page: 'Lo que está encendido y apagado, en una página pública:',
  },
  subjectPasskey: {
    added: 'Se ha creado una llave de acceso para usted',
    removed: 'Se ha quitado una llave de acceso suya',
    reset: 'Sus llaves de acceso se han restablecido',
  },
  passkey: {
    added: 'Se creó una llave de acceso para usted el {when}. Desde ahora firma lo que usted decida.',
    removed: 'Una de sus llaves de acceso se quitó el {when}. Ya no puede firmar por usted.',
    reset:
      'Todas sus llaves de acceso dejaron de valer el {when}, porque alguien avisó de que las había perdido. El registro público muestra quién.',
  },
  passkeyAgain: 'Cree una nueva llave de acceso en esta página. Ningún enlace anterior puede hacerlo:',
  passkeyNotYou: 'Si no fue usted, o no lo pidió, llame a la secretaría enseguida.',
  sentFor:
    'Enviado en nombre de {city} por Aldergate, que retiene lo que cambian los proveedores hasta que la ciudad lo aprueba.',
  contact: 'Preguntas: {contact}',
};
