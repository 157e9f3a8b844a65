import { createHash } from 'node:crypto';
import * as z from 'zod';
import { toSeen } from '../../../../../domain/derived/cases.ts';
import { type ChangeRecord, type Report, type Task, taskIdentity } from '../../../../../domain/derived/record.ts';
import { shownReport } from '../../../../../domain/derived/sources.ts';
import { CITY, changeId, changeNamed, vendorOf } from '../../../../../domain/feature/keys.ts';
import { canonical, digestOf } from '../../../../../domain/kernel/canonical.ts';
import { normalizeText } from '../../../../../domain/kernel/text.ts';
import { Digest, FeatureKey, LineText, Sha256Hex } from '../../../../../domain/kernel/zodTypes.ts';
import { type ObservationPlace, observationStream, placeOfObservation } from '../../../../../domain/observation/decide.ts';
import {
  Evidence,
  FEATURES_MAX,
  type ObservationEvent,
  ObservationNote,
  type Observed,
  ObservedValue,
} from '../../../../../domain/observation/events.ts';
import { observationAggregate } from '../../../../gate/aggregates.ts';
import { recordOptOut } from '../../../../gate/feature.ts';
import { evaluateKey } from '../../../../gate/heads.ts';
import { readRules, rostersUpTo } from '../../../../gate/rules.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { eventsOf } from '../../../../platform/store/load.ts';
import { mapInTurns } from '../../../../platform/turns.ts';
import { keysCountedFor, readKeyRecord, readTasks } from '../../../../register/derived/records.ts';
import { driftAfterReport, recordSeen } from '../../../../register/derived/reported.ts';
import { readChange, readNamedChange } from '../../../../register/project.ts';
import { approvalsOf } from '../../../../register/views/featureJson.ts';
import { cursorsOf, requirePage } from '../../../http/input.ts';
import type { ProblemCode } from '../../../http/problems.ts';
import type { Caller } from '../../../http/tokens.ts';
import type { SiteDeps } from '../../deps.ts';
import { type Fault, hashIn, type Input, oneOf } from '../../forms.ts';
import { empty, type Html, html, join, untrustedText } from '../../html.ts';
import { bodyName, type Locale, vendorNames, withRoster } from '../../locale.ts';
import { seenText } from '../../parts/seen.ts';

export const CHOICES = ['opted-out', 'off', 'on', 'on-for'] as const;

export const NOTHING = 'nothing';

export const TASK_FIELDS = ['about', 'act', 'below', 'agencies', 'version', 'note', 'file', 'sha256'] as const;
type TaskField = (typeof TASK_FIELDS)[number];

const NAME = /^(?<field>[a-z0-9]+)\.(?<ref>[0-9a-f]{12})$/;

export const nameOf = (field: TaskField, ref: string): string => `${field}.${ref}`;

export const isTaskField = (name: string): boolean => {
  const field = NAME.exec(name)?.groups?.['field'];
  return TASK_FIELDS.some((each) => each === field);
};

const ABOUT = /^(?<key>[^;]+)(?:;(?<n>[1-9][0-9]{0,6});(?<revision>[1-9][0-9]{0,6});(?<digest>[^;]+))?$/;

export const subjectOf = ({ task: { key }, wording }: WorkItem): string =>
  wording === undefined ? (key ?? '') : [key, wording.n, wording.revision, wording.digest].join(';');

interface Said {
  readonly key: string;
  readonly note: string | null;
  readonly evidence: Evidence | null;
}

/**
 * What was seen of a key. `below`: the keys beneath it that its task covers are off as well; as many as the page showed, or `yes` from a
 * program.
 */
interface SeenAct extends Said {
  readonly type: 'seen';
  readonly value: ObservedValue;
  readonly below: string;
}

interface OptOutAct extends Said {
  readonly type: 'opted-out';
  readonly n: number;
  readonly revision: number;
  readonly digest: string;
  readonly note: string;
}

type WorkAct = SeenAct | OptOutAct;

const fault = (field: TaskField, ref: string, code: Fault['code']): Fault => ({ name: nameOf(field, ref), code });

const evidenceOf = (input: Input, ref: string, faults: Fault[]): Evidence | null => {
  const title = normalizeText(oneOf(input, nameOf('file', ref)));
  const sha256 = hashIn(input, nameOf('sha256', ref));
  if (title === '' && sha256 === '') return null;
  if (!Evidence.shape.title.safeParse(title).success) faults.push(fault('file', ref, 'docTitle'));
  if (!Sha256Hex.safeParse(sha256).success) faults.push(fault('sha256', ref, 'docSha256'));
  return { sha256, title };
};

const seenValue = (input: Input, ref: string, act: string, faults: Fault[]): ObservedValue => {
  const agencies = oneOf(input, nameOf('agencies', ref)).split('\n').map(normalizeText).filter(Boolean);
  const version = normalizeText(oneOf(input, nameOf('version', ref)));
  if (act === 'on-for' && agencies.length === 0) faults.push(fault('agencies', ref, 'agencies'));
  if (agencies.length === 0 && version === '') return act !== 'off';
  const value = { on: act !== 'off', ...(agencies.length > 0 && { agencies }), ...(version !== '' && { version }) };
  if (version !== '' && !LineText(100).safeParse(version).success) faults.push(fault('version', ref, 'version'));
  else if (!ObservedValue.safeParse(value).success) faults.push(fault('agencies', ref, 'agencies'));
  return value;
};

const optOutOf = (about: NonNullable<RegExpExecArray['groups']>, said: Said, ref: string, faults: Fault[]): OptOutAct => {
  const { n, revision, digest = '' } = about;
  if (!Digest.safeParse(digest).success) faults.push(fault('act', ref, 'nonce'));
  if (said.note === null) faults.push(fault('note', ref, 'note'));
  return { ...said, type: 'opted-out', n: Number(n), revision: Number(revision), digest, note: said.note ?? '' };
};

const actOf = (input: Input, ref: string, act: string, faults: Fault[]): WorkAct | undefined => {
  const about = ABOUT.exec(oneOf(input, nameOf('about', ref)))?.groups;
  const key = FeatureKey.safeParse(about?.['key']).data;
  const isVendors = key !== undefined && vendorOf(key) !== CITY;
  if (about === undefined || !isVendors || CHOICES.every((each) => each !== act)) {
    faults.push(fault('act', ref, 'choice'));
    return undefined;
  }
  const note = normalizeText(oneOf(input, nameOf('note', ref))) || null;
  if (note !== null && !ObservationNote.safeParse(note).success) faults.push(fault('note', ref, 'impactText'));
  const said = { key, note, evidence: evidenceOf(input, ref, faults) };
  if (act === 'opted-out') return optOutOf(about, said, ref, faults);
  const below = act === 'off' ? oneOf(input, nameOf('below', ref)) : '';
  if (!/^(?:yes|[1-9][0-9]{0,6}|)$/.test(below)) faults.push(fault('below', ref, 'choice'));
  return { ...said, type: 'seen', value: seenValue(input, ref, act, faults), below };
};

/**
 * Reads the form's answers. A task without an answer states nothing. Two different answers about one key are a fault: neither is assumed
 * to be true.
 */
export const readActs = (input: Input, faults: Fault[]): readonly WorkAct[] => {
  const seen = new Map<string, string>();
  return [...input.keys()].flatMap((name): readonly WorkAct[] => {
    const { field, ref = '' } = NAME.exec(name)?.groups ?? {};
    const act = oneOf(input, name);
    if (field !== 'act' || act === '' || act === NOTHING) return [];
    const read = actOf(input, ref, act, faults);
    if (read?.type === 'seen') {
      const value = canonical(read.value);
      if ((seen.get(read.key) ?? value) !== value) faults.push(fault('act', ref, 'contradiction'));
      seen.set(read.key, value);
    }
    return read === undefined ? [] : [read];
  });
};

const WORKLIST = 'worklist';

/** What was recorded: streams of observations, and changes that the city opted out of. */
export interface Recording {
  readonly recorded: readonly string[];
  readonly refused: readonly { readonly about: string; readonly code: ProblemCode; readonly detail: string }[];
}

const saidAlike = ({ key, note, evidence }: SeenAct): string => JSON.stringify([vendorOf(key), note, evidence]);

/**
 * Returns what an act says; undefined if other keys follow its task than when the page showed how many. `named`: keys with an answer of
 * their own, which overrides an answer about all keys beneath another.
 */
const featuresOf = async (
  { ports }: SiteDeps,
  { key, value, below }: SeenAct,
  named: ReadonlySet<string>,
): Promise<Observed | undefined> => {
  const counted = below === '' ? [] : await keysCountedFor(ports.sideStore, key);
  if (below !== '' && below !== 'yes' && counted.length !== Number(below)) return undefined;
  const beneath = counted.filter((each) => !named.has(each));
  return Object.fromEntries([...beneath.map((each) => [each, false] as const), [key, value] as const]);
};

const refusal = (about: string, code: ProblemCode, detail: string): Recording => ({
  recorded: [],
  refused: [{ about, code, detail }],
});

const recordOut = async ({ ports }: SiteDeps, { name, person }: Caller, act: OptOutAct): Promise<Recording> => {
  const { key, n } = act;
  const change = changeId(key, n);
  if (person === null) return refusal(change, 'token-without-person', 'an opt-out is recorded by a token of a person');
  const known = await readChange(ports, key, n);
  if (known === undefined) return refusal(change, 'unknown-change', `there is no change ${change}`);
  const said = { ...act, caller: { name, person } };
  const done = await recordOptOut(ports, said, known.view);
  return done.ok
    ? { recorded: [change], refused: [] }
    : refusal(change, done.rejection.code, `${change}: ${done.rejection.detail}`);
};

const recordSeenActs = async (
  deps: SiteDeps,
  caller: Caller,
  acts: readonly SeenAct[],
  named: ReadonlySet<string>,
): Promise<Recording> => {
  const [{ key, note, evidence } = { key: '', note: null, evidence: null }] = acts;
  const features: Observed = {};
  for (const act of acts) {
    const own = await featuresOf(deps, act, named);
    if (own === undefined) return refusal(act.key, 'stale', `${act.key}: other features follow it now than the page showed`);
    Object.assign(features, own);
  }
  const [vendor, source, observedAt] = [vendorOf(key), caller.source ?? WORKLIST, deps.ports.clock()];
  const recorded: string[] = [];
  for (let entries = Object.entries(features); entries.length > 0; entries = entries.slice(FEATURES_MAX)) {
    const facts = { source, observedAt, features: Object.fromEntries(entries.slice(0, FEATURES_MAX)), evidence, note };
    const done = await recordSeen(deps.ports, {
      vendor,
      facts,
      commandId: `worklist/${caller.name}/${digestOf(Buffer.from(canonical({ vendor, ...facts })))}`,
      actor: `token:${caller.name}`,
      person: caller.person,
    });
    if (!done.ok) {
      const { code, detail } = done.rejection;
      return { recorded, refused: [{ about: key, code: code === 'other-vendor' ? 'invalid-form' : code, detail }] };
    }
    recorded.push(observationStream(vendor, source, false));
  }
  return { recorded, refused: [] };
};

/** Records the acts in the name of the token's person. What was recorded stays, even if a later act is refused. */
export const recordActs = async (deps: SiteDeps, caller: Caller, acts: readonly WorkAct[]): Promise<Recording> => {
  const done: Recording[] = [];
  for (const act of acts) if (act.type === 'opted-out') done.push(await recordOut(deps, caller, act));
  const seen = acts.filter((act) => act.type === 'seen');
  const named = new Set(seen.map(({ key }) => key));
  for (const alike of Map.groupBy(seen, saidAlike).values()) done.push(await recordSeenActs(deps, caller, alike, named));
  return { recorded: done.flatMap(({ recorded }) => recorded), refused: done.flatMap(({ refused }) => refused) };
};

const REPORTS_MAX = 8;
const KEYS_MAX = 12;

/** What a receipt is about, from its address: the stream of each report, and each change opted out of. */
export const RecordedQuery = z.array(z.string().max(300)).max(100);

const reportsOf = async ({ ports }: SiteDeps, stream: string, count: number): Promise<readonly ObservationEvent[]> => {
  const head = await ports.store.head(stream);
  if (head === undefined) return [];
  const commits = await ports.store.history(stream, { after: Math.max(0, head.version - count), limit: count });
  return commits.flatMap((commit) => eventsOf(observationAggregate, commit));
};

const line = (locale: Locale, { observedAt, features }: ObservationEvent): Html => {
  const { words, count } = locale;
  const { recorded } = words.worklist;
  const entries = Object.entries(features);
  const rest = entries.length - KEYS_MAX;
  const shown = entries.slice(0, KEYS_MAX).map(([key, value]) => html`<code>${key}</code> ${seenText(locale, toSeen(value))}`);
  const keys = html`${join(shown, ', ')}${rest > 0 && html` ${count(recorded, 'more', rest)}`}`;
  return html`<li>${locale.time(observedAt)}: ${keys}</li>`;
};

/** Renders what others reported about the shown keys, if it stays open regardless of this report. */
const notClosedLines = async (
  { ports }: SiteDeps,
  { words, say, list }: Locale,
  place: ObservationPlace,
  { features, person, ...said }: ObservationEvent,
): Promise<readonly Html[]> => {
  const { stillOpen, closers, together } = words.worklist.recorded;
  // A person who reports that a key is on expects it to stay open.
  const shown = Object.entries(features)
    .slice(0, KEYS_MAX)
    .filter(([, value]) => value !== true);
  const { drift } = await driftAfterReport(ports, place, { ...said, features: Object.fromEntries(shown) }, person);
  const open = drift.flatMap(({ key, notClosed }) => notClosed.map((each) => ({ key, ...each })));
  const alike = Map.groupBy(open, ({ report: { source, kind } }) => JSON.stringify([source, kind]));
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { report, closers: by } = first;
    const keys = join(
      [first, ...others].map(({ key }) => html`<code>${key}</code>`),
      ', ',
    );
    return html`
<p class="note">${say(stillOpen, { source: untrustedText(report.source), keys })} ${say(closers, { sources: untrustedText(list(by.alone)) })}${
      by.together.length > 0 && html` ${say(together, { sources: untrustedText(list(by.together)) })}`
    }</p>`;
  });
};

const optOutLine = async ({ ports }: SiteDeps, { say }: Locale, text: string, change: string): Promise<Html | undefined> => {
  const reading = await readNamedChange(ports, change);
  return reading?.view.optOut == null ? undefined : html`<li>${say(text, { change: html`<code>${change}</code>` })}</li>`;
};

/** Renders the receipt from the record itself; empty if the address names nothing in it. */
export const recordedNote = async (deps: SiteDeps, locale: Locale, named: readonly string[]): Promise<Html> => {
  const { again, optedOut } = locale.words.worklist.recorded;
  const counted = [...Map.groupBy(named, (each) => each)].slice(0, REPORTS_MAX);
  const found = await Promise.all(
    counted.map(async ([each, times]) => {
      const place = placeOfObservation(each);
      if (place === undefined) return { lines: [(await optOutLine(deps, locale, optedOut, each)) ?? []].flat(), notes: [] };
      const reports = (await ifReadable(reportsOf(deps, each, Math.min(times.length, REPORTS_MAX)))) ?? [];
      const notes = await Promise.all(reports.map((event) => ifReadable(notClosedLines(deps, locale, place, event))));
      return { lines: reports.map((event) => line(locale, event)), notes: notes.flatMap((some) => some ?? []) };
    }),
  );
  const lines = found.flatMap((each) => each.lines);
  if (lines.length === 0) return empty;
  return html`
<div class="card" role="status"><h2>${locale.words.several.recorded}</h2><ul class="plain">${lines}</ul>${found.map(({ notes }) => notes)}<p>${again}</p></div>`;
};

/** `ref`: identifies the task in field names; `wording`: what it is about; `seen`: the report that counts. */
export interface WorkItem {
  readonly task: Task;
  readonly ref: string;
  readonly vendorName: string;
  readonly wording: Pick<ChangeRecord, 'n' | 'revision' | 'digest' | 'title'> | undefined;
  readonly seen: Report | undefined;
  readonly terms: TermsToday | undefined;
}

interface DecidedBy {
  readonly name: string;
  readonly fileNumber: string | null;
}

interface TermsToday {
  readonly version: string | null;
  readonly until: string | null;
  readonly conditions: readonly string[];
  readonly by: readonly DecidedBy[];
}

export interface Worklist {
  readonly items: readonly WorkItem[];
  readonly next: string | null;
  readonly asOf: string;
}

const REF_CHARS = 12;

/** Returns the identifier of a task in a form, which stays valid if the list changes. */
const refOf = (task: Task): string => createHash('sha256').update(taskIdentity(task)).digest('hex').slice(0, REF_CHARS);

const termsOf = async (
  { ports }: SiteDeps,
  locale: Locale,
  { key, agencies }: { readonly key: string; readonly agencies: readonly string[] },
): Promise<TermsToday> => {
  const [{ version, effectiveUntil: until, conditions, change }, { roster }] = await Promise.all([
    evaluateKey(ports, key, { agencies }),
    readRules(ports),
  ]);
  const named = withRoster(locale, roster?.roster);
  const reading = change === null ? undefined : await ifReadable(readChange(ports, key, change));
  const acts = reading === undefined ? [] : approvalsOf(reading.view, await rostersUpTo(ports, roster), ports.clock());
  const by = acts
    .filter(({ instrument }) => instrument !== 'confirmation')
    .map(({ body, holder, name, fileNumber, instrument }) => ({
      name: instrument === 'certification' ? bodyName(named, body ?? '') : (name ?? holder),
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

/** Reads a page of the list, which may lag by some seconds. Throws Refused (400) for a cursor of another list. */
export const readWorklist = async (deps: SiteDeps, query: WorklistQuery): Promise<Worklist> => {
  const cursors = cursorsOf('worklist', query.vendor, query.agencies);
  const page = requirePage(await readTasks(deps.ports, { ...query, cursor: cursors.read(query.cursor) }));
  const names = await vendorNames(deps, new Set(page.items.map(({ vendor }) => vendor)));
  const items = await mapInTurns(page.items, (task) => itemOf(deps, task, { ...query, names }));
  return { items, next: cursors.write(page.next), asOf: deps.ports.clock() };
};
