/** The English words for the effect of an approval. Pages and mails share them, so that both state it alike. */
export const effectEn = {
  from: 'From',
  until: 'Until',
  audience: 'Agencies',
  conditions: 'Conditions',
  maintenance: 'Small fixes',
  maintenanceYes: 'Signed updates that change nothing need no new vote. Anyone who had to approve can object.',
  none: 'none',
  noEnd: 'without an end date',
  endOf: 'the end of {day}',
  atTime: '{when}',
  everyAgency: 'for every agency',
  onlyFor: 'only for {agencies}',
  by: {
    decision: 'set by the first to decide',
    proposal: 'unless someone sets another',
    notice: 'set by the vendor’s notice',
    policy: 'the longest that the rules allow',
    above: 'set by {key}, above it',
  },
};

/** The Spanish words for the effect of an approval. */
export const effectEs: typeof effectEn = {
  from: 'Desde',
  until: 'Hasta',
  audience: 'Organismos',
  conditions: 'Condiciones',
  maintenance: 'Arreglos menores',
  maintenanceYes: 'Las actualizaciones firmadas que no cambian nada no piden otra votación. Quien debía aprobar puede oponerse.',
  none: 'ninguna',
  noEnd: 'sin fecha final',
  endOf: 'el final del {day}',
  atTime: 'el {when}',
  everyAgency: 'para todos los organismos',
  onlyFor: 'solo para {agencies}',
  by: {
    decision: 'fijado por quien decidió primero',
    proposal: 'si nadie fija otra cosa',
    notice: 'fijado por el aviso del proveedor',
    policy: 'lo máximo que permiten las normas',
    above: 'fijado por {key}, que está por encima',
  },
};
