import { LocalDate } from '../../../../../domain/kernel/zodTypes.ts';
import { lastMomentOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { type Fault, type Input, oneOf, readForm } from '../../forms/input.ts';
import { calledSeats } from '../../names.ts';
import { MEETING_FIELDS, TERM_FIELDS } from '../decide/form/fields.ts';
import { type CertificateForm, readCertificate } from '../decide/form/read.ts';
import { EDIT } from '../decide/review.ts';

/** Fields that the certificates of one meeting share. */
const SHARED: readonly string[] = [...MEETING_FIELDS, 'comment'];
/** Fields that each change has of its own. The change follows the field's name: `digest.acme.lpr/1`. */
const OWN: readonly string[] = ['revision', 'digest', ...TERM_FIELDS];

/** Returns the name of a field for one change. */
export const ownField = (name: string, change: string): string => `${name}.${change}`;

const isOwn = (name: string): boolean => OWN.some((own) => name.startsWith(`${own}.`)) && name.includes('/');

/** Parses a consent agenda. A repeated field is a fault, except for changes and agencies. */
export const readConsent = (body: Uint8Array): { readonly input: Input; readonly faults: readonly Fault[] } =>
  readForm(
    body,
    (name) => SHARED.includes(name) || ['body', 'change', EDIT].includes(name) || name.startsWith('vote.') || isOwn(name),
    ['change', 'audience'],
  );

/** Returns the changes of a form without duplicates. */
export const changesIn = (input: Input): readonly string[] => [...new Set(input.get('change') ?? [])];

/** Returns the form as the certificate of one of its changes. */
const certificateInput = (input: Input, change: string): Input =>
  new Map([
    ...[...input].filter(([name]) => SHARED.includes(name) || name.startsWith('vote.')),
    ['purpose', ['adopt']] as const,
    ...OWN.flatMap((name) => {
      const values = input.get(ownField(name, change));
      return values === undefined ? [] : [[name, values] as const];
    }),
  ]);

export interface ConsentCertificate {
  readonly change: string;
  readonly read: CertificateForm;
}

/** The inputs for finding the holders of the called seats: those of the day of the meeting if the form names it. */
export interface Meeting {
  readonly roster: Roster;
  readonly body: string;
  readonly now: string;
  readonly zone: string;
}

const seatsCalled = ({ roster, body, now, zone }: Meeting, input: Input) => {
  const day = oneOf(input, 'meetingDate').trim();
  return calledSeats(roster, body, LocalDate.safeParse(day).success ? lastMomentOf(day, zone, now) : localMoment(now, zone));
};

/** Reads one certificate for each change. A fault in the shared fields is reported once, every other beside its change. */
export const readConsentCertificates = (
  input: Input,
  meeting: Meeting,
): { readonly certificates: readonly ConsentCertificate[]; readonly faults: readonly Fault[] } => {
  const seats = seatsCalled(meeting, input);
  const strange = [...input.keys()].filter(
    (name) => name.startsWith('vote.') && !seats.some(({ seat }) => name === `vote.${seat}`),
  );
  const faults = new Map<string, Fault>(strange.map((name) => [name, { name, code: 'unknown', slots: { name } }] as const));
  const certificates = changesIn(input).flatMap((change): ConsentCertificate[] => {
    const own: Fault[] = [];
    const read = readCertificate(certificateInput(input, change), seats, meeting.zone, own);
    if (own.length === 0) return [{ change, read }];
    for (const fault of own) {
      const name = OWN.includes(fault.name) ? ownField(fault.name, change) : fault.name;
      faults.set(name, { ...fault, name });
    }
    return [];
  });
  return { certificates, faults: [...faults.values()] };
};
