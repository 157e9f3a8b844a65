import * as z from 'zod';
import { mayBeOn } from '../../../domain/feature/evaluate.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { observationStream } from '../../../domain/observation/state.ts';
import { observationAggregate, readRosters } from '../../gate/aggregates.ts';
import { evaluateKeys } from '../../gate/heads.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { eventsOf, load } from '../../platform/store/load.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { clerksOf, type Draft, type Recipient } from './draft.ts';
import { type PostPorts, post } from './post.ts';

export interface DriftPorts extends PostPorts {
  readonly store: Store;
  readonly zone: string;
  /** Undefined if the city has no such address. */
  readonly itMail: string | undefined;
}

/** Side kind: keys that are on without permission, with the event whose mail is about them; removed when they are off or approved. */
const MAILED = 'drift-mailed';
const Mailed = strictObject(() => ({ event: z.string() }));
const KEYS_IN_A_MAIL = 20;

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
      when: mailTimes(words, zone).dateTime(sighting.observedAt),
      source: sighting.source,
    }),
  );
  const more = n > KEYS_IN_A_MAIL ? [fillText(words.weekly.more, { n: n - KEYS_IN_A_MAIL })] : [];
  return {
    subject: fillCount(words.locale, words.drift, 'subject', n, { key, more: n - 1 }),
    paragraphs: [
      fillCount(words.locale, words.drift, 'lead', n, { vendor }),
      { list: [...listed, ...more] },
      words.drift.means,
      words.drift.once,
      { text: words.drift.page, url: n === 1 ? `${url}/features/${key}` : `${url}/vendors/${vendor}` },
    ],
  };
};

const driftDrafts = (sightings: readonly Sighting[], recipients: readonly Recipient[], place: DriftPlace): readonly Draft[] =>
  recipients.map((to) => ({
    to,
    purpose: 'drift',
    write: (words) => driftLetter(words, sightings, place),
  }));

/** The clerks in office, and IT. */
export const clerksAndIt = async (
  ports: Pick<DriftPorts, 'store' | 'clock' | 'zone' | 'itMail'>,
): Promise<readonly Recipient[]> => {
  const { inForce } = await readRosters(ports);
  const today = localMoment(ports.clock(), ports.zone);
  const clerks = inForce === null ? [] : clerksOf(inForce.roster, today);
  return [...clerks.map((holder) => ({ holder })), ...(ports.itMail === undefined ? [] : [{ itMail: ports.itMail }])];
};

/**
 * Records the keys before their mail leaves: a repeat of the event finds the same ones, and later events none until a key was off or
 * approved in between.
 */
const sightingsOf = async (ports: DriftPorts, commit: StoredCommit, event: string): Promise<readonly Sighting[]> => {
  const { state } = await load(ports.store, observationAggregate, commit.stream);
  const keys = eventsOf(observationAggregate, commit).flatMap(({ features }) => Object.keys(features));
  const evaluations = await evaluateKeys(ports, keys, {});
  const sightings: Sighting[] = [];
  for (const key of keys) {
    const seen = state.features[key];
    const mailed = Mailed.safeParse(await ports.sideStore.get(MAILED, key)).data;
    if (seen?.on !== true || mayBeOn(evaluations.get(key)?.variant ?? 'unknown')) {
      if (mailed !== undefined) await ports.sideStore.remove(MAILED, key);
      continue;
    }
    if (mailed !== undefined && mailed.event !== event) continue;
    if (mailed === undefined) await ports.sideStore.put(MAILED, key, { event });
    sightings.push({ key, observedAt: seen.observedAt, source: seen.source });
  }
  return sightings;
};

/**
 * Mails the clerks and IT about keys that are on without permission: once for each until it was seen off, or approved. A value that a
 * later observation has replaced is not mailed.
 */
export const mailDrift = async (ports: DriftPorts, commit: StoredCommit): Promise<void> => {
  const event = `drift/${commitOf(commit).id}`;
  const vendor = commit.stream.slice(observationStream('').length);
  const sightings = await sightingsOf(ports, commit, event);
  if (sightings.length === 0) return;
  ports.logger({ level: 'error', event: 'on without permission', vendor, keys: sightings.map(({ key }) => key) });
  await post(ports, event, driftDrafts(sightings, await clerksAndIt(ports), { vendor, zone: ports.zone, url: ports.url }));
};
