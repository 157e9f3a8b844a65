import * as z from 'zod';
import { Task, taskIdentity } from '../../../domain/derived/tasks.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { jsonOf } from '../../../domain/kernel/json.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { readKeyRecord, readSources } from '../../register/derived/lists.ts';

/** Side kind: tasks that no morning mail has named, by a digest of what makes each the same; removed once one has, or when the task is over. */
const NEW = 'task-new';
const PAGE = 500;
const Entry = strictObject(() => ({ at: z.string(), task: Task }));

export interface TaskPorts {
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

const idOf = (task: Task): string => digestOf(taskIdentity(task)).slice('sha256:'.length);

export const newTask = async ({ sideStore, clock }: TaskPorts, task: Task): Promise<void> => {
  await sideStore.putIfAbsent(NEW, idOf(task), { at: clock(), task: jsonOf(task) });
};

export const overTask = ({ sideStore }: TaskPorts, task: Task): Promise<void> => sideStore.remove(NEW, idOf(task));

/** The task as it stands now; undefined once it is over. */
const present = async ({ sideStore }: TaskPorts, task: Task): Promise<Task | undefined> => {
  const tasks =
    task.key === null
      ? (await readSources(sideStore, task.vendor)).flatMap((source) => source.tasks)
      : ((await readKeyRecord(sideStore, task.key))?.tasks ?? []);
  return tasks.find((each) => taskIdentity(each) === taskIdentity(task));
};

/** `ids`: of the records, to be removed; `tasks`: those that are still open. */
export interface NewTasks {
  readonly ids: readonly string[];
  readonly tasks: readonly Task[];
}

/** Those that came by an instant. */
export const newTasksBy = async (ports: TaskPorts, until: string): Promise<NewTasks> => {
  const [ids, tasks]: [string[], Task[]] = [[], []];
  for (let after: string | undefined; ; ) {
    const page = await ports.sideStore.list(NEW, '', { limit: PAGE, ...(after !== undefined && { after }) });
    for (const { id, value } of page) {
      const entry = Entry.safeParse(value).data;
      if (entry !== undefined && entry.at > until) continue;
      ids.push(id);
      const task = entry && (await present(ports, entry.task));
      if (task !== undefined) tasks.push(task);
    }
    if (page.length < PAGE) return { ids, tasks };
    after = page.at(-1)?.id;
  }
};

export const removeNew = async ({ sideStore }: TaskPorts, ids: readonly string[]): Promise<void> => {
  for (const id of ids) await sideStore.remove(NEW, id);
};
