import type { Instrument } from '../../../domain/policy/schema.ts';

/** What became of a change, as those concerned are told. */
export type Outcome = 'approved' | 'refused' | 'lapsed' | 'withdrawn' | 'expired' | 'revoked' | 'removed' | 'vetoed';

/** Why a requirement cannot be met as the roster stands. */
export type AlarmCode = 'nobody' | 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person';

/** What a person is told of their passkeys. */
export type PasskeyNews = 'added' | 'removed' | 'reset';

/** Names of a change in a letter. `title` and `summary` are the vendor's words: they stand in quotation marks, always. */
export interface Subject {
  readonly title: string;
  readonly change: string;
}

/** Every sentence of a mail, in one language. `body` is a body's name; `by` a day or a moment, already in words. */
export interface Words {
  /** The tag by which dates are written. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  /** On the button that leads to the page of a link. */
  readonly openPage: string;
  readonly subjectDecide: Readonly<Record<Instrument, (about: Subject, body: string) => string>>;
  readonly subjectOverride: (about: Subject, body: string) => string;
  readonly subjectInformed: (about: Subject, body: string) => string;
  readonly subjectOutcome: Readonly<Record<Outcome, (about: Subject) => string>>;
  readonly subjectAlarm: (about: Subject) => string;
  readonly subjectRoster: string;
  readonly byWhen: (subject: string, by: string) => string;
  readonly about: (about: Subject, revision: number) => string;
  readonly vendorSays: (summary: string) => string;
  /** Set after the vendor's words where no signature proves that they are the vendor's. */
  readonly notSigned: string;
  readonly ask: Readonly<Record<Instrument, (body: string) => string>>;
  readonly askOverride: (vetoedBy: string, body: string, yes: number) => string;
  readonly informed: (body: string) => string;
  readonly informedVeto: (vetoedBy: string, body: string, yes: number) => string;
  readonly openUntil: (by: string) => string;
  readonly openFrom: (from: string) => string;
  readonly noEnd: string;
  readonly linkIsYours: string;
  /** Before the address of the public page. */
  readonly publicPage: string;
  readonly outcome: Readonly<Record<Outcome, string>>;
  readonly validUntil: (by: string) => string;
  readonly alarm: Readonly<Record<AlarmCode, (body: string) => string>>;
  readonly alarmMeans: string;
  readonly askRoster: string;
  readonly reminder: {
    readonly subject: (subject: string) => string;
    readonly lead: string;
  };
  readonly weekly: {
    readonly subject: (day: string) => string;
    readonly lead: (day: string) => string;
    readonly waiting: (n: number) => string;
    readonly nothingWaits: string;
    readonly openUntil: (about: Subject, by: string) => string;
    readonly openWithoutEnd: (about: Subject) => string;
    readonly happened: (n: number) => string;
    readonly became: Readonly<Record<Exclude<Outcome, 'vetoed'>, (about: Subject) => string>>;
    readonly ending: (n: number) => string;
    readonly ends: (about: Subject, by: string) => string;
    readonly more: (n: number) => string;
    readonly register: string;
    readonly stop: string;
  };
  readonly subjectPasskey: Readonly<Record<PasskeyNews, string>>;
  readonly passkey: Readonly<Record<PasskeyNews, (when: string) => string>>;
  readonly passkeyAgain: string;
  readonly passkeyNotYou: string;
}
