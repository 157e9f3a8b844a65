import type { ApprovalEffect, ApprovalForecast, Limit, LimitOrigin } from '../../../domain/feature/effect.ts';
import { changeId, POLICY_KEY } from '../../../domain/feature/keys.ts';
import { compareLines, linesOfNotice, type NoticeFacts, type NoticeLine } from '../../../domain/feature/notice.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { type Name, nameIn } from '../../../domain/roster/schema.ts';
import { announcedAs, askName, forecastText, noticeLabel, noticeText, vendorsChoice } from '../../platform/acts.ts';
import { bodyNames, capitalized, type Forms, fillCount, fillText, listFormat, type Slots } from '../../platform/catalogue.ts';
import { type Letter, type Paragraph, shortened } from '../../platform/mail/letter.ts';
import { type AlarmCode, type ChangeName, type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import type { Due } from '../../register/waiting.ts';
import type { AskItem, LinkedItem } from './post.ts';

export const LISTED_MAX = 20;

/** `n`: the total, of which `items` are the first. */
export const listSlot = (words: MailWords, items: readonly string[], n = items.length): { readonly list: readonly string[] } => {
  const shown = items.slice(0, LISTED_MAX);
  return { list: n > shown.length ? [...shown, fillText(words.weekly.more, { n: n - shown.length })] : shown };
};

export const countText = <Key extends string>(
  words: MailWords,
  texts: Forms<NoInfer<Key>>,
  head: Key,
  lines: readonly string[],
  n = lines.length,
): readonly Paragraph[] => (n === 0 ? [] : [fillCount(words.locale, texts, head, n), listSlot(words, lines, n)]);

/** Returns a letter about keys with a line for each; its subject names the first. */
export const keysLetter = (
  words: MailWords,
  texts: Forms<'subject'> & Forms<'lead'>,
  found: readonly { readonly key: string }[],
  lines: readonly string[],
  tail: readonly Paragraph[],
  slots: Slots = {},
): Letter => ({
  subject: fillCount(words.locale, texts, 'subject', found.length, { key: found[0]?.key ?? '' }),
  paragraphs: [fillCount(words.locale, texts, 'lead', found.length, slots), listSlot(words, lines), ...tail],
});

const SUMMARY_CHARS_MAX = 600;

/** The change that a letter is about. `name` gives the name of a body by its id. */
export interface About {
  readonly view: ChangeView;
  readonly zone: string;
  readonly url: string;
  readonly now: string;
  readonly vendor: string;
  /** Or the effect it would have if it were given now. */
  readonly effect: ApprovalEffect;
  /** What comes of the approval if it is given now; null of a closed change. */
  readonly foretold: ApprovalForecast | null;
  readonly isMaintenance: boolean;
  /** The facts of the previous revision, else of the last approval; null if there is neither. */
  readonly before: NoticeFacts | null;
  readonly name: (body: string) => Name;
}

type Present = Pick<About, 'zone' | 'now'>;

export const changeName = (view: ChangeView): ChangeName => ({
  title: latestOf(view).notice.title,
  change: changeId(view.key, view.number),
});

/** Officials copy vendors' texts into conditions, so a line break must not put an address on a line of its own. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** Returns a subject that begins with the request and its day, since a phone shows some forty characters. */
export const subjectAbout = (
  words: MailWords,
  names: { readonly vendor: string; readonly title: string },
  what: string,
): string => fillText(words.subject, { What: capitalized(what), ...names });

const untilDay = (
  words: MailWords,
  { zone, now }: Present,
  byDay: string,
  what: string,
  until: string | null | undefined,
): string => (until == null ? what : fillText(byDay, { what, by: mailTimes(words, zone).shortLastDay(until, now) }));

export const quoted = ({ quoted: text }: MailWords, said: string): string => fillText(text, { text: oneLine(said) });

/** Introduces a change in the city's words; the vendor's are quoted within a sentence, so that they cannot look like a link. */
const aboutChange = (words: MailWords, { view, zone }: About): readonly string[] => {
  const before = view.revisions.at(-2);
  const { revision, notice, provenance } = latestOf(view);
  const announced = announcedAs(view.key, provenance);
  const when = before === undefined ? '' : mailTimes(words, zone).dateTime(before.at);
  return [
    fillText(words.about, { change: changeId(view.key, view.number), revision }),
    ...(before === undefined ? [] : [fillText(words.replaces, { before: before.revision, when })]),
    ...(view.rebound === null ? [] : [words.otherRules]),
    fillText(words.says[announced], { summary: shortened(notice.summary, SUMMARY_CHARS_MAX) }),
    ...(announced === 'announced' && provenance.scheme === null ? [words.notSigned] : []),
  ];
};

const withColon = (label: string): string => (label.endsWith('?') ? label : `${label}:`);

/** What a notice states anew, line by line, old and new; the city's own rules are compared on their page. */
const differences = (words: MailWords, { view, before, zone }: About): readonly Paragraph[] => {
  if (before === null || view.key === POLICY_KEY) return [];
  const latest = latestOf(view);
  const { compared, notice } = words;
  const { changed } = compareLines(linesOfNotice(before), linesOfNotice(latest.notice));
  const stated = (line: NoticeLine | undefined): string => {
    if (line === undefined) return notice.change.notThere;
    const { text, isVendors } = noticeText(notice, mailTimes(words, zone), line);
    return isVendors ? quoted(words, shortened(oneLine(text), SUMMARY_CHARS_MAX)) : text.replace(/\.$/, '');
  };
  const lines = changed.flatMap(({ before: old, after: now }) => {
    const line = now ?? old;
    if (line === undefined) return [];
    return [fillText(compared.line, { label: withColon(noticeLabel(notice, line)), before: stated(old), after: stated(now) })];
  });
  const lead = latest.revision > 1 ? fillText(compared.revision, { n: latest.revision - 1 }) : compared.approved;
  return [lead, { list: lines.length === 0 ? [compared.onlyText] : lines }];
};

/** Returns the vendor's day and the city's choice as on the page, on separate lines. */
const choiceAtVendor = (words: MailWords, { view, zone }: About): readonly Paragraph[] => {
  const { change } = words.notice;
  const { effective, ...others } = vendorsChoice(words.notice, mailTimes(words, zone), latestOf(view).notice);
  const days = { effective: effective && `${effective}. ${change.effectiveNote}`, ...others };
  const names = ['effective', 'optOut', 'optOutBy', 'withoutAction'] as const;
  const list = names.flatMap((name) => (days[name] === null ? [] : `${withColon(change[name])} ${days[name]}`));
  return list.length === 0 ? [] : [{ list }];
};

const pageOf = (words: MailWords, { view, url }: About): Paragraph => ({
  text: words.publicPage,
  url: `${url}/changes/${view.key}/${view.number}`,
});

const votedOn = (words: MailWords, { view, name }: About, { asks, requirement }: Due, what: string): string => {
  const vote = view.requirements.findLast(({ instrument, tally }) => instrument === 'certification' && tally !== null);
  if (asks !== 'decide' || requirement.instrument !== 'signature' || vote?.tally == null) return what;
  const { yes, no } = vote.tally;
  return fillText(words.voted, { what, yes, no, body: nameIn(name(vote.body), words.locale) });
};

/** What is asked and until when: in the subject the day, so that it is short, in the first line the moment and the body. */
const asked = (words: MailWords, about: About, due: Due, byDay = words.byDay) => {
  const { view, zone, vendor } = about;
  const names = { vendor, title: changeName(view).title };
  const { requirement } = due;
  const called = askName(due.asks, requirement, view, about.isMaintenance);
  const until = called === 'fix' ? null : due.until;
  const by = view.requirements.find(({ id }) => id === view.veto?.requirement);
  const texts = words.acts.asks[called];
  const slots = {
    ...bodyNames(words.locale, about.name(requirement.body)),
    Refuser: by === undefined ? '' : bodyNames(words.locale, about.name(by.body)).Body,
    n: by?.rule.override?.yes ?? 0,
  };
  const what = votedOn(words, about, due, fillText(texts.subject, slots));
  const inShort = oneLine(fillText(texts.subject, { ...slots, ofBody: '' })).trim();
  const byWhen = until === null ? what : fillText(words.byWhen, { what, by: mailTimes(words, zone).deadline(until) });
  return {
    subject: subjectAbout(words, names, untilDay(words, about, byDay, inShort, until)),
    lead: fillText(words.lead, { ...names, what: byWhen }),
    summary: subjectAbout(words, names, inShort),
    mail: fillText(texts.mail, slots),
    isFix: called === 'fix',
  };
};

const timing = (words: MailWords, { zone }: About, { asks, begins, until }: Due): readonly string[] => {
  const times = mailTimes(words, zone);
  const from = begins && ('day' in begins ? times.day(begins.day) : times.dateTime(begins.instant));
  const text = asks === 'override' ? words.notice.change.secondVoteFrom : words.openFrom;
  return [
    ...(from === undefined ? [] : [fillText(text, { from, day: from })]),
    until === null ? words.noEnd : words.withoutDecision,
  ];
};

const dueDay = (summary: string, { view, url, zone }: About, { until }: Due): NonNullable<Letter['dues']> =>
  until === null
    ? []
    : [{ name: changeId(view.key, view.number), until, zone, summary, url: `${url}/changes/${view.key}/${view.number}` }];

/** Returns the effect of an approval, or why it has none. */
const effectOrNone = (words: MailWords, { effect, foretold, zone }: About): readonly Paragraph[] => {
  const said = forecastText(words.locale, words.effect, mailTimes(words, zone), foretold);
  const paragraphs = effectParagraphs(words, effect, zone, words.effectAsked);
  if (said === undefined) return paragraphs;
  return said.isOff ? [said.text] : [said.text, ...paragraphs];
};

export const askLetter = (words: MailWords, about: About, due: Due, link: string, byDay?: string): Letter => {
  const { subject, lead, summary, mail, isFix } = asked(words, about, due, byDay);
  const { view } = about;
  // Advice has no effect, and a change of the city's own rules no limits: its page compares the rules.
  const hasEffect = due.requirement.instrument !== 'advice' && view.key !== POLICY_KEY;
  return {
    subject,
    paragraphs: [
      lead,
      mail,
      { link },
      ...(about.isMaintenance ? [words.effect.maintenanceCame] : []),
      ...(isFix ? [] : timing(words, about, due)),
      ...aboutChange(words, about),
      ...choiceAtVendor(words, about),
      ...differences(words, about),
      ...(hasEffect ? effectOrNone(words, about) : []),
      words.linkIsYours,
      pageOf(words, about),
    ],
    dues: dueDay(summary, about, due),
  };
};

export const askItem = (words: MailWords, about: About, due: Due): AskItem => {
  const { lead, summary } = asked(words, about, due);
  return { key: about.view.key, lead, until: due.until, dues: dueDay(summary, about, due) };
};

/**
 * The first of what waits for a person, and a link to the page of all. The last of these leads to it: the first may be for what is over,
 * from where no other can be opened.
 */
export const waitingLines = (words: MailWords, items: readonly Pick<LinkedItem, 'lead' | 'link'>[]): readonly Paragraph[] => {
  const shown = items.slice(0, LISTED_MAX);
  const more = items.length - shown.length;
  const rest = more > 0 ? [fillText(words.inbox, { n: more }), { link: `${shown.at(-1)?.link}/inbox` }] : [];
  return [...shown.flatMap(({ lead, link }) => [lead, { link }]), ...rest];
};

/** `what` is asked, by the soonest day of all. */
const severalAsked = (
  words: MailWords,
  present: Present,
  what: string,
  lead: string,
  items: readonly LinkedItem[],
  byDay = words.byDay,
): Letter => {
  const [first] = items.flatMap(({ until }) => until ?? []).toSorted();
  return {
    subject: capitalized(untilDay(words, present, byDay, what, first)),
    paragraphs: [lead, ...waitingLines(words, items), words.withoutDecision, words.linkIsYours],
    dues: items.slice(0, LISTED_MAX).flatMap(({ dues }) => dues),
  };
};

export const meetingLetter = (
  words: MailWords,
  { name, day }: { readonly name: Name; readonly day: string },
  present: Present,
  items: readonly LinkedItem[],
): Letter => {
  const slots = { ...bodyNames(words.locale, name), day: mailTimes(words, present.zone).day(day) };
  const what = fillCount(words.locale, words.meeting, 'subject', items.length, slots);
  return severalAsked(words, present, what, fillText(words.meeting.lead, slots), items);
};

export const inventoryLetter = (words: MailWords, present: Present, items: readonly LinkedItem[]): Letter =>
  severalAsked(words, present, fillCount(words.locale, words.inventory, 'subject', items.length), words.inventory.lead, items);

export const reminderLetter = (words: MailWords, present: Present, items: readonly LinkedItem[]): Letter =>
  severalAsked(
    words,
    present,
    fillCount(words.locale, words.reminder, 'several', items.length),
    words.reminder.lead,
    items,
    words.reminder.byDay,
  );

type Alarms = readonly { readonly code: AlarmCode; readonly body: string }[];

const alarmTexts = (words: MailWords, { name }: About, alarms: Alarms): readonly string[] => [
  ...alarms.map(({ code, body }) =>
    fillText(words.alarm[code], { ...bodyNames(words.locale, name(body)), name: nameIn(name(body), words.locale) }),
  ),
  words.alarmMeans,
];

export const alarmLead = (words: MailWords, { vendor, view }: About): string =>
  fillText(words.lead, { vendor, title: changeName(view).title, what: words.cannotBeDecided });

/** Returns the letter to a clerk if a change cannot be decided under the present roster. */
export const alarmLetter = (words: MailWords, about: About, alarms: Alarms): Letter => {
  const { vendor, view } = about;
  return {
    subject: subjectAbout(words, { vendor, title: changeName(view).title }, words.cannotBeDecided),
    paragraphs: [
      alarmLead(words, about),
      ...alarmTexts(words, about, alarms),
      ...aboutChange(words, about),
      pageOf(words, about),
    ],
  };
};

/** The same alarms about several entries of the inventory, of which one is `about`. */
export const inventoryAlarm = (words: MailWords, about: About, alarms: Alarms, items: readonly LinkedItem[]): Letter => ({
  subject: fillCount(words.locale, words.inventory, 'alarm', items.length),
  paragraphs: [
    ...alarmTexts(words, about, alarms),
    listSlot(
      words,
      items.map(({ lead }) => lead),
    ),
  ],
});

const line = (words: MailWords, label: string, value: string, limits: readonly { readonly origin: LimitOrigin }[]): string => {
  const origins = [...new Set(limits.map(({ origin }) => fillText(words.effect.by[origin.by], { ...origin })))].join('; ');
  return `${label}: ${oneLine(value)}${origins === '' ? '' : ` (${origins})`}`;
};

const conditionLines = (words: MailWords, conditions: readonly Limit<string>[]): readonly string[] => {
  const { effect } = words;
  if (conditions.length === 0) return [line(words, effect.conditions, effect.none, [])];
  return [...Map.groupBy(conditions, ({ value }) => value)].map(([value, limits]) =>
    line(words, effect.conditions, quoted(words, value), limits),
  );
};

/** The statement that pages and receipts show, each limit with its origin, under `lead`. */
export const effectParagraphs = (words: MailWords, effect: ApprovalEffect, zone: string, lead: string): readonly Paragraph[] => {
  const { from, until, audience, audiences, conditions, maintenance } = effect;
  const named = words.effect;
  const times = mailTimes(words, zone);
  const agencies = listFormat(words.locale).format(audience ?? []);
  return [
    lead,
    {
      list: [
        ...(from === null ? [] : [line(words, named.from, times.dateTime(from.value), [from])]),
        until === null ? line(words, named.until, named.noEnd, []) : line(words, named.until, times.until(until.value), [until]),
        line(words, named.audience, audience === null ? named.everyAgency : fillText(named.onlyFor, { agencies }), audiences),
        ...conditionLines(words, conditions),
        ...(maintenance === null ? [] : [line(words, named.maintenance, named.maintenanceYes, [{ origin: maintenance }])]),
      ],
    },
  ];
};
