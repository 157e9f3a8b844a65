import { canonical } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { digestOf } from '../kernel/digest.ts';
import type { RedactionEvent } from '../redaction/events.ts';
import { type City, mustBeProven, passkeyRule, type RedactionCase, rosterInForce, tokenPermits } from './city.ts';
import { mustNotBeSuspended } from './handover.ts';
import { mustProveDisposal } from './passkeys.ts';
import { bodiesAttestedBy } from './rosterConfirmers.ts';
import { mustHold } from './sitting.ts';
import { nameIn, only } from './streams.ts';
import { must, mustBeHolder } from './verdict.ts';

// What an order hides: a text, a notice or a document, withheld and disclosed again; a text disposed of by two persons.

type Event<T extends RedactionEvent['type']> = Extract<RedactionEvent, { type: T }>;
type Effect = () => void;

/**
 * Judges the next order about one text, notice or document, or the confirmation of a disposal. `versionOf`: the newest version of a stream,
 * in which the commit that names it must be.
 */
export const judgeRedaction = (
  city: City,
  commit: Commit,
  events: readonly RedactionEvent[],
  { zone, versionOf }: { readonly zone: string; readonly versionOf: (stream: string) => number },
): Effect => {
  const event = only(events, commit);
  const { commitment } = event;
  must(nameIn(commit.stream) === commitment.slice('sha256:'.length), 'stream', 'the redaction is of another text');
  const known = city.redactions.get(commitment);
  must(known?.status !== 'disposed', 'already-decided', 'the text is gone');
  const next = event.type === 'TextDisposed' ? disposed(city, commit, event, known, zone) : ordered(city, commit, event, known);
  if (event.type === 'TextWithheld' || event.type === 'DisposalRequested') {
    const there = event.version <= versionOf(event.stream) && canName(city, event);
    must(there, 'redaction', `${event.stream}@${event.version} names nothing of ${event.key ?? 'no feature'}`);
  }
  return () => {
    city.redactions.set(commitment, next);
    if (event.type === 'TextDisposed' && event.assertion !== undefined) city.passkeys.spend(event.assertion, event.at);
  };
};

/** Reports whether the stream that an order names can name what the order is about. */
const canName = (city: City, { what, stream, key, change, commitment }: Event<'TextWithheld' | 'DisposalRequested'>): boolean => {
  if (key === null || change === null) return stream === 'roster' && key === change && what === 'text';
  if (stream !== 'revocation') return stream === `feature/${key}` && change <= (city.features.get(key)?.count ?? 0);
  const recorded = [...city.revocations.values()].some(
    (event) => event.key === key && event.change === change && event.reason === commitment,
  );
  return recorded && what === 'text';
};

/** Judges an order by a token that may give it, in an order that makes sense. */
const ordered = (
  city: City,
  { actor }: Commit,
  event: Event<'TextWithheld' | 'TextDisclosed' | 'DisposalRequested'>,
  known: RedactionCase | undefined,
): RedactionCase => {
  const { by, at } = event;
  must(by === actor, 'actor', `${actor} orders in the name of ${by}`);
  const person = event.type === 'DisposalRequested' ? event.person : undefined;
  must(tokenPermits(city, actor, 'admin', at, person), 'actor', `${actor} redacts nothing, or not for this person`);
  const status = known?.status ?? 'disclosed';
  switch (event.type) {
    case 'TextWithheld':
      must(status === 'disclosed', 'already-decided', 'the text is withheld');
      return { status: 'withheld' };
    case 'TextDisclosed':
      must(status !== 'disclosed', 'redaction', 'the text is not withheld');
      return { status: 'disclosed' };
    case 'DisposalRequested':
      must(event.what === 'text', 'redaction', 'only a text can be disposed of');
      must(status !== 'requested', 'already-decided', 'a disposal waits');
      return { status: 'requested', request: digestOf(canonical(event)), person: event.person };
  }
};

/** Judges the confirmation of a disposal: by a clerk who sat then, other than the person who asked, with a passkey where one is asked for. */
const disposed = (
  city: City,
  { actor }: Commit,
  event: Event<'TextDisposed'>,
  known: RedactionCase | undefined,
  zone: string,
): RedactionCase => {
  const { at, holder, body } = event;
  must(known?.status === 'requested' && known.request === event.request, 'no-act', 'no such disposal was asked for');
  mustBeHolder(actor, holder);
  const version = rosterInForce(city, event.roster, at);
  mustHold(version, event, { at, zone });
  must(bodiesAttestedBy(version.roster, body).length > 0, 'redaction', `${holder} is not a clerk`);
  must(known.person !== holder, 'same-person', `${holder} asked for the disposal`);
  mustNotBeSuspended(city, holder, at);
  mustBeProven(city, event, [passkeyRule(city)], (assertion) => mustProveDisposal(event, assertion));
  return { status: 'disposed' };
};
