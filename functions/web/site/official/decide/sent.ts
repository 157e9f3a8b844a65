import { localDateOf } from '../../../../../domain/kernel/zone.ts';
import { type Fault, type Input, readForm } from '../../forms/input.ts';
import { namedSeats } from '../../names.ts';
import { type ReadCertificate, type ReadDecision, readCertificate, readDecision } from './read.ts';
import type { Situation } from './situation.ts';

const COMMON = ['revision', 'digest', 'comment', 'until', 'audience', 'conditions'];
const CERTIFICATE = ['purpose', 'fileNumber', 'meetingDate', 'mover', 'seconder', 'minutesUrl', 'minutesSha256', ...COMMON];

/** The seats of the body that is asked, named by who holds them on a day. */
export const seatsOn = ({ roster, requirement }: Situation, localDate: string) =>
  roster === null || requirement === undefined ? [] : namedSeats(roster, requirement.body, localDate);

/** A decision as it was sent: what was typed, and what it says or what is wrong with it. */
export type Sent = { readonly input: Input } & (
  | { readonly ok: true; readonly value: ReadDecision | ReadCertificate }
  | { readonly ok: false; readonly faults: readonly Fault[] }
);

/** Reads the form of a decision or of a certificate, whichever the link is for. `also`: fields that another step adds. */
export const readSent = (situation: Situation, body: Uint8Array, also: readonly string[] = []): Sent => {
  const certifies = situation.requirement?.instrument === 'certification';
  const seats = seatsOn(situation, localDateOf(situation.now, situation.zone));
  const votes = new Set(seats.map(({ seat }) => `vote.${seat}`));
  const known = (name: string): boolean =>
    also.includes(name) ||
    (certifies ? CERTIFICATE.includes(name) || votes.has(name) : name === 'decision' || COMMON.includes(name));
  const { input, faults } = readForm(body, known, ['audience']);
  const day = input.get('meetingDate')?.[0] ?? '';
  const called = /^\d{4}-\d\d-\d\d$/.test(day) ? seatsOn(situation, day) : seats;
  const read = certifies ? readCertificate(input, called, situation.zone) : readDecision(input, situation.zone);
  if (read.ok && faults.length === 0) return { input, ok: true, value: read.value };
  return { input, ok: false, faults: [...faults, ...(read.ok ? [] : read.faults)] };
};
