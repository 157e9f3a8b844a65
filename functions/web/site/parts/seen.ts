import { type DaySpan, daysIn } from '../../../../domain/derived/cases.ts';
import type { KeyAnswer, Report, Seen, SourceRecord, Task } from '../../../../domain/derived/record.ts';
import { SEEN_ON } from '../../../../domain/derived/tasks.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { lateText, taskName } from '../../../platform/acts.ts';
import { rankOf, type TaskRank, taskAudience } from '../../../register/derived/records.ts';
import { type CaseJson, isSilent, type Looking } from '../../../register/views/observedJson.ts';
import { descriptionItem, empty, type Html, html, join, untrustedText, visuallyHidden } from '../html.ts';
import { type CityLocale, changeLink, hashText, holderName, type Locale } from '../locale.ts';
import { chip, type Tone, warning } from './chip.ts';

const versionText = ({ words, say }: Locale, version: string | null): readonly Html[] =>
  version === null ? [] : [say(words.seen.version, { version: untrustedText(version) })];

export const seenText = (locale: Locale, { on, agencies, version }: Seen): Html => {
  const { words, say, list } = locale;
  const w = words.seen;
  const what = !on
    ? html`${w.off}`
    : agencies === null
      ? html`${w.on}`
      : say(w.onFor, { agencies: untrustedText(list(agencies)) });
  return join([what, ...versionText(locale, version)], ', ');
};

const approvedText = (locale: Locale, { onFor, variant, version }: Pick<KeyAnswer, 'onFor' | 'variant' | 'version'>): Html => {
  const { words, say, list } = locale;
  const w = words.seen;
  if (onFor === 'none') return html`${w.nothing} <small>(${words.variant[variant]})</small>`;
  const what = onFor === 'all' ? html`${w.everyone}` : say(w.onlyFor, { agencies: untrustedText(list(onFor)) });
  return join([what, ...versionText(locale, version)], ', ');
};

const lastMoment = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

/** Renders the days of a case; a closed case ends on the last day on which it was open. */
export const duringText = ({ words, say, date, time }: Locale, { since, until }: Pick<CaseJson, 'since' | 'until'>): Html => {
  const w = words.seen;
  const from = time(since, date(since));
  if (until === null) return say(w.since, { from });
  const last = until > since ? lastMoment(until) : until;
  return date(since) === date(last) ? say(w.onDay, { from }) : say(w.during, { from, to: time(until, date(last)) });
};

/** Returns on whose behalf a source looked. Its name does not show that: a vendor may sign under the name of a source of the city. */
export const lookedFor = ({ seen }: Locale['words'], { kind, attested }: Pick<Report, 'kind' | 'attested'>): string =>
  attested ? seen.attested : seen.from[kind];

export const lastSeen = (locale: Locale, report: Report): Html => {
  const { words, say } = locale;
  const last = say(words.seen.last, { source: untrustedText(report.source), when: locale.time(report.observedAt) });
  return html`${last} <small>(${lookedFor(words, report)})</small>`;
};

const reportedText = (
  locale: CityLocale,
  { since, sources, confirmed }: Pick<CaseJson, 'since' | 'sources' | 'confirmed'>,
): Html => {
  const { words, say, list } = locale;
  const names = [...new Set(sources.map(({ source }) => source))];
  const who = sources.map(({ source, kind, person }) => {
    const name = person === null ? empty : html`, ${untrustedText(holderName(locale, person, since))}`;
    return html`${names.length > 1 && html`${untrustedText(source)} `}${words.seen.from[kind]}${name}`;
  });
  const slots = { sources: untrustedText(list(names)), who: html`<small>(${join(who, '; ')})</small>` };
  return say(confirmed ? words.seen.byConfirmed : words.seen.by, slots);
};

const endText = (locale: Locale, closedBy: CaseJson['closedBy']): Html => {
  const { words, say } = locale;
  const w = words.seen;
  if (closedBy === null) return html`${w.endedByNews}`;
  if ('source' in closedBy) return say(w.endedBySource, { source: untrustedText(closedBy.source) });
  return say(w.endedByChange, { change: changeLink(locale, closedBy.change) });
};

/** Renders the facts of a case. `folded`: all except who reported it. */
export const caseFacts = (
  locale: CityLocale,
  { key, kind, seen, approved, evidence, until, closedBy, ...reported }: CaseJson,
  folded = false,
): Html => {
  const w = locale.words.seen;
  const documents = evidence.map(
    ({ title, sha256 }) => html`<div>${untrustedText(title)} <small>${hashText(sha256)}</small></div>`,
  );
  const facts = html`<dl class="facts">${descriptionItem(w.seen, seenText(locale, seen))}${descriptionItem(w.approved, approvedText(locale, approved))}${
    evidence.length > 0 && descriptionItem(w.evidence, html`${documents}`)
  }${until !== null && descriptionItem(w.ended, endText(locale, closedBy))}</dl>`;
  return html`<p>${locale.words.tasks.because[SEEN_ON[kind]]} ${reportedText(locale, reported)}</p>
${folded ? html`<details><summary>${w.details}${visuallyHidden(key)}</summary>${facts}</details>` : facts}`;
};

export const caseDays = (locale: Locale, { until, ...when }: Pick<CaseJson, 'since' | 'until' | 'days'>): Html => {
  const { words, count } = locale;
  const label = until === null ? chip('no', words.seen.isOn) : chip('off', words.seen.over);
  return html`${label} <b>${count(words.seen, 'days', when.days)}</b>, ${duringText(locale, { ...when, until })}.`;
};

const WIDTH = 320;

/** Renders a line of days. Its text alternative names the marked days. */
export const dayLine = (locale: Locale, spans: readonly DaySpan[], today: string): Html => {
  const { words, day, say } = locale;
  const [start] = spans;
  if (start === undefined) return empty;
  const all = daysIn({ first: start.first, last: today });
  const unit = WIDTH / all;
  const rects = spans.map((span) => {
    const x = (daysIn({ first: start.first, last: span.first }) - 1) * unit;
    return html`<rect class="no" x="${x.toFixed(2)}" width="${Math.max(1, daysIn(span) * unit).toFixed(2)}" height="8"/>`;
  });
  const named = spans.map(({ first, last }) =>
    first === last ? say(words.seen.onDay, { from: day(first) }) : say(words.seen.during, { from: day(first), to: day(last) }),
  );
  const label = say(words.seen.picture, { from: day(start.first), to: day(today), spans: join(named, ', ') });
  return html`
<svg class="chart strip" viewBox="0 0 ${WIDTH} 8" preserveAspectRatio="none" role="img" aria-labelledby="days">
<title id="days">${label}</title><rect class="track" width="${WIDTH}" height="8"/>${rects}</svg>
<p class="fine ends" aria-hidden="true"><span>${day(start.first)}</span><span>${day(today)}</span></p>`;
};

const SILENT_MAX = 20;

/** Renders which named sources have not looked in time; what no source looked at is unknown. `names`: the vendors'. */
export const lookingNote = (locale: Locale, { isNamed, silent }: Looking, names: ReadonlyMap<string, string>): Html => {
  const { words, say, count, duration, date } = locale;
  const w = words.seen;
  if (!isNamed) return warning(html`<b>${w.noOne}</b> ${w.unknown}`);
  if (silent.length === 0) return html`<p>${w.inTime} ${w.unknown}</p>`;
  const items = silent.slice(0, SILENT_MAX).map(({ source, vendor, since, every }) => {
    const slots = { source: untrustedText(source), every: duration(every) };
    if (since === null) return html`<li>${say(w.silentEver, slots)}</li>`;
    const when = locale.time(since, date(since));
    if (vendor === null) return html`<li>${say(w.silentEver, slots)} ${say(w.namedSince, { when })}</li>`;
    return html`<li>${say(w.silent, { ...slots, vendor: untrustedText(names.get(vendor) ?? vendor), when })}</li>`;
  });
  const more = silent.length - items.length;
  return html`
<div class="note"><ul>${items}${more !== 0 && html`<li>${count(w, 'moreSilent', more)}</li>`}</ul><p>${w.unknown}</p></div>`;
};

export const lookList = (locale: Locale, sources: readonly SourceRecord[]): Html => {
  const { words, say, date, duration, now } = locale;
  const w = words.seen;
  if (sources.length === 0) return html`<p>${words.seen.notYet}</p>`;
  const items = sources.map((record) => {
    const { source, lookedAt, expectedFrom, every } = record;
    const silent = every !== null && isSilent(record, now);
    const named = expectedFrom && html` ${say(w.namedSince, { when: locale.time(expectedFrom, date(expectedFrom)) })}`;
    const looked =
      lookedAt === null
        ? html`${say(w.lookedNever, { source: untrustedText(source) })}${named}`
        : say(w.looked, { source: untrustedText(source), when: locale.time(lookedAt) });
    const tooLong = silent && html` <b>${say(w.lookedSilent, { every: duration(every) })}</b>`;
    return html`
<li>${looked} <small>(${lookedFor(words, record)})</small>${tooLong}</li>`;
  });
  return html`<ul>${items}</ul><p>${w.unknown}</p>`;
};

export const pageOfTask = ({ change, key, vendor }: Pick<Task, 'change' | 'key' | 'vendor'>): string =>
  change !== null ? `/changes/${change}` : key !== null ? `/features/${key}` : `/vendors/${vendor}`;

/** Renders which agencies a task concerns; empty for all. */
export const whomText = ({ words, say, list }: Locale, task: Task): Html => {
  const { said, agencies } = taskAudience(task);
  return agencies.length === 0 ? empty : say(words.tasks[said], { agencies: untrustedText(list(agencies)) });
};

export const dueText = (locale: Locale, { by, kind }: Task): Html => {
  const { words, say, deadline, now, time } = locale;
  if (by === null) return kind === 'switch-on' ? empty : html`${words.tasks.noDay}`;
  if (by <= now) return html`${lateText(words.tasks, locale.language, locale, { ...locale, by })}`;
  return say(words.tasks.by, { when: time(by, deadline(by)) });
};

const TONES = ['no', 'wait', 'on'] as const satisfies Record<TaskRank, Tone>;

/** `link`: leads to the task's page. */
const taskItem = (locale: Locale, task: Task, link: Html): Html => {
  const { words, count } = locale;
  const { because, how } = words.tasks;
  const below = task.below !== 0 && html` ${count(words.tasks, 'below', task.below)}`;
  const why = html`${dueText(locale, task)} ${because[task.because]} ${whomText(locale, task)}${below}`;
  const way = task.how !== null && html`<small>${how} ${untrustedText(task.how)}</small>`;
  return html`
<li>${chip(TONES[rankOf(task)], taskName(words.tasks, task))} ${link} <small>${why}</small>${way}</li>`;
};

interface FeatureTasks {
  readonly tasks: readonly Task[];
  readonly changes: readonly ChangeView[];
}

/** Renders the city's tasks and opt-outs of a feature; nothing if there are none. */
export const cityTasksSection = (locale: Locale, { tasks, changes }: FeatureTasks): Html => {
  const { words } = locale;
  const link = (change: string | null): Html => (change === null ? empty : changeLink(locale, change));
  const optOuts = changes
    .toReversed()
    .flatMap(({ key, number, optOut }) =>
      optOut === null ? [] : [html`<li>${link(changeId(key, number))} ${words.decide.optOut.standing[optOut.standing]}</li>`],
    );
  if (tasks.length === 0 && optOuts.length === 0) return empty;
  const items = tasks.map((task) => taskItem(locale, task, link(task.change)));
  return html`
<h2>${words.tasks.heading}</h2>
${tasks.length === 0 ? html`<p>${words.tasks.nothing}</p>` : html`<ul class="plain tasks">${items}</ul>`}
${optOuts.length > 0 && html`<h3>${words.tasks.recorded}</h3><ul class="plain">${optOuts}</ul>`}`;
};
