import type { Assertion } from '../../../domain/kernel/assertion.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { type RedactionCommand, redactionDecider, redactionStream } from '../../../domain/redaction/decide.ts';
import { certify, day, notify } from '../feature/support.ts';
import { city, type Log } from './log.ts';

const comment = digestOf('a comment');
const place = {
  what: 'text',
  stream: 'feature/acme',
  version: 2,
  key: 'acme',
  change: 1,
  commitment: comment,
  reason: 'mistake',
} as const;
export const STREAM = redactionStream(comment);
export const CLERK_SEAT = { holder: 'clerk', body: 'clerk', seat: 'clerk' };

const order = (at: string) => ({ at, by: 'token:records', authority: 'Records Act', fileNumber: '26-7' });

const ordered = (log: Log, command: RedactionCommand, actor: string): Log =>
  log.decide(STREAM, redactionDecider, command, { at: command.at, actor });

export const withhold = (log: Log, at: string): Log =>
  ordered(log, { type: 'withholdText', ...place, ...order(at) }, 'token:records');
export const disclose = (log: Log, at: string): Log =>
  ordered(log, { type: 'discloseText', commitment: comment, ...order(at) }, 'token:records');
/** Asks for the disposal by the token of this person. */
export const askDisposal = (log: Log, at: string, person: string | null = 'mayor'): Log =>
  ordered(log, { type: 'requestDisposal', ...place, ...order(at), person }, 'token:records');

/** Returns the name of the disposal that waits. */
export const requested = (log: Log): string => log.stateOf(STREAM, redactionDecider)?.request?.name ?? '';

export const dispose = (log: Log, at: string, assertion?: Assertion, by = CLERK_SEAT): Log => {
  const { roster, handovers } = log.rules;
  return ordered(
    log,
    {
      type: 'confirmDisposal',
      at,
      request: requested(log),
      ...by,
      when: localMoment(at, 'UTC'),
      roster,
      handovers: handovers ?? [],
      passkeyAsked: false,
      ...(assertion !== undefined && { assertion }),
    },
    `holder:${by.holder}`,
  );
};

/** A vote whose certificate has a comment, and the mayor's token for records. */
export const commented = (log = city()): Log =>
  log.token('records', 'mayor', 'admin').feat(notify(day(0), 1), certify(day(10), 1, { comment }));

/** A text withheld, shown again, withheld, and disposed of by a second person. */
export const redacted = (log: Log): Log => {
  let after = log;
  for (const step of [withhold, disclose, withhold]) after = step(after, day(12));
  return dispose(askDisposal(after, day(13)), day(14));
};
