import { mayBeOn } from '../../../domain/feature/evaluate.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import type { ObservationEvent } from '../../../domain/observation/events.ts';
import { observationStream } from '../../../domain/observation/state.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { observationAggregate, rosterAggregate } from '../../gate/aggregates.ts';
import { evaluateKeys } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { MailWords } from '../../platform/mail/vocabulary.ts';
import { momentOf } from '../../platform/mail/when.ts';
import { eventsOf, load } from '../../platform/store/load.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { clerksOf, type Draft, type Recipient } from './draft.ts';
import { type PostPorts, post } from './post.ts';

/** The answers to be compared with an observation, and a way to send mail. */
export interface DriftPorts extends Pick<GatePorts, 'store' | 'end' | 'zone'>, PostPorts {}

/** Side kind: the keys about which a mail has left and that have been on without permission ever since, by key. */
const MAILED = 'drift-mailed';
const KEYS_IN_A_MAIL = 20;

/** A key that was seen on and may not be. */
interface Sighting {
  readonly key: string;
  readonly observedAt: string;
  readonly source: string;
}

interface DriftPlace {
  readonly vendor: string;
  readonly zone: string;
  readonly url: string;
}

const driftLetter = (words: MailWords, sightings: readonly Sighting[], { vendor, zone, url }: DriftPlace): Letter => {
  const [first] = sightings;
  const key = first?.key ?? '';
  const n = sightings.length;
  const listed = sightings.slice(0, KEYS_IN_A_MAIL).map((sighting) =>
    fillText(words.drift.feature, {
      key: sighting.key,
      when: momentOf(words, sighting.observedAt, zone),
      source: sighting.source,
    }),
  );
  const more = n > KEYS_IN_A_MAIL ? [fillText(words.weekly.more, { n: n - KEYS_IN_A_MAIL })] : [];
  return {
    subject: fillCount(words.locale, words.drift.subject, n, { key, more: n - 1 }),
    paragraphs: [
      fillCount(words.locale, words.drift.lead, n, { vendor }),
      { list: [...listed, ...more] },
      words.drift.means,
      words.drift.once,
      { text: words.drift.page, url: n === 1 ? `${url}/features/${key}` : `${url}/vendors/${vendor}` },
    ],
  };
};

const driftDrafts = (sightings: readonly Sighting[], roster: Roster | null, place: DriftPlace, now: string): readonly Draft[] => {
  const clerks = roster === null ? [] : clerksOf(roster, localDateOf(now, place.zone));
  const recipients: readonly Recipient[] = [...clerks.map((holder) => ({ holder })), 'it'];
  return recipients.map((to) => ({
    to,
    purpose: 'drift',
    target: null,
    change: null,
    revision: null,
    write: (words) => driftLetter(words, sightings, place),
  }));
};

/**
 * Mails the clerks and IT about keys that an observation shows on without permission: once for each key until it is seen off, or
 * approved, and then on without permission again. What a later observation has overtaken is not mailed.
 */
export const mailDrift = async (ports: DriftPorts, commit: StoredCommit): Promise<void> => {
  const { id } = commitOf(commit);
  const vendor = commit.stream.slice(observationStream('').length);
  const { state } = await load(ports.store, observationAggregate, commit.stream);
  const keys = eventsOf(observationAggregate, commit).flatMap((event: ObservationEvent) => Object.keys(event.features));
  const evaluations = await evaluateKeys(ports, keys, {});
  const sightings: Sighting[] = [];
  for (const key of keys) {
    const seen = state.features[key];
    const drifts = seen?.on === true && !mayBeOn(evaluations.get(key)?.variant ?? 'unknown');
    const mailed = (await ports.sideStore.get(MAILED, key)) !== undefined;
    if (!drifts && mailed) await ports.sideStore.remove(MAILED, key);
    if (drifts && !mailed) sightings.push({ key, observedAt: seen.observedAt, source: seen.source });
  }
  if (sightings.length === 0) return;
  ports.log({ level: 'error', event: 'on without permission', vendor, keys: sightings.map(({ key }) => key) });
  const { inForce } = (await load(ports.store, rosterAggregate, ROSTER_STREAM)).state;
  const place = { vendor, zone: ports.zone, url: ports.url };
  await post(ports, `drift/${id}`, driftDrafts(sightings, inForce?.roster ?? null, place, ports.clock()));
  for (const { key, observedAt } of sightings) await ports.sideStore.put(MAILED, key, { since: observedAt });
};
