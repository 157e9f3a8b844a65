import * as z from 'zod';
import { observedOf } from '../../../domain/derived/sources.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import {
  type Evaluation,
  type EvaluationContext,
  evaluate,
  mayBeOn,
  stateIn,
  VARIANTS,
} from '../../../domain/feature/evaluate.ts';
import { changeId, vendorOf } from '../../../domain/feature/keys.ts';
import { CHANGE_STATUSES, decidableUntil, type FeatureState, openChanges, shownApproval } from '../../../domain/feature/state.ts';
import { type ActView, type ChangeView, isVoid } from '../../../domain/feature/view.ts';
import { Digest, FeatureKey, Instant, LocalDate, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../../domain/policy/schema.ts';
import { type DatedRoster, nameAt } from '../../../domain/roster/holders.ts';
import { evaluateKeys, headsFor } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules, rostersUpTo } from '../../gate/rules.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { mapInTurns } from '../../platform/turns.ts';
import { DERIVED, keyRecordIn, readSources } from '../derived/records.ts';
import { readChange, readListed } from '../project.ts';
import type { FeatureRow } from '../rows.ts';
import { LimitedBy } from './changeJson.ts';
import { ObservedJson } from './observedJson.ts';

/** Wire format. Who acted, by which instrument, and the count if it is a vote. */
export const ApprovalJson = strictObject(() => ({
  requirement: z.string(),
  body: z.string().nullable(),
  instrument: z.enum(['certification', 'confirmation', 'signature', 'ballots']),
  holder: z.string(),
  name: z.string().nullable(),
  seat: z.string(),
  at: Instant,
  purpose: z.enum(['adopt', 'override', 'correct']).exactOptional(),
  fileNumber: z.string().exactOptional(),
  meetingDate: LocalDate.exactOptional(),
  yes: z.int().min(0).exactOptional(),
  needed: z.int().min(0).exactOptional(),
  of: z.int().min(0).exactOptional(),
})).meta({ id: 'Approval', description: 'One act behind an approval.' });
export type ApprovalJson = z.infer<typeof ApprovalJson>;

const INSTRUMENT = {
  VoteCertified: 'certification',
  ConfirmationGiven: 'confirmation',
  SignatureGiven: 'signature',
  BallotCast: 'ballots',
} as const;

const isApproval = (act: ActView): act is Extract<ActView, { type: keyof typeof INSTRUMENT }> =>
  act.type === 'VoteCertified' ||
  (act.type === 'ConfirmationGiven' && act.decision === 'confirm') ||
  ((act.type === 'SignatureGiven' || act.type === 'BallotCast') && act.decision === 'approve');

/** Reports whether a body's next vote record corrects this one, which is then not an act of its own. */
const isCorrected = (vote: ActView, later: readonly ActView[]): boolean => {
  if (vote.type !== 'VoteCertified') return false;
  const votes = later.filter((act) => act.type === 'VoteCertified');
  return votes.find(({ requirement }) => requirement === vote.requirement)?.purpose === 'correct';
};

/** The acts on the approved revision that count; corrections replace what they correct. `upTo`: only acts known then. */
export const approvalsOf = (view: ChangeView, rosters: readonly DatedRoster[], upTo: string): readonly ApprovalJson[] => {
  if (view.approved === null || view.approved.at > upTo) return [];
  return view.acts
    .filter(isApproval)
    .filter((act) => !isVoid(view, act) && act.at <= upTo)
    .filter((act, index, acts) => !isCorrected(act, acts.slice(index + 1)))
    .map((act) => ({
      requirement: act.requirement,
      body: 'body' in act ? act.body : (view.requirements.find(({ id }) => id === act.requirement)?.body ?? null),
      instrument: INSTRUMENT[act.type],
      holder: act.holder,
      name: nameAt(rosters, act.holder, act.at) ?? null,
      seat: act.seat,
      at: act.at,
      ...(act.type === 'VoteCertified' && {
        purpose: act.purpose,
        fileNumber: act.fileNumber,
        meetingDate: act.meetingDate,
        yes: act.tally.yes,
        needed: act.tally.needed,
        of: act.tally.of,
      }),
    }));
};

/** Wire format. */
const PendingJson = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  kind: z.enum(KINDS),
  status: z.enum(CHANGE_STATUSES).describe('Where the change stands now.'),
  closesAt: Instant.nullable(),
})).meta({ id: 'PendingChange', description: 'An open change of a feature.' });
type PendingJson = z.infer<typeof PendingJson>;

/** The description of `fault` in every answer. */
export const FAULT =
  'True where no act and no date caused the "no": a record that the answer rests on cannot be read. Absent otherwise.';

/** Wire format. The answer for a key at `asOf`, and why. `title` is in lists only. */
export const FeatureJson = strictObject(() => ({
  key: FeatureKey,
  title: z
    .string()
    .nullable()
    .exactOptional()
    .describe('The title of the revision approved last, else of the newest notice; in lists only.'),
  enabled: z.boolean().describe('Whether the feature may be used in the context of the question. Anything but true means no.'),
  status: z.enum(VARIANTS).describe('Why it is on or off, in one word.'),
  because: z.string(),
  fault: z.literal(true).exactOptional().describe(FAULT),
  change: z.string().nullable().describe('The change the answer rests on, KEY/N; null if there is none.'),
  revision: z.int().min(1).nullable(),
  digest: Digest.nullable(),
  version: z.string().nullable().describe('The version the approved notice names; null if it names none.'),
  validUntil: Instant.nullable(),
  effectiveUntil: Instant.nullable(),
  limitedBy: LimitedBy.nullable(),
  audience: z.array(z.string()).readonly().nullable(),
  conditions: z.array(z.string()).readonly().describe('Conditions of every approval in the chain, outermost first.'),
  onFor: z
    .array(z.string())
    .readonly()
    .nullable()
    .describe('The agencies for which it is on: none while it is off, null for every agency.'),
  approvals: z.array(ApprovalJson).readonly().describe('The acts behind the approval the answer rests on.'),
  pending: z.array(PendingJson).readonly().describe('The open changes of this feature.'),
  observed: ObservedJson.exactOptional().describe('What was last seen at the vendor; in the answer for one feature, now.'),
  asOf: Instant,
  checkpoint: z.string().nullable(),
})).meta({ id: 'Feature', description: 'Whether a feature is enabled at an instant, and why.' });
export type FeatureJson = z.infer<typeof FeatureJson>;

const pendingOf = (key: string, state: FeatureState | null, now: string): readonly PendingJson[] =>
  state === null
    ? []
    : openChanges(advanceTo(state, now)).map((change) => ({
        change: changeId(key, change.number),
        revision: change.revision,
        digest: change.digest,
        kind: change.kind,
        status: change.status,
        closesAt: decidableUntil(change),
      }));

interface FeatureFacts {
  readonly title?: string | null;
  readonly state: FeatureState | null;
  readonly approvals: readonly ApprovalJson[];
  readonly asOf: string;
  readonly checkpoint: string | undefined;
}

export const featureJson = (key: string, evaluation: Evaluation, facts: FeatureFacts): FeatureJson => ({
  key,
  ...(facts.title !== undefined && { title: facts.title }),
  enabled: evaluation.enabled,
  status: evaluation.variant,
  because: evaluation.because,
  ...(evaluation.fault && { fault: true as const }),
  change: evaluation.change === null ? null : changeId(key, evaluation.change),
  revision: evaluation.revision,
  digest: evaluation.digest,
  version: evaluation.version,
  validUntil: evaluation.validUntil,
  effectiveUntil: evaluation.effectiveUntil,
  limitedBy: evaluation.limitedBy,
  audience: evaluation.audience,
  conditions: evaluation.conditions,
  onFor: mayBeOn(evaluation.variant) ? evaluation.audience : [],
  approvals: facts.approvals,
  pending: pendingOf(key, facts.state, facts.asOf),
  asOf: facts.asOf,
  checkpoint: facts.checkpoint ?? null,
});

/** `at`: a past instant; absent: now. */
interface FeatureQuestion {
  readonly context: EvaluationContext;
  readonly at?: string | undefined;
  readonly checkpoint?: string | undefined;
}

type ReadRosters = () => Promise<readonly DatedRoster[]>;

/** Reads the rosters that name officials, once, on first use. */
const rostersOf = (ports: GatePorts): ReadRosters => {
  let reading: ReturnType<ReadRosters> | undefined;
  const read: ReadRosters = async () => rostersUpTo(ports, (await readRules(ports)).roster);
  return () => {
    reading ??= read();
    return reading;
  };
};

type ReadView = (change: number) => Promise<ChangeView | undefined>;

const readView =
  (ports: GatePorts, key: string): ReadView =>
  async (change) =>
    (await ifReadable(readChange(ports, key, change)))?.view;

const approvalsBehind = async (
  read: ReadView,
  { change }: Evaluation,
  state: FeatureState | null,
  asOf: string,
  rosters: ReadRosters,
): Promise<readonly ApprovalJson[]> => {
  if (change === null || state === null || shownApproval(advanceTo(state, asOf))?.number !== change) return [];
  const view = await read(change);
  return view === undefined ? [] : approvalsOf(view, await rosters(), asOf);
};

/** Undefined if another code version wrote the records: it is then unknown whether anything was seen. */
const readObserved = async ({ sideStore, zone }: GatePorts, key: string, now: string): Promise<ObservedJson | undefined> => {
  const [stored, sources] = await Promise.all([sideStore.get(DERIVED.key, key), readSources(sideStore, vendorOf(key))]);
  const record = keyRecordIn(key, stored);
  if (sources === undefined || (stored !== undefined && record === undefined)) return undefined;
  return observedOf(record?.reports ?? [], sources, now, zone);
};

/** Answers for a key, now or as known at an instant, from strongly consistent heads. API and pages share it. */
export const readFeatureJson = async (
  ports: GatePorts,
  key: string,
  { context, at, checkpoint }: FeatureQuestion,
): Promise<FeatureJson> => {
  const { heads, at: asOf } = await headsFor(ports, key, at);
  const evaluation = evaluate(key, heads, context, asOf);
  const state = stateIn(heads.at(-1));
  const approvals = await approvalsBehind(readView(ports, key), evaluation, state, asOf, rostersOf(ports));
  const answer = featureJson(key, evaluation, { state, approvals, asOf, checkpoint });
  const observed = at === undefined ? await ifReadable(readObserved(ports, key, asOf)) : undefined;
  return observed === undefined ? answer : { ...answer, observed };
};

/** Evaluates features of the register on strongly consistent heads: lists may lag, a "yes" never does. */
export const confirmedRows = async (
  ports: GatePorts,
  rows: readonly FeatureRow[],
  { context, checkpoint }: FeatureQuestion,
): Promise<readonly FeatureJson[]> => {
  const keys = rows.map(({ key }) => key);
  const asOf = ports.clock();
  const [evaluations, rosters] = [await evaluateKeys(ports, keys, context), rostersOf(ports)];
  const confirmed = rows.flatMap((row) => {
    const evaluation = evaluations.get(row.key);
    return evaluation === undefined ? [] : [{ row, evaluation }];
  });
  return mapInTurns(confirmed, async ({ row, evaluation }) => {
    const { key, title, state } = row;
    // The row may lag. Approvals are read only if it shows the same change, and the words of an approved change never change.
    const approvals = await approvalsBehind((change) => readListed(ports, row, change), evaluation, state, asOf, rosters);
    return featureJson(key, evaluation, { title, state, approvals, asOf, checkpoint });
  });
};

/** Answers each as {@link readFeatureJson} does for that instant. `rows`: computed for it. */
export const pastRows = async (
  ports: GatePorts,
  rows: readonly FeatureRow[],
  { at, checkpoint }: { readonly at: string; readonly checkpoint?: string | undefined },
): Promise<readonly FeatureJson[]> => {
  const rosters = rostersOf(ports);
  return mapInTurns(rows, async ({ key, title, evaluation, state }) => {
    const approvals = await approvalsBehind(readView(ports, key), evaluation, state, at, rosters);
    return featureJson(key, evaluation, { title, state, approvals, asOf: at, checkpoint });
  });
};
