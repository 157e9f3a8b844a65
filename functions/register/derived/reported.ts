import {
  type Closers,
  closersOf,
  isAwaitingSource,
  openCaseOf,
  reportsKeepingOpen,
  toSeen,
} from '../../../domain/derived/cases.ts';
import { atMoment, emptyRecord } from '../../../domain/derived/fold.ts';
import type { DriftCase, KeyAnswer, Report } from '../../../domain/derived/record.ts';
import { kindOf, type SourcePlace } from '../../../domain/derived/sources.ts';
import type { ReportedFacts } from '../../../domain/observation/decide.ts';
import { readPolicies } from '../../gate/aggregates.ts';
import { type Heads, headsOfKeys } from '../../gate/heads.ts';
import { type Attestation, attest, type ReportOutcome, recordReport, type TokenReport } from '../../gate/observations.ts';
import type { GatePorts } from '../../gate/ports.ts';
import type { SubmitPorts } from '../../platform/store/submit.ts';
import { readKeyRecord } from './records.ts';

/** Another source's report that a report does not close, and who may close it. */
interface NotClosed {
  readonly report: Report;
  readonly closers: Closers;
}

/**
 * A key that is on beyond what is approved once a report is folded. `answer`: what is approved now; `notClosed`: what the report
 * cannot close.
 */
interface DriftAfterReport {
  readonly key: string;
  readonly drift: DriftCase;
  readonly answer: KeyAnswer;
  readonly notClosed: readonly NotClosed[];
}

/**
 * Returns the effect of a report on the keys that it names, by running the fold without writing. Stored records may lag behind
 * the log by some seconds.
 */
export const driftAfterReport = async (
  ports: Pick<GatePorts, 'store' | 'sideStore' | 'clock' | 'zone'>,
  place: SourcePlace,
  { features, observedAt, evidence, note }: ReportedFacts,
  person: string | null,
): Promise<{ readonly drift: readonly DriftAfterReport[]; readonly closed: readonly string[] }> => {
  const { inForce } = await readPolicies(ports);
  const sources = inForce?.policy.observe?.sources ?? {};
  const { kind, named } = kindOf(sources, place);
  const heads = await headsOfKeys(ports, Object.keys(features));
  const folded = await Promise.all(
    Object.entries(features).map(async ([key, value]) => {
      const { heads: own, at }: Heads = heads.get(key) ?? { heads: [], at: ports.clock() };
      const stored = await readKeyRecord(ports.sideStore, key);
      const moment = { sequence: (stored?.sequence ?? -1) + 1, at, zone: ports.zone };
      const { source, attested } = place;
      const report = { source, attested, kind, named, person, observedAt, evidence, note, seen: toSeen(value) };
      const after = atMoment(stored ?? emptyRecord(key, moment), own, moment, report);
      return { key, before: stored && openCaseOf(stored), after };
    }),
  );
  return {
    drift: folded.flatMap(({ key, after }) => {
      const drift = openCaseOf(after);
      const notClosed = reportsKeepingOpen(after, place).map((report) => ({ report, closers: closersOf(report, sources) }));
      return drift === undefined || after.answer === null ? [] : [{ key, drift, answer: after.answer, notClosed }];
    }),
    closed: folded.flatMap(({ key, before, after }) => (before !== undefined && openCaseOf(after) === undefined ? [key] : [])),
  };
};

const isNeeded = async (
  { sideStore }: Pick<GatePorts, 'sideStore'>,
  { source, features }: ReportedFacts,
  attested: boolean,
): Promise<boolean> => {
  const records = await Promise.all(Object.keys(features).map((key) => readKeyRecord(sideStore, key)));
  return records.some((record) => record !== undefined && isAwaitingSource(record, { source, attested }));
};

/**
 * Records a report. One equal to the last is recorded only if it is awaited: it can close what another source saw since,
 * reopen what another closed, or end a task.
 */
export const recordSeen = async (
  ports: SubmitPorts & Pick<GatePorts, 'sideStore'>,
  order: TokenReport,
): Promise<ReportOutcome> => {
  const done = await recordReport(ports, order);
  if (!done.ok || done.written || !(await isNeeded(ports, order.facts, false))) return done;
  return recordReport(ports, { ...order, awaited: true });
};

/** {@link recordSeen} for attestations. */
export const recordAttested = async (
  ports: Parameters<typeof attest>[0] & Pick<GatePorts, 'sideStore'>,
  order: Attestation,
): Promise<ReportOutcome> => {
  const done = await attest(ports, order);
  if (!done.ok || done.written || !(await isNeeded(ports, order.facts, true))) return done;
  return attest(ports, { ...order, awaited: true });
};
