/** The end of a change, or a turn in it, that is mailed to those concerned. */
export type ChangeOutcome =
  | 'approved'
  | 'overtaken'
  | 'began'
  | 'refused'
  | 'lapsed'
  | 'withdrawn'
  | 'expired'
  | 'revoked'
  | 'removed'
  | 'vetoed'
  | 'contested'
  | 'takenBack'
  | 'rolledBack';

/** The outcomes that the weekly mail lists: a change was approved or has ended. */
export type WeeklyOutcome = Extract<
  ChangeOutcome,
  'approved' | 'refused' | 'lapsed' | 'withdrawn' | 'expired' | 'revoked' | 'removed'
>;

/** The reason a requirement cannot be met under the present roster. */
export type AlarmCode = 'no-official' | 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person' | 'two-persons';

/** The change to a person's passkeys. */
export type PasskeyNews = 'added' | 'removed' | 'reset';

/** The name of a change in a mail. `title` is the vendor's text: within a sentence it stands in quotation marks. */
export interface ChangeName {
  readonly title: string;
  readonly change: string;
}
