import type { Commit } from '../kernel/commit.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { RedactionEvent } from '../redaction/events.ts';
import { type City, tokenPermits } from './city.ts';
import { nameIn, only } from './streams.ts';
import { must } from './verdict.ts';

// What an order hides: a text, a notice or a document at one place, withheld and shown again.

type Event<T extends RedactionEvent['type']> = Extract<RedactionEvent, { type: T }>;
type Effect = () => void;

const FEATURE = 'feature/';
/** Characters of a digest that tell it from every other of one commit. */
const DIGEST_CHARS = 24;

const nameOf = (stream: string, version: number, what: string, digest: string): string =>
  `${stream}@${version} ${what} ${digest.slice('sha256:'.length).slice(0, DIGEST_CHARS)}`;

const spotOf = (key: string | null, change: number | null): string => (key === null ? 'roster' : `${key}/${change}`);

const namedByFeature = (event: JsonObject): { readonly what: string; readonly digest: unknown; readonly revision: unknown }[] => {
  const { type, digest, sha256, comment, reason, note, revision = 1, notice } = event;
  switch (type) {
    case 'ChangeNotified':
    case 'ChangeRevised': {
      const { documents } = notice as { readonly documents: readonly JsonObject[] };
      const hashed = documents.flatMap(({ sha256: hex }) => (typeof hex === 'string' ? [`sha256:${hex}`] : []));
      return [{ what: 'notice', digest, revision }, ...hashed.map((each) => ({ what: 'document', digest: each, revision }))];
    }
    case 'ChangeWithdrawn':
      return [{ what: 'notice', digest, revision: null }];
    case 'DocumentAttached':
      return [{ what: 'document', digest: sha256, revision }];
    default:
      return [
        { what: 'text', digest: comment, revision },
        { what: 'text', digest: note, revision },
        { what: 'text', digest: reason, revision: null },
      ];
  }
};

/** Records what a commit that stands names by digest, and at which place: that alone can be withheld. */
export const rememberNamed = ({ named }: City, { stream, version, events }: Commit): void => {
  const record = (what: string, digest: unknown, spot: string, revision: unknown): void => {
    const part = typeof revision === 'number' ? String(revision) : '';
    if (typeof digest === 'string') named.set(nameOf(stream, version, what, digest), `${spot}/${part}`);
  };
  for (const event of events) {
    if (stream.startsWith(FEATURE)) {
      const spot = spotOf(stream.slice(FEATURE.length), event['change'] as number);
      for (const { what, digest, revision } of namedByFeature(event)) record(what, digest, spot, revision);
    } else if (stream === 'revocation')
      record('text', event['reason'], spotOf(event['key'] as string, event['change'] as number), null);
    else if (stream === 'roster') record('text', event['reason'], spotOf(null, null), null);
  }
};

const mustStandThere = ({ named }: City, event: Event<'TextWithheld'>): void => {
  const { stream, version, what, commitment, key, change, revision } = event;
  const spot = spotOf(key, change);
  const there = named.get(nameOf(stream, version, what, commitment));
  const isThere = revision === null ? there?.startsWith(`${spot}/`) : there === `${spot}/${revision}`;
  must(isThere === true, 'redaction', `${stream}@${version} names no such ${what} at ${spot}/${revision ?? ''}`);
};

export const judgeRedaction = (city: City, commit: Commit, events: readonly RedactionEvent[]): Effect => {
  const event = only(events, commit);
  const { commitment, by, at, key, change, revision } = event;
  must(nameIn(commit.stream) === commitment.slice('sha256:'.length), 'stream', 'the redaction is of another text');
  must(by === commit.actor, 'actor', `${commit.actor} orders in the name of ${by}`);
  must(tokenPermits(city, by, 'admin', at), 'actor', `${by} redacts nothing`);
  must((key === null) === (change === null), 'redaction', 'a place is a change or the roster');
  const order = `${commitment} ${spotOf(key, change)}/${revision ?? ''}`;
  const known = city.redactions.get(order);
  if (event.type === 'TextDisclosed') {
    must(known !== undefined, 'redaction', 'the text is not withheld there');
    return () => void city.redactions.delete(order);
  }
  must(known === undefined || (known === 'there' && event.everywhere), 'already-decided', 'the text is withheld there');
  mustStandThere(city, event);
  return () => void city.redactions.set(order, event.everywhere ? 'everywhere' : 'there');
};
