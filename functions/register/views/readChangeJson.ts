import { featureStream } from '../../../domain/feature/keys.ts';
import { Notice } from '../../../domain/feature/notice.ts';
import type { RevisionView } from '../../../domain/feature/view.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import { isHidden } from '../../../domain/redaction/state.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRedaction } from '../../gate/redactions.ts';
import { readRules } from '../../gate/rules.ts';
import { readHidden } from '../../gate/texts.ts';
import type { Store } from '../../platform/store/port.ts';
import { type ChangeReading, presentChange, readChange } from '../read.ts';
import { type ChangeJson, changeJson, latestOf } from './changeJson.ts';
import type { Today } from './requirements.ts';

/**
 * Returns a notice in full, as it was sent, from beside the commit that its revision names; undefined if it is missing, is not a notice,
 * or is withheld by an order. The store has checked the bytes against their digest. The text is the vendor's and attacker-controlled.
 */
export const noticeOf = async (
  store: Store,
  key: string,
  { words, digest }: Pick<RevisionView, 'words' | 'digest'>,
): Promise<Notice | undefined> => {
  const [[record], order] = await Promise.all([
    store.history(featureStream(key), { after: words - 1, upTo: words, limit: 1 }),
    readRedaction(store, digest),
  ]);
  if (isHidden(order)) return undefined;
  const attachment = record?.attachments.find(({ sha256 }) => sha256 === digest);
  const parsed = attachment === undefined ? undefined : parseStrict(attachment.bytes);
  return parsed?.ok ? Notice.safeParse(parsed.value).data : undefined;
};

/** Returns the instant, the zone and the roster that requirements are counted by. */
export const todayOf = async (ports: GatePorts): Promise<Today> => {
  const { roster } = await readRules(ports);
  return { now: ports.clock(), zone: ports.zone, roster: roster?.roster ?? null };
};

/** Returns the API's answer for a change that was read, as of now, with its notice in full, or what withholds it. `checkpoint`: the newest of the public log. */
export const changeAnswer = async (
  ports: GatePorts,
  { view, state }: ChangeReading,
  checkpoint: string | undefined,
): Promise<ChangeJson> => {
  const latest = latestOf(view);
  const [today, words, hidden] = await Promise.all([
    todayOf(ports),
    noticeOf(ports.store, view.key, latest),
    readHidden(ports, [latest.digest, ...view.documents.map(({ sha256 }) => sha256)]),
  ]);
  return changeJson(presentChange(view, state, today.now), today, { words, hidden, checkpoint });
};

/** Reads a change as the API returns it; undefined if it does not exist. Throws CorruptStore if its stream cannot be read. */
export const readChangeJson = async (
  ports: GatePorts,
  key: string,
  n: number,
  checkpoint: string | undefined,
): Promise<ChangeJson | undefined> => {
  const reading = await readChange(ports, key, n);
  return reading === undefined ? undefined : changeAnswer(ports, reading, checkpoint);
};
