import { effectEs } from '../../../../platform/effectWords.ts';
import type { Catalogue } from '../en.ts';

/** Spanish: the terms of a decision, what takes effect, what came as maintenance, and a meeting that is named. */
export const termsEs: Pick<Catalogue['decide'], 'effect' | 'terms' | 'contest' | 'meeting' | 'takeBack'> = {
  effect: {
    heading: 'Qué entra en vigor',
    asItStands: 'Tal como están las cosas, un sí permite esto:',
    withTerms: 'Su sí permite esto:',
    by: effectEs.by,
  },
  terms: {
    heading: 'Los términos',
    first: 'Usted decide primero y fija los términos. Los demás firman los mismos términos o no firman.',
    later: 'Los fijó quien decidió primero. No se pueden cambiar.',
    none: 'Estos términos no ponen límites.',
    from: effectEs.from,
    fromHint: 'Primer día en que puede estar encendido, como 2027-01-01. Vacío: de inmediato.',
    until: effectEs.until,
    untilHint: 'Último día en que puede estar encendido, como 2027-03-31. Vacío: lo que permitan las normas.',
    audience: effectEs.audience,
    audienceHint: 'Solo estos pueden usarlo. Vacío: todos.',
    agency: 'Organismo {n}',
    maintenance: effectEs.maintenance,
    maintenanceYes: effectEs.maintenanceYes,
    maintenanceLabel: 'Permitir arreglos firmados que no cambian nada',
    maintenanceHint: 'Las nueve respuestas del proveedor deben ser «como antes». Si alguien se opone, hace falta otra votación.',
    conditions: effectEs.conditions,
    conditionsHint: 'Son parte del acto y son públicas. Por ejemplo: las imágenes se guardan 21 días como máximo.',
  },
  takeBack: {
    heading: 'Retirar su rechazo',
    lead: '¿Fue un error? Puede retirarlo hasta {when}. Entonces espera de nuevo su decisión. El plazo para decidir sigue corriendo.',
    reason: '¿Por qué lo retira?',
    reasonHint: 'Cualquiera puede leerlo.',
    done: 'Usted retiró su rechazo de «{title}».',
    submit: 'Retirarlo',
  },
  meeting: {
    heading: 'Fijar la sesión para la segunda votación',
    lead: '¿La próxima sesión {ofBody} es después de {when}? Fíjela aquí antes. Entonces el rechazo se puede anular hasta el final de ese día.',
    moved: 'Usted fijó la sesión del {day}. Si cambió de día, fije el nuevo.',
    date: 'Día de la sesión',
    dateHint: 'Del {first} al {last}.',
    submit: 'Fijar esta sesión',
    done: 'Usted fijó la sesión del {day} para la segunda votación sobre «{title}».',
  },
  contest: {
    heading: '¿Es más que un arreglo menor?',
    lead: 'El proveedor dice que esta actualización no cambia nada; por eso no pidió otra votación. Si no es así, opóngase aquí. Desde entonces cuenta como un cambio.',
    reason: '¿Por qué?',
    reasonHint: 'Es público. ¿Qué cambia?',
    submit: 'Oponerme a esta actualización',
    done: 'Llegó como arreglo menor. {who} se opuso el {when}, así que cuenta como un cambio.',
    came: 'Llegó como arreglo menor: firmada, y las nueve respuestas son «como antes». La aprobación sigue en vigor si nadie se opone.',
    token: 'El equipo informático de la ciudad',
  },
};
