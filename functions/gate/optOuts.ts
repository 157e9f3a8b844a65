import { randomBytes } from 'node:crypto';
import type { FeatureRejection } from '../../domain/feature/commands.ts';
import { changeId } from '../../domain/feature/keys.ts';
import type { OptOutView } from '../../domain/feature/view.ts';
import type { Rejection } from '../../domain/kernel/decider.ts';
import type { Evidence } from '../../domain/observation/events.ts';
import type { StoreRejection } from '../platform/store/submit.ts';
import { orderFeature } from './feature.ts';
import type { GatePorts } from './ports.ts';
import { keepText, readText, removeText } from './texts.ts';

const SALT_KEY_BYTES = 32;

/** What a person of the city says of a wording: that it was opted out of at the vendor. `note`: where it was set, as plain text. */
export interface OptOutReport {
  readonly key: string;
  readonly n: number;
  readonly revision: number;
  readonly digest: string;
  readonly note: string;
  readonly evidence: Evidence | null;
  /** Of the token; one without a person records nothing. */
  readonly caller: { readonly name: string; readonly person: string };
}

/** `ok`: it is on record. */
type OptOutOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly rejection: Rejection<FeatureRejection | StoreRejection> };

/** Reports whether the newest record says the same: the same person, evidence and note. */
const isRecorded = async (
  ports: GatePorts,
  { key, n, revision, note, evidence, caller }: OptOutReport,
  known: OptOutView | null,
): Promise<boolean> => {
  const last = known?.records.at(-1);
  if (last === undefined || last.person !== caller.person || last.evidence?.sha256 !== evidence?.sha256) return false;
  if (last.evidence?.title !== evidence?.title) return false;
  const place = { key, change: n, revision, commitment: last.note };
  return (await readText(ports, { ...place, audience: 'officials' }))?.text === note;
};

/**
 * Records that the city opted out of a wording, unless `known`, what is recorded of the change, ends with the same. The note is stored as
 * officials' texts are, under a random salt, so that a repeat is another command; it is removed again if the record is refused.
 */
export const recordOptOut = async (ports: GatePorts, report: OptOutReport, known: OptOutView | null): Promise<OptOutOutcome> => {
  if (await isRecorded(ports, report, known)) return { ok: true };
  const { key, n, revision, digest, note: text, evidence, caller } = report;
  const note = await keepText(ports, randomBytes(SALT_KEY_BYTES), `${changeId(key, n)}/opt-out`, text);
  const done = await orderFeature(ports, {
    key,
    commandId: `opt-out/${changeId(key, n)}/${note.slice('sha256:'.length)}`,
    actor: `token:${caller.name}`,
    request: { type: 'opt-out', change: n, revision, digest, note, evidence, person: caller.person },
  });
  if (!done.ok) await removeText(ports, note);
  return done;
};
