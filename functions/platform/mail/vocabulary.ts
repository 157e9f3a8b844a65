/** The reason a requirement cannot be met under the present roster. */
export type AlarmCode = 'no-official' | 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person' | 'two-persons';

/** The change to a person's passkeys. */
export type PasskeyNews = 'added' | 'removed' | 'reset';

/** The name of a change in a mail. `title` is the vendor's text: within a sentence it stands in quotation marks. */
export interface ChangeName {
  readonly title: string;
  readonly change: string;
}
