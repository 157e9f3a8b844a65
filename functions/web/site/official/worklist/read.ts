import { advanceTo } from '../../../../../domain/feature/due.ts';
import { type Evaluation, mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { changeId, vendorOf } from '../../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import { ascending } from '../../../../../domain/kernel/order.ts';
import type { ObservationState } from '../../../../../domain/observation/state.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { evaluateKeys } from '../../../../gate/heads.ts';
import { readRules } from '../../../../gate/rules.ts';
import { listVendors } from '../../../../gate/vendors.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { decodeCursor, encodeCursor } from '../../../../register/cursor.ts';
import { BY_VENDOR } from '../../../../register/facets.ts';
import { listFacet } from '../../../../register/listFeatures.ts';
import { presentChange, readChange } from '../../../../register/read.ts';
import { approvalsOf } from '../../../../register/views/approvals.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { SiteDeps } from '../../deps.ts';
import { bodyName, holderName } from '../../names.ts';
import { observationOf } from '../../public/drift.ts';
import { vendorName } from '../../vendors.ts';
import type { DecidedBy, WorkItem, Worklist } from './item.ts';
import { isTask, judge, LACKING_PERSONS, seenIn, sinceOf, type Task, type TaskIndex } from './tasks.ts';

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

/** What tasks rest on, beside the register. */
interface Facts {
  readonly asOf: string;
  readonly roster: Roster | null;
  readonly observed: ReadonlyMap<string, ObservationState | undefined>;
}

/** Reads a task, judged on the evaluation of its heads; undefined if it is none by them. */
const itemOf = async (
  { ports }: SiteDeps,
  { key, row }: Task,
  evaluation: Evaluation,
  { asOf, roster, observed }: Facts,
): Promise<WorkItem | undefined> => {
  const { change, variant: status, version, validUntil, audience, conditions } = evaluation;
  const reading = change === null ? undefined : await ifReadable(readChange(ports, key, change));
  const view = reading === undefined ? undefined : presentChange(reading.view, reading.state, asOf);
  const state = reading === undefined ? row?.stateNow : advanceTo(reading.state, asOf);
  const dates = view && { approved: view.approved?.at ?? null, ended: view.ended?.at ?? null };
  const since = sinceOf(evaluation, state, dates);
  const seen = seenIn(observed.get(vendorOf(key))?.features, key);
  const verdict = judge({ evaluation, seen, since, lostAncestor: row?.lostAncestor === true });
  if (!isTask(verdict)) return undefined;
  const notice = view === undefined ? undefined : latestOf(view).notice;
  return {
    action: verdict === 'on' ? 'on' : 'off',
    urgent: verdict === 'off-urgent',
    vendor: vendorOf(key),
    vendorName: await vendorName(ports, key),
    key,
    title: notice?.title ?? row?.title ?? null,
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
};

/** Orders what the heads made of the tasks of one page. */
const urgentFirst = (a: WorkItem, b: WorkItem): number =>
  Number(b.urgent) - Number(a.urgent) || ascending(a.action, b.action) || ascending(a.key, b.key);

/** A part of the list: at most `limit` tasks behind the cursor. `agencies`: of the token that asks. */
export interface WorklistQuery {
  readonly agencies: readonly string[];
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * Reads what IT must do in vendors' consoles, a page at a time. Which keys are on the page may lag; each is evaluated and judged on
 * strongly consistent heads, so that nothing is to be switched on that may not be. Returns undefined if the cursor is invalid. `index`:
 * kept from one question to the next.
 */
export const readWorklist = async (
  deps: SiteDeps,
  index: TaskIndex,
  { agencies, cursor, limit }: WorklistQuery,
): Promise<Worklist | undefined> => {
  const { ports } = deps;
  const after = decodeCursor(cursor);
  if (after === undefined) return undefined;
  const asOf = ports.clock();
  const [byVendor, lacking, registered, { roster }] = await Promise.all([
    listFacet(ports, BY_VENDOR, { now: asOf }),
    listFacet(ports, LACKING_PERSONS, { now: asOf }),
    listVendors(ports),
    readRules(ports),
  ]);
  const vendors = [...new Set([...registered.map(({ id }) => id), ...byVendor.keys()])];
  const states = await Promise.all(vendors.map(async (vendor) => [vendor, await observationOf(deps, vendor)] as const));
  const facts = { asOf, roster: roster?.roster ?? null, observed: new Map(states) };
  index.update(byVendor, facts.observed);
  const { settled } = index;
  const found = index.after(after, limit + 1);
  const tasks = found.slice(0, limit);
  const evaluations = await evaluateKeys(
    ports,
    tasks.map(({ key }) => key),
    { agencies },
  );
  const items = await Promise.all(
    tasks.flatMap((task) => {
      const evaluation = evaluations.get(task.key);
      return evaluation === undefined ? [] : [itemOf(deps, task, evaluation, facts)];
    }),
  );
  return {
    items: items.filter((item) => item !== undefined).sort(urgentFirst),
    next: found.length > limit ? encodeCursor(tasks.at(-1)?.place ?? '') : null,
    settled,
    lackPersons: (lacking.get('') ?? []).map(({ key, n }) => changeId(key, n)),
    asOf,
  };
};
