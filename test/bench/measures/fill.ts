import { randomUUID } from 'node:crypto';
import type { FeatureCommand } from '../../../domain/feature/commands.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import { factsOf } from '../../../domain/feature/notice.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { featureAggregate } from '../../../functions/gate/aggregates.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { newRecord } from '../../../functions/platform/store/record.ts';
import { provenanceAt } from '../city.ts';
import { VENDOR } from '../vendor.ts';

/** Commits that share a transaction while a stream is filled. */
const BATCH = 256;
const UNBOUND = { zone: 'UTC', policy: null, roster: null };
const NOTICE = { kind: 'update', title: 'An update', summary: 'Says what it does in plain words.', optOut: 'yes' } as const;

const commandOf = (key: string, at: string, version: number): FeatureCommand => {
  const change = Math.ceil(version / 2);
  if (version % 2 === 0)
    return { type: 'withdraw', ...UNBOUND, at, change, digest: digestOf(`${key}/${change}`), provenance: provenanceAt(at) };
  const read = factsOf({ feature: key, ...NOTICE }, 'UTC');
  if (!read.ok) throw new Error(`broken invariant: ${read.detail}`);
  const digest = digestOf(`${key}/${change}`);
  const provenance = provenanceAt(at);
  return {
    type: 'notify',
    ...UNBOUND,
    at,
    key,
    command: digest.slice(7, 23),
    revises: null,
    digest,
    notice: read.facts,
    provenance,
  };
};

/**
 * Gives a feature's stream a history of `length` commits: notices, each withdrawn by the next commit. Straight to the store, in
 * whole batches, so that a long one takes seconds; decided, encoded and chained as any other.
 */
export const fill = async (store: Store, key: string, length: number, at: string): Promise<void> => {
  const { decider, stateVersion } = featureAggregate;
  const stream = featureStream(key);
  let [state, prev]: [typeof decider.initialState, string | null] = [decider.initialState, null];
  let waiting: Promise<unknown>[] = [];
  for (let version = 1; version <= length; version += 1) {
    const decided = decider.decide(commandOf(key, at, version), state);
    if (!decided.ok) throw new Error(`refused: ${decided.rejection.detail}`);
    state = decided.events.reduce(decider.evolve, state);
    const record = newRecord(
      {
        stream,
        version,
        id: randomUUID(),
        commandId: `fill-${version}`,
        at,
        actor: `vendor:${VENDOR}`,
        prev,
        events: decided.events as unknown as readonly JsonObject[],
      },
      { state: canonical(state), stateVersion, attachments: [] },
    );
    prev = hashOf(record.bytes);
    waiting.push(store.append(record));
    if (waiting.length === BATCH || version === length) {
      await Promise.all(waiting);
      waiting = [];
    }
  }
};
