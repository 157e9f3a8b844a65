import type { Catalogue } from '../en.ts';

/** Spanish: the page on which the weekly mail is switched off. */
export const weeklyEs: Catalogue['weekly'] = {
  title: 'Su correo semanal',
  onHeading: 'Recibe un correo cada lunes',
  onLead: 'Dice qué espera, qué se decidió y qué termina pronto.',
  stop: 'Dejar de recibir este correo',
  offHeading: 'El correo semanal está desactivado',
  offLead: 'No recibe ningún correo los lunes.',
  start: 'Volver a enviármelo',
  others: 'El correo que le pide una decisión sigue llegando.',
};
