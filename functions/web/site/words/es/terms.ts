import type { Catalogue } from '../en.ts';

/** Spanish: the terms of a decision, what takes effect, and what came as maintenance. */
export const termsEs: Pick<Catalogue['decide'], 'effect' | 'terms' | 'contest'> = {
  effect: {
    heading: 'Qué entra en vigor',
    asItStands: 'Tal como están las cosas, un sí permite esto:',
    withTerms: 'Su sí permite esto:',
    by: {
      decision: 'fijado por quien decidió primero',
      proposal: 'si nadie fija otra cosa',
      notice: 'fijado por el aviso del proveedor',
      policy: 'lo máximo que permiten las normas',
      above: 'fijado por {key}, que está por encima',
    },
  },
  terms: {
    heading: 'Las condiciones',
    first: 'Usted decide primero y fija las condiciones. Los demás firman las mismas condiciones o no firman.',
    later: 'Las fijó quien decidió primero. No se pueden cambiar.',
    none: 'Estas condiciones no ponen límites.',
    from: 'Desde',
    fromHint: 'Primer día en que puede estar encendido, como 2027-01-01. Vacío: de inmediato.',
    until: 'Hasta',
    untilHint: 'Último día en que puede estar encendido, como 2027-03-31. Vacío: lo que permitan las normas.',
    audience: 'Organismos',
    audienceHint: 'Solo estos pueden usarlo. Vacío: todos.',
    agency: 'Organismo {n}',
    maintenance: 'Arreglos menores',
    maintenanceYes:
      'Las actualizaciones firmadas que no cambian nada no piden otra votación. Quien debía aprobar puede oponerse.',
    maintenanceLabel: 'Permitir actualizaciones firmadas que no cambian nada',
    maintenanceHint: 'Las nueve respuestas del proveedor deben ser «como antes». Si alguien se opone, hace falta otra votación.',
    conditions: 'Condiciones',
    conditionsHint: 'Son parte del acto y son públicas. Por ejemplo: las imágenes se guardan 21 días como máximo.',
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
