/** Placeholders that a vendor writes for a hidden value. */
const MASKED = /^(?:\*+|#+|x{3,}|-{2,}|\[?redacted\]?|\[?masked\]?|\[?hidden\]?|n\/a)$/i;

export type CellVisibility = 'shown' | 'masked' | 'blank';

/** Classifies a cell by what it shows. Blank does not mean "none": the original value is unknown. */
export const shownAs = (value: string): CellVisibility => (value === '' ? 'blank' : MASKED.test(value) ? 'masked' : 'shown');

/** Reports whether a text contains what looks like a licence plate: five to eight capitals and digits, with both among them. */
export const namesPlate = (text: string): boolean =>
  /(?<![A-Za-z0-9-])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{5,8}(?![A-Za-z0-9-])/.test(text);

/**
 * Reports whether a text is a word of one vendor's vocabulary such as `multiGeo`; anything else could be a name or a plate in a
 * column that moved.
 */
export const isWord = (text: string): boolean => /^[A-Za-z]{2,40}$/.test(text);
