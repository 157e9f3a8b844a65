import { seenIn } from '../../../domain/derived/drift.ts';
import { atMoment, emptyRecord } from '../../../domain/derived/fold.ts';
import type { DriftCase, KeyAnswer, KeyRecord } from '../../../domain/derived/record.ts';
import { kindOf, type SourcePlace } from '../../../domain/derived/sources.ts';
import type { ReportedFacts } from '../../../domain/observation/report.ts';
import { readPolicies } from '../../gate/aggregates.ts';
import { type Heads, headsOfKeys } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readKeyRecord } from './lists.ts';

/** A key that is on beyond what is approved once a report is folded. `answer`: what is approved now. */
export interface DriftAfterReport {
  readonly key: string;
  readonly drift: DriftCase;
  readonly answer: KeyAnswer;
}

const openCase = ({ cases }: Pick<KeyRecord, 'cases'>): DriftCase | undefined => cases.find(({ until }) => until === null);

/**
 * Returns what follows of a report for the keys that it names, by the fold itself, without writing: the cases of drift that are open then, and
 * the keys whose case it closes. What is stored may lag behind the log by some seconds.
 */
export const driftAfterReport = async (
  ports: Pick<GatePorts, 'store' | 'sideStore' | 'clock' | 'zone'>,
  place: SourcePlace,
  { features, observedAt, evidence, note }: ReportedFacts,
  person: string | null,
): Promise<{ readonly drift: readonly DriftAfterReport[]; readonly closed: readonly string[] }> => {
  const { inForce } = await readPolicies(ports);
  const { kind, named } = kindOf(inForce?.policy.observe?.sources ?? {}, place);
  const heads = await headsOfKeys(ports, Object.keys(features));
  const folded = await Promise.all(
    Object.entries(features).map(async ([key, value]) => {
      const { heads: own, at }: Heads = heads.get(key) ?? { heads: [], at: ports.clock() };
      const stored = await readKeyRecord(ports.sideStore, key);
      const moment = { sequence: (stored?.sequence ?? -1) + 1, at, zone: ports.zone };
      const { source, attested } = place;
      const report = { source, attested, kind, named, person, at, observedAt, evidence, note, seen: seenIn(value) };
      const after = atMoment(stored ?? emptyRecord(key, moment), own, moment, report);
      return { key, before: stored && openCase(stored), after };
    }),
  );
  return {
    drift: folded.flatMap(({ key, after }) => {
      const drift = openCase(after);
      return drift === undefined || after.answer === null ? [] : [{ key, drift, answer: after.answer }];
    }),
    closed: folded.flatMap(({ key, before, after }) => (before !== undefined && openCase(after) === undefined ? [key] : [])),
  };
};
