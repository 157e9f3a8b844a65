import { advanceTo } from '../../../../../domain/feature/due.ts';
import { type Evaluation, mayBeOn, staleFrom } from '../../../../../domain/feature/evaluate.ts';
import { CITY, changeId, prefixesOf, vendorOf } from '../../../../../domain/feature/keys.ts';
import { lackingPersons } from '../../../../../domain/feature/persons.ts';
import { type FeatureState, standingOf } from '../../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import { ascending } from '../../../../../domain/kernel/order.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { evaluateKeys } from '../../../../gate/heads.ts';
import { readRules } from '../../../../gate/rules.ts';
import { listVendors } from '../../../../gate/vendors.ts';
import { allFeatures } from '../../../../register/listFeatures.ts';
import { presentChange } from '../../../../register/present.ts';
import { ifReadable, readChange } from '../../../../register/read.ts';
import type { FeatureRow } from '../../../../register/rows.ts';
import { approvalsOf } from '../../../../register/views/approvals.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { SiteDeps } from '../../deps.ts';
import { bodyName, holderName } from '../../names.ts';
import { observationOf } from '../../public/drift.ts';
import { vendorName } from '../../vendors.ts';
import type { DecidedBy, Seen, WorkItem, Worklist } from './item.ts';
import { judge, type TaskVerdict } from './judge.ts';

/** Returns since when a key is what it is: its approval, its end, or when its approved words became untrue. */
const sinceOf = ({ variant }: Evaluation, state: FeatureState | undefined, view: ChangeView | undefined): string | null => {
  if (variant === 'removed') return state?.removal?.effectiveAt ?? null;
  if (variant === 'outdated' && state !== undefined) return staleFrom(state);
  if (mayBeOn(variant)) return view?.approved?.at ?? null;
  return view?.ended?.at ?? null;
};

/** Returns who decided: the approvals while it is on, else who revoked it. */
const decidersOf = (
  { variant }: Evaluation,
  view: ChangeView | undefined,
  roster: Roster | null,
  now: string,
): readonly DecidedBy[] => {
  if (view === undefined) return [];
  if (variant === 'revoked')
    return view.acts.flatMap((act) =>
      act.type === 'ApprovalRevoked' ? [{ name: bodyName(roster, act.body), fileNumber: act.fileNumber }] : [],
    );
  if (!mayBeOn(variant)) return [];
  const acts = approvalsOf(view, roster, now).filter(({ purpose }) => purpose !== 'correct');
  return acts.map(({ body, holder, fileNumber, instrument }) => ({
    name: instrument === 'certification' ? bodyName(roster, body ?? '') : holderName(roster, holder),
    fileNumber: fileNumber ?? null,
  }));
};

/** Orders tasks: on without permission, then to switch off, then to switch on. */
const RANK: Readonly<Partial<Record<TaskVerdict, number>>> = { 'off-urgent': 0, off: 1, on: 2 };
const rank = ({ verdict }: { readonly verdict: TaskVerdict }): number => RANK[verdict] ?? 3;

interface Row {
  readonly key: string;
  readonly title: string | null;
  readonly state: FeatureState | undefined;
}

/** Returns every key of the register and of the observations. */
const rowsOf = (features: readonly FeatureRow[], seen: ReadonlyMap<string, Seen>, now: string): readonly Row[] => {
  const known = features.map(({ key, title, state }): Row => ({ key, title, state: advanceTo(state, now) }));
  const named = new Set(known.map(({ key }) => key));
  const strange = [...seen.keys()].filter((key) => !named.has(key));
  return [...known, ...strange.map((key): Row => ({ key, title: null, state: undefined }))];
};

/** Reads the observations of every vendor that is registered or has a feature. */
const seenAtAll = async (deps: SiteDeps, keys: readonly string[]): Promise<ReadonlyMap<string, Seen>> => {
  const registered = (await listVendors(deps.ports)).map(({ id }) => id);
  const vendors = [...new Set([...registered, ...keys.map(vendorOf)])];
  const states = await Promise.all(vendors.map((vendor) => observationOf(deps, vendor)));
  return new Map(states.flatMap((state) => Object.entries(state?.features ?? {})));
};

/** Reports whether an approval above a key was in force and has ended, so that the key went off with it. */
const lostAncestor = (states: ReadonlyMap<string, FeatureState | undefined>, key: string): boolean =>
  prefixesOf(key)
    .slice(0, -1)
    .some((prefix) => {
      const state = states.get(prefix);
      const standing = state === undefined ? undefined : standingOf(state);
      return (
        state !== undefined &&
        standing !== undefined &&
        (standing.status !== 'approved' || state.removal !== null || staleFrom(state) !== null)
      );
    });

interface Judged {
  readonly verdict: TaskVerdict;
  readonly item: WorkItem;
}

interface Facts {
  readonly asOf: string;
  readonly roster: Roster | null;
  readonly states: ReadonlyMap<string, FeatureState | undefined>;
}

const judgeRow = async (
  { ports }: SiteDeps,
  { key, title, state }: Row,
  evaluation: Evaluation,
  seen: Seen | null,
  { asOf, roster, states }: Facts,
): Promise<Judged> => {
  const { change, variant: status, version, validUntil, audience, conditions } = evaluation;
  const reading = change === null ? undefined : await ifReadable(readChange(ports, key, change));
  const view = reading === undefined ? undefined : presentChange(reading.view, reading.state, asOf);
  const since = sinceOf(evaluation, state, view);
  const verdict = judge({ evaluation, seen, since, lostAncestor: lostAncestor(states, key) });
  const notice = view === undefined ? undefined : latestOf(view).notice;
  const item: WorkItem = {
    action: verdict === 'on' ? 'on' : 'off',
    urgent: verdict === 'off-urgent',
    vendor: vendorOf(key),
    vendorName: await vendorName(ports, key),
    key,
    title: notice?.title ?? title,
    status,
    since,
    change: change === null ? null : changeId(key, change),
    by: decidersOf(evaluation, view, roster, asOf),
    version,
    validUntil,
    audience,
    conditions,
    seen,
    hint: notice === undefined ? null : { summary: notice.summary, documents: notice.documents },
  };
  return { verdict, item };
};

/**
 * Computes what IT must do in vendors' consoles. The list of keys may lag; every answer is evaluated on strongly consistent
 * heads, so that nothing is to be switched on that may not be. `agencies`: of the token that asks.
 */
export const readWorklist = async (deps: SiteDeps, agencies: readonly string[]): Promise<Worklist> => {
  const { ports } = deps;
  const features = await allFeatures(ports, { now: ports.clock() });
  const seen = await seenAtAll(
    deps,
    features.map(({ key }) => key),
  );
  const rows = rowsOf(features, seen, ports.clock()).filter(({ key }) => vendorOf(key) !== CITY);
  const keys = rows.map(({ key }) => key);
  const [evaluations, { roster }] = await Promise.all([evaluateKeys(ports, keys, { agencies }), readRules(ports)]);
  const states = new Map(rows.map(({ key, state }) => [key, state]));
  const facts = { asOf: ports.clock(), roster: roster?.roster ?? null, states };
  const judged = await Promise.all(
    rows.flatMap((row) => {
      const evaluation = evaluations.get(row.key);
      return evaluation === undefined ? [] : [judgeRow(deps, row, evaluation, seen.get(row.key) ?? null, facts)];
    }),
  );
  const items = judged
    .filter(({ verdict }) => verdict in RANK)
    .toSorted((a, b) => rank(a) - rank(b) || ascending(a.item.key, b.item.key))
    .map(({ item }) => item);
  const lackPersons = rows.flatMap(({ key, state }) =>
    state === undefined ? [] : lackingPersons(advanceTo(state, facts.asOf)).map(({ number }) => changeId(key, number)),
  );
  return { items, lackPersons, settled: judged.filter(({ verdict }) => verdict === 'settled').length, asOf: facts.asOf };
};
