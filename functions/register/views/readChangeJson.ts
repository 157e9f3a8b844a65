import { featureStream } from '../../../domain/feature/keys.ts';
import { Notice } from '../../../domain/feature/notice.ts';
import type { ChangeView, RevisionView } from '../../../domain/feature/view.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import type { Place, Redaction } from '../../../domain/redaction/state.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readHiding } from '../../gate/redactions.ts';
import { readRules } from '../../gate/rules.ts';
import { type Audience, readHidden } from '../../gate/texts.ts';
import type { Store } from '../../platform/store/port.ts';
import { type ChangeReading, presentChange, readChange } from '../read.ts';
import { type ChangeJson, changeJson, latestOf } from './changeJson.ts';
import type { Today } from './requirements.ts';

/**
 * Returns a notice in full, as it was sent, from beside the commit that its revision names; undefined if it is missing or is not a notice.
 * `redaction`: the order that withholds it from the public; then officials alone get the notice. The store has checked the bytes against
 * their digest. The text is the vendor's and attacker-controlled.
 */
export const noticeOf = async (
  store: Store,
  { key, number: change }: Pick<ChangeView, 'key' | 'number'>,
  { words, digest, revision }: Pick<RevisionView, 'words' | 'digest' | 'revision'>,
  audience: Audience,
): Promise<{ readonly notice?: Notice | undefined; readonly redaction?: Redaction | undefined }> => {
  const [[record], redaction] = await Promise.all([
    store.history(featureStream(key), { after: words - 1, upTo: words, limit: 1 }),
    readHiding(store, digest, { key, change, revision }),
  ]);
  if (redaction !== undefined && audience === 'public') return { redaction };
  const attachment = record?.attachments.find(({ sha256 }) => sha256 === digest);
  const parsed = attachment === undefined ? undefined : parseStrict(attachment.bytes);
  return { notice: parsed?.ok ? Notice.safeParse(parsed.value).data : undefined, redaction };
};

/** Returns the places of a change's newest notice and of its documents, which are attached to that revision. */
export const withholdableOf = (view: ChangeView): readonly (Place & { readonly commitment: string })[] => {
  const { digest, revision } = latestOf(view);
  const place = { key: view.key, change: view.number, revision };
  return [digest, ...view.documents.map(({ sha256 }) => sha256)].map((commitment) => ({ ...place, commitment }));
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
  const [today, { notice }, hidden] = await Promise.all([
    todayOf(ports),
    noticeOf(ports.store, view, latest, 'public'),
    readHidden(ports, withholdableOf(view)),
  ]);
  return changeJson(presentChange(view, state, today.now), today, { words: notice, hidden, checkpoint });
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
