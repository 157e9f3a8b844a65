/** English: the page on which the weekly mail is switched off. */
export const weeklyEn = {
  title: 'Your weekly mail',
  onHeading: 'You get a mail each Monday',
  onLead: 'It lists what waits, what was decided and what ends soon.',
  stop: 'Stop this mail',
  offHeading: 'The weekly mail is off',
  offLead: 'You get no mail on Mondays.',
  start: 'Send it to me again',
  others: 'Mail that asks you to decide still comes.',
};
