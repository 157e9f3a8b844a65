import type { Catalogue } from '../en.ts';

/** Spanish, what waits for one official. */
export const inboxEs: Catalogue['inbox'] = {
  title: 'Lo que le espera',
  heading: 'Lo que le espera',
  lead: 'Primero lo más urgente. Abrir esta página no decide nada.',
  nothing: 'No le espera nada.',
  waits: { one: 'Le espera {n} asunto.', other: 'Le esperan {n} asuntos.' },
  as: 'Como {seat}',
  confirm: '{body}: confirme la votación certificada',
  asks: {
    signature: 'Su firma',
    ballots: 'Su voto',
    advice: 'Su opinión',
    certification: 'Certificar la votación {ofBody}',
  },
  override: 'Certificar la segunda votación {ofBody}',
  disputed: 'Su acta de la votación {ofBody} está impugnada: corríjala o certifique otra vez',
  roster: 'Una propuesta sobre los cargos',
  rosterAsk: 'Su confirmación',
  until: 'Hasta {when}',
  noEnd: 'Sin fecha final',
  from: 'Se puede decidir desde el {when}.',
  open: 'Abrirlo',
  lately: 'Lo que decidió hace poco',
  noneLately: 'Todavía no ha decidido nada.',
  past: 'Este enlace es de algo que ya terminó. Aquí puede leer lo que le espera, pero no abrirlo. Use el enlace de su último correo o pida uno nuevo a la secretaría.',
  notHolding: 'Hoy usted no ocupa este cargo, así que aquí no le espera nada.',
  back: 'Volver a la página de este enlace',
  desk: 'El escritorio de la secretaría',
};
