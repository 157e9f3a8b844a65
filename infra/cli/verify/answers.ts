import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import type { Evaluation } from '../../../domain/feature/evaluate.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { answerAt } from '../../../functions/log/verify/replay.ts';
import { FeatureJson } from '../../../functions/register/views/featureJson.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { CheckedLog } from './check.ts';
import { fetched } from './source.ts';

/** The parts of a public answer that the log determines. Attacker-controlled. */
const Answer = FeatureJson.omit({
  title: true,
  because: true,
  onFor: true,
  approvals: true,
  pending: true,
  checkpoint: true,
}).strip();
type Answer = z.infer<typeof Answer>;
const Answers = z.object({ items: z.array(Answer), next: z.string().nullable() });

interface Difference {
  readonly key: string;
  readonly gate: string;
  readonly log: string;
}

/**
 * The answers of a gate compared with its log. `asOf`, `oldest`: of the newest and the oldest answer; `unanswered`: no gate
 * answers there.
 */
type AnswerReport =
  | {
      readonly ok: true;
      readonly compared: number;
      readonly differing: readonly Difference[];
      readonly asOf: string | null;
      readonly oldest: string | null;
    }
  | { readonly ok: false; readonly unanswered: string };

/** Reads a public page of a gate as JSON; undefined if there is none. */
export type ReadPage = (path: string) => Promise<unknown>;

/** Limit of a page; a thousand answers with their conditions are far below. */
const PAGE_BYTES_MAX = 64 * 1_024 * 1_024;

const parsedJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Returns a reader of the public pages of the gate whose log is at a URL. Throws CommandRefused if a page cannot be read. */
export const pagesOf = (url: string): ReadPage => {
  const base = url.replace(/\/+$/, '').replace(/\/log$/, '');
  return async (path) => {
    const bytes = await fetched(`${base}${path}`, PAGE_BYTES_MAX);
    return bytes === undefined ? undefined : parsedJson(bytes);
  };
};

const PAGES_MAX = 10_000;

const listed = async (read: ReadPage): Promise<ReadonlyMap<string, Answer> | undefined> => {
  const found = new Map<string, Answer>();
  let next: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
    const answers = Answers.safeParse(await read(`/?format=json&limit=1000${cursor}`)).data;
    if (answers === undefined && page === 0) return undefined;
    if (answers === undefined) throw new CommandRefused('the register of the gate breaks off: its next page cannot be read');
    for (const answer of answers.items) {
      if (found.has(answer.key)) throw new CommandRefused(`the register of the gate has ${answer.key} twice`);
      found.set(answer.key, answer);
    }
    next = answers.next;
    if (next === null) return found;
  }
  throw new CommandRefused(`the register of the gate has no end: ${PAGES_MAX} pages were read`);
};

const COMPARED = [
  'enabled',
  'status',
  'change',
  'revision',
  'digest',
  'version',
  'validUntil',
  'effectiveUntil',
  'limitedBy',
  'audience',
  'conditions',
] as const;

const textOf = (answer: Pick<Answer, (typeof COMPARED)[number]>): string => JSON.stringify(answer, [...COMPARED]);

const textOfLog = (key: string, evaluation: Evaluation): string => {
  const { variant: status, change, fault: _fault, ...rest } = evaluation;
  const copy = { audience: rest.audience === null ? null : [...rest.audience], conditions: [...rest.conditions] };
  return textOf({ ...rest, ...copy, status, change: change === null ? null : changeId(key, change) });
};

/** Compares an answer with the log at the answer's instant, but not before the newest commit: a gate's answer is never earlier. */
const difference = ({ replay }: CheckedLog, key: string, answer: Answer | undefined): Difference | undefined => {
  const at = answer !== undefined && answer.asOf > replay.life.latest ? answer.asOf : replay.life.latest;
  const log = textOfLog(key, answerAt(replay, key, at));
  const gate = answer === undefined ? 'no answer' : textOf(answer);
  return gate === log ? undefined : { key, gate, log };
};

/** Tries before a difference counts: the log follows a commit within a second or two. */
const TRIES_MAX = 5;
const PAUSE_MS = 1_000;

/**
 * Compares a gate's public answers with those of its log, key by key. The gate answers from its commits, which reach the log later, so
 * a key that differs is asked again, in the list and on its page, and compared with the newest log, which `recheck` verifies. Throws
 * CommandRefused if the gate fails to answer.
 */
export const compareAnswers = async (
  read: ReadPage,
  log: CheckedLog,
  recheck: () => Promise<CheckedLog>,
  pause: () => Promise<unknown> = () => setTimeout(PAUSE_MS),
): Promise<AnswerReport> => {
  const answers = await listed(read);
  if (answers === undefined) return { ok: false, unanswered: 'no register of a gate is there' };
  const keys = [...new Set([...log.replay.keys, ...answers.keys()])].sort();
  const given = [...answers.values()];
  let differing = keys.flatMap((key) => difference(log, key, answers.get(key)) ?? []);
  for (let tries = 1; tries <= TRIES_MAX && differing.length > 0; tries += 1) {
    if (tries > 1) await pause();
    const list = await listed(read);
    const asked = await Promise.all(
      differing.map(async ({ key }) => {
        const page = Answer.safeParse(await read(`/features/${key}?format=json`)).data;
        // A list may lack a feature, but must not contradict its page.
        return [key, [page, list?.get(key) ?? page]] as const;
      }),
    );
    const current = await recheck();
    given.push(...asked.flatMap(([, again]) => again.flatMap((answer) => answer ?? [])));
    differing = asked.flatMap(([key, again]) => again.flatMap((answer) => difference(current, key, answer) ?? []).slice(0, 1));
  }
  const instants = given.map(({ asOf }) => asOf).sort();
  return { ok: true, compared: keys.length, differing, asOf: instants.at(-1) ?? null, oldest: instants[0] ?? null };
};

const CLOCK_MS_MAX = 5 * 60_000;

/** Returns a warning if entries are ahead of this machine's clock: they may be misdated, or a clock is wrong. */
export const aheadLines = (newest: string, now: string): readonly string[] =>
  Date.parse(newest) - Date.parse(now) > CLOCK_MS_MAX
    ? [`WATCH the newest entry is of ${newest}, and this machine's clock shows ${now}: what is on is said as of then`]
    : [];

export const answerLines = (report: AnswerReport | undefined, now: string): readonly string[] => {
  if (report === undefined) return ['cannot be checked: what the gate answers, since this is a folder'];
  if (!report.ok) return [`cannot be checked: what the gate answers, since ${report.unanswered}`];
  const { compared, differing, asOf, oldest } = report;
  // An answer of another day can only match the log of that day.
  const off = [asOf, oldest].find((each) => each !== null && Math.abs(Date.parse(each) - Date.parse(now)) > CLOCK_MS_MAX);
  return [
    differing.length === 0
      ? `the gate answers what its log gives, for ${compared === 1 ? 'the one feature' : `all ${compared} features`}`
      : `THE GATE ANSWERS OTHERWISE THAN ITS LOG for ${differing.length} of ${compared} features:`,
    ...differing.flatMap(({ key, gate, log }) => [`  ${key}`, `    the gate: ${gate}`, `    the log:  ${log}`]),
    ...(off == null ? [] : [`WATCH the gate answers as of ${off}, and this machine's clock shows ${now}`]),
    'cannot be checked: what the gate answers to others than the public, such as IT with its token',
  ];
};
