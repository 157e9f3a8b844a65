/** What a vendor writes where it shows nothing: no value at all. */
const MASKED = /^(?:\*+|#+|x{3,}|-{2,}|\[?redacted\]?|\[?masked\]?|\[?hidden\]?|n\/a)$/i;

export type CellVisibility = 'shown' | 'masked' | 'blank';

/** Whether a cell says something. Blank is not "none": nobody knows what was there. */
export const shownAs = (value: string): CellVisibility => (value === '' ? 'blank' : MASKED.test(value) ? 'masked' : 'shown');

/** Whether a text holds what looks like a licence plate: five to eight capitals and digits, both among them. */
export const namesPlate = (text: string): boolean =>
  /(?<![A-Za-z0-9-])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{5,8}(?![A-Za-z0-9-])/.test(text);

/** Words of one vendor's vocabulary such as `multiGeo`; anything else could be a name or a plate in a column that moved. */
export const isWord = (text: string): boolean => /^[A-Za-z]{2,40}$/.test(text);
