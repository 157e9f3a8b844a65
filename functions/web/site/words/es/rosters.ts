import type { rosterEn } from '../en/rosters.ts';
import type { Catalogue } from '../en.ts';

/** Spanish, what officials read when they confirm what another proposed or asked for: a list of officials, the end of a text. */
export const rosterEs: Pick<Catalogue['decide'], keyof typeof rosterEn> = {
  roster: {
    title: 'Una lista nueva de cargos',
    heading: '¿Es correcta esta lista de cargos?',
    lead: 'La versión {n} se propuso el {when}. Confírmela si todo es correcto. Si algo está mal, rechácela.',
    added: 'Nuevos',
    removed: 'Ya no están',
    term: '{seat}: {holder}, desde {from}',
    termTo: '{seat}: {holder}, desde {from} hasta {to}',
    bodies: 'Órganos cuyos escaños, nombres o direcciones cambian',
    broken: 'Cambios que ya no se podrían aprobar',
    same: 'No cambia ningún escaño ni nombre. Cambia una dirección de correo.',
    confirm: 'Lo confirmo',
    refuse: 'Lo rechazo',
    reason: '¿Qué no es correcto?',
    reasonHint: 'Lo leen todas las personas que pueden confirmarlo. Puede dejarlo vacío.',
    done: 'Confirmado. Ya cuenta.',
    gone: 'Esto ya no está propuesto.',
    mayNot: 'Solo pueden confirmarlo personas en funciones en un órgano que aprueba o certifica.',
    digest: 'Huella {digest}',
    addresses: 'Adónde van los enlaces',
    moved: '{holder}: a {after}; hasta ahora, a {before}',
    starts: '{holder}: a {after}',
    stops: '{holder}: ya no a {before}',
    noAddress: 'ninguna dirección',
    needsTwo: 'Cuenta cuando lo confirmen dos personas de dos órganos, cada una con su propio enlace, antes del {when}.',
    needsOne: 'Cuenta cuando una persona lo confirme antes del {when}.',
    confirmedBy: 'Confirmado por {who} ({body}).',
    refusedBy: 'Rechazado por {who} ({body}). Motivo: {reason}',
    mine: 'Usted lo confirmó.',
    resetHeading: '¿Se deben restablecer estas llaves de acceso?',
    resetLead: 'El {when} alguien pidió restablecer las llaves de acceso de {who}. Hable con {who} antes de confirmarlo.',
    resetMeans: 'Todas sus llaves dejan de valer al momento. Un correo le lleva un enlace nuevo para crear otra.',
  },
};
