import type { Assertion } from '../../../domain/kernel/assertion.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { type RedactionCommand, redactionDecider, redactionStream } from '../../../domain/redaction/decide.ts';
import type { Redaction } from '../../../domain/redaction/state.ts';
import { certify, day, notify } from '../feature/support.ts';
import { city, type Log } from './log.ts';

const comment = digestOf('a comment');
/** The text that an order is about: where the log names it, and its commitment. */
type Place = Pick<Redaction, 'stream' | 'version' | 'key' | 'change' | 'commitment'>;
const COMMENT: Place = { stream: 'feature/acme', version: 2, key: 'acme', change: 1, commitment: comment };
export const STREAM = redactionStream(comment);
export const CLERK_SEAT = { holder: 'clerk', body: 'clerk', seat: 'clerk' };

const order = (at: string) => ({ at, by: 'token:records', authority: 'Records Act', fileNumber: '26-7' });

/** Orders about one text, by the token `records`, and the confirmation of its disposal by a clerk. */
const ordersAbout = (text: Place) => {
  const place = { what: 'text', reason: 'mistake', ...text } as const;
  const stream = redactionStream(text.commitment);
  const ordered = (log: Log, command: RedactionCommand, actor = 'token:records'): Log =>
    log.decide(stream, redactionDecider, command, { at: command.at, actor });

  const withhold = (log: Log, at: string): Log => ordered(log, { type: 'withholdText', ...place, ...order(at) });
  const disclose = (log: Log, at: string): Log =>
    ordered(log, { type: 'discloseText', commitment: text.commitment, ...order(at) });
  /** Asks for the disposal by the token of this person. */
  const askDisposal = (log: Log, at: string, person: string | null = 'mayor'): Log =>
    ordered(log, { type: 'requestDisposal', ...place, ...order(at), person });
  /** Returns the name of the disposal that waits. */
  const requested = (log: Log): string => log.stateOf(stream, redactionDecider)?.request?.name ?? '';
  const dispose = (log: Log, at: string, assertion?: Assertion, by = CLERK_SEAT): Log => {
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
  return { withhold, disclose, askDisposal, requested, dispose };
};
export const { withhold, disclose, askDisposal, requested, dispose } = ordersAbout(COMMENT);

/** A vote whose certificate has a comment, and the mayor's token for records. */
export const commented = (log = city()): Log =>
  log.token('records', 'mayor', 'admin').feat(notify(day(0), 1), certify(day(10), 1, { comment }));

/** A text withheld, shown again, withheld, and disposed of by a second person, from day `from` on; by default a vote's comment. */
export const redacted = (log: Log, text: Place = COMMENT, from = 12): Log => {
  const orders = ordersAbout(text);
  let after = log;
  for (const step of [orders.withhold, orders.disclose, orders.withhold]) after = step(after, day(from));
  return orders.dispose(orders.askDisposal(after, day(from + 1)), day(from + 2));
};

/** The first reason in a stream, {@link redacted} from day `from` on. */
export const reasonRedacted = (log: Log, named: Pick<Place, 'stream' | 'key' | 'change'>, from: number): Log => {
  const [found] = log.commits.flatMap(({ stream, version, events: [event] }) =>
    stream === named.stream && typeof event?.['reason'] === 'string' ? [{ version, commitment: event['reason'] }] : [],
  );
  if (found === undefined) throw new Error(`${named.stream} names no reason`);
  return redacted(log.token('records', 'mayor', 'admin', day(from)), { ...named, ...found }, from);
};
