import type { Task } from '../../../domain/derived/tasks.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { listCases, listTasks, readFigures } from '../../register/derived/lists.ts';
import { rankOf, URGENT } from '../../register/derived/records.ts';
import { type KeyCase, LISTED_MAX, pageOf, reportedBy } from './driftLetters.ts';
import { taskLine } from './taskLines.ts';

/** What is on without permission and which tasks are overdue, as the weekly letter says it: how many, and the first of them. */
export interface WeekRisks {
  readonly openCases: number;
  readonly lateTasks: number;
  readonly cases: readonly KeyCase[];
  readonly tasks: readonly Task[];
}

export const weekRisks = async (sideStore: SideStore): Promise<WeekRisks> => {
  const [figures, cases, tasks] = await Promise.all([
    readFigures(sideStore),
    listCases(sideStore, { open: true, limit: LISTED_MAX }),
    listTasks(sideStore, { limit: LISTED_MAX }),
  ]);
  const late = tasks?.items.filter((task) => rankOf(task) === URGENT) ?? [];
  return {
    openCases: figures.openCases,
    lateTasks: figures.urgentTasks,
    cases: cases?.items.map(({ key, ...drift }) => ({ key, drift })) ?? [],
    tasks: late,
  };
};

const part = (words: MailWords, head: 'drift' | 'late', n: number, lines: readonly string[]): readonly Paragraph[] => {
  if (n === 0) return [];
  const more = n > lines.length ? [fillText(words.weekly.more, { n: n - lines.length })] : [];
  return [fillCount(words.locale, words.weekly, head, n), { list: [...lines, ...more] }];
};

export const risksPart = (
  words: MailWords,
  { openCases, lateTasks, cases, tasks }: WeekRisks,
  { now, zone, url }: { readonly now: string; readonly zone: string; readonly url: string },
): readonly Paragraph[] => {
  const times = mailTimes(words, zone);
  const caseLines = cases.map(({ key, drift }) =>
    fillText(words.weekly.driftItem, { key, since: times.dateTime(drift.since), reported: reportedBy(words, drift) }),
  );
  return [
    ...part(words, 'drift', openCases, caseLines),
    ...(openCases > 0 ? [pageOf(words, url)] : []),
    ...part(
      words,
      'late',
      lateTasks,
      tasks.map((task) => taskLine(words, task, now, zone)),
    ),
  ];
};
