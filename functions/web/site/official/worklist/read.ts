import { createHash } from 'node:crypto';
import type { ChangeRecord, KeyRecord, Report } from '../../../../../domain/derived/record.ts';
import { type Task, taskIdentity } from '../../../../../domain/derived/tasks.ts';
import { changeNamed } from '../../../../../domain/feature/keys.ts';
import { vendorName } from '../../../../gate/vendors.ts';
import { readKeyRecord } from '../../../../register/derived/lists.ts';
import { readTasks } from '../../../../register/derived/tasks.ts';
import type { SiteDeps } from '../../deps.ts';

/** A task as the page shows it. `ref`: stands for it in the names of fields; `wording`: what it is about, with its title; `seen`: the newest report. */
export interface WorkItem {
  readonly task: Task;
  readonly ref: string;
  readonly vendorName: string;
  readonly wording: Pick<ChangeRecord, 'n' | 'revision' | 'digest' | 'title'> | undefined;
  readonly seen: Report | undefined;
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

const newestOf = (record: KeyRecord | undefined): Report | undefined =>
  record?.reports.reduce<Report | undefined>(
    (newest, report) => (newest !== undefined && newest.observedAt >= report.observedAt ? newest : report),
    undefined,
  );

const itemOf = async ({ ports }: SiteDeps, task: Task): Promise<WorkItem> => {
  const record = task.key === null ? undefined : await readKeyRecord(ports.sideStore, task.key);
  const n = changeNamed(task.change ?? '')?.number;
  return {
    task,
    ref: refOf(task),
    vendorName: await vendorName(ports, task.vendor),
    wording: record?.changes.find((change) => change.n === n),
    seen: newestOf(record),
  };
};

interface WorklistQuery {
  readonly agencies: readonly string[];
  readonly vendor?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Reads a page of what the city must do at its vendors; undefined if the cursor is invalid. It may lag by some seconds. */
export const readWorklist = async (deps: SiteDeps, query: WorklistQuery): Promise<Worklist | undefined> => {
  const page = await readTasks(deps.ports, query);
  if (page === undefined) return undefined;
  const items = await Promise.all(page.items.map((task) => itemOf(deps, task)));
  return { items, next: page.next, asOf: deps.ports.clock() };
};
