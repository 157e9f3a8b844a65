import type { rosterEn } from '../en/rosters.ts';
import type { Catalogue } from '../en.ts';

const GONE = 'Esta lista ya no está propuesta.';
const NOT_THE_CLERK = 'Solo la secretaría confirma esto.';

/** Spanish, what officials read when they confirm what another proposed or asked for: a list of officials, the end of a text. */
export const rosterEs: Pick<Catalogue['decide'], keyof typeof rosterEn> = {
  roster: {
    title: 'Una lista nueva de cargos',
    heading: '¿Es correcta esta lista de cargos?',
    lead: 'La versión {n} se propuso el {when}. Cuenta cuando usted la confirme. Si algo está mal, no la confirme: entonces no cambia nada.',
    added: 'Nuevos',
    removed: 'Ya no están',
    term: '{seat}: {holder}, desde {from}',
    termTo: '{seat}: {holder}, desde {from} hasta {to}',
    bodies: 'Órganos cuyos escaños, nombres o direcciones cambian',
    broken: 'Cambios que ya no se podrían aprobar',
    same: 'No cambia ningún escaño ni nombre. Cambia una dirección de correo.',
    confirm: 'Confirmo esta lista',
    done: 'Confirmado. La versión {n} está vigente.',
    gone: GONE,
    may: {
      'not-in-office': 'Hoy usted no ocupa este cargo, así que no puede confirmarla.',
      'own-change': 'Cambia su propio órgano o mandato, así que debe confirmarla otra persona.',
      'not-the-clerk': NOT_THE_CLERK,
    },
    digest: 'Huella {digest}',
    addresses: 'Adónde van los enlaces',
    moved: '{holder}: a {after}; hasta ahora, a {before}',
    starts: '{holder}: a {after}',
    stops: '{holder}: ya no a {before}',
    noAddress: 'ninguna dirección',
    handover: 'Cambia quién recibe los enlaces de alguien que ocupa su cargo. Ya se le avisó y puede oponerse.',
    takesEffect: 'Cuenta desde el {when} si la secretaría la confirma, o de inmediato si la confirman dos órganos.',
    everyBody: 'Cambia todos los órganos. Cuenta cuando la confirmen la secretaría y otro órgano.',
    objection: '{who} se opone; debe confirmarla un segundo órgano. Motivo: {reason}',
    confirmedBy: 'Confirmada por {who}.',
    mine: 'Usted confirmó esta lista.',
  },
  handover: {
    title: 'Quién recibe sus enlaces',
    heading: 'Puede que pronto otra persona reciba sus enlaces',
    lead: 'El {when} se propuso una lista nueva de cargos. Cambia quién recibe sus enlaces como {role}.',
    address: 'Sus enlaces irían a otra dirección de correo.',
    term: 'Su mandato en este cargo terminaría, o terminaría antes.',
    until: 'Puede contar desde el {when}. Hasta que se resuelva, sus enlaces no deciden nada. Todavía puede apagar.',
    ask: '¿No es correcto? Entonces opóngase. Así un segundo órgano debe confirmar la lista.',
    reason: '¿Qué no es correcto?',
    reasonHint: 'Lo leen todas las personas que pueden confirmar la lista.',
    submit: 'Me opongo',
    done: 'Usted se opuso el {when}. Ahora un segundo órgano debe confirmar la lista.',
    gone: GONE,
    inForce: 'Esta lista está vigente.',
  },
};
