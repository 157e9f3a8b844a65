import { createHash } from 'node:crypto';
import type { ChangeRecord, Report } from '../../../../../domain/derived/record.ts';
import { shownReport } from '../../../../../domain/derived/sources.ts';
import { type Task, taskIdentity } from '../../../../../domain/derived/tasks.ts';
import { changeNamed } from '../../../../../domain/feature/keys.ts';
import { evaluateKey } from '../../../../gate/heads.ts';
import { readRules } from '../../../../gate/rules.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { readKeyRecord } from '../../../../register/derived/lists.ts';
import { readTasks } from '../../../../register/derived/tasks.ts';
import { readChange } from '../../../../register/read.ts';
import { approvalsOf } from '../../../../register/views/featureJson.ts';
import type { SiteDeps } from '../../deps.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, holderName, vendorNames } from '../../names.ts';

/**
 * A task as the page shows it. `ref`: stands for it in the names of fields; `wording`: what it is about, with its title; `seen`: the
 * report that counts; `terms`: of what may be switched on.
 */
export interface WorkItem {
  readonly task: Task;
  readonly ref: string;
  readonly vendorName: string;
  readonly wording: Pick<ChangeRecord, 'n' | 'revision' | 'digest' | 'title'> | undefined;
  readonly seen: Report | undefined;
  readonly terms: TermsToday | undefined;
}

/** Who decided. */
interface DecidedBy {
  readonly name: string;
  readonly fileNumber: string | null;
}

/** On what terms something may be switched on, and by whose decision. */
interface TermsToday {
  readonly version: string | null;
  readonly until: string | null;
  readonly conditions: readonly string[];
  readonly by: readonly DecidedBy[];
}

/** A page of the tasks, in their order. */
export interface Worklist {
  readonly items: readonly WorkItem[];
  readonly next: string | null;
  readonly asOf: string;
}

const REF_CHARS = 12;

/** Names a task in a form, also after the list has changed. */
const refOf = (task: Task): string => createHash('sha256').update(taskIdentity(task)).digest('hex').slice(0, REF_CHARS);

/** Returns the terms of what may be switched on, on strongly consistent heads. */
const termsOf = async (
  { ports }: SiteDeps,
  locale: Locale,
  { key, agencies }: { readonly key: string; readonly agencies: readonly string[] },
): Promise<TermsToday> => {
  const [{ version, effectiveUntil: until, conditions, change }, { roster: known }] = await Promise.all([
    evaluateKey(ports, key, { agencies }),
    readRules(ports),
  ]);
  const roster = known?.roster ?? null;
  const reading = change === null ? undefined : await ifReadable(readChange(ports, key, change));
  const acts = reading === undefined ? [] : approvalsOf(reading.view, roster, ports.clock());
  const by = acts
    .filter(({ purpose }) => purpose !== 'correct')
    .map(({ body, holder, fileNumber, instrument }) => ({
      name: instrument === 'certification' ? bodyName(locale, roster, body ?? '') : holderName(roster, holder),
      fileNumber: fileNumber ?? null,
    }));
  return { version, until, conditions, by };
};

const itemOf = async (
  deps: SiteDeps,
  task: Task,
  { locale, agencies, names }: Pick<WorklistQuery, 'locale' | 'agencies'> & { readonly names: ReadonlyMap<string, string> },
): Promise<WorkItem> => {
  const { key, kind, vendor } = task;
  const record = key === null ? undefined : await readKeyRecord(deps.ports.sideStore, key);
  const n = changeNamed(task.change ?? '')?.number;
  return {
    task,
    ref: refOf(task),
    vendorName: names.get(vendor) ?? vendor,
    wording: record?.changes.find((change) => change.n === n),
    seen: shownReport(record?.reports ?? []),
    terms: kind === 'switch-on' && key !== null ? await termsOf(deps, locale, { key, agencies }) : undefined,
  };
};

interface WorklistQuery {
  readonly agencies: readonly string[];
  readonly vendor?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly locale: Locale;
}

/** Reads a page of what the city must do at its vendors; undefined if the cursor is invalid. It may lag by some seconds. */
export const readWorklist = async (deps: SiteDeps, query: WorklistQuery): Promise<Worklist | undefined> => {
  const page = await readTasks(deps.ports, query);
  if (page === undefined) return undefined;
  const names = await vendorNames(deps, new Set(page.items.map(({ vendor }) => vendor)));
  const items = await Promise.all(page.items.map((task) => itemOf(deps, task, { ...query, names })));
  return { items, next: page.next, asOf: deps.ports.clock() };
};
