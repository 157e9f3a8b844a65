import type { ApprovalEffect } from '../../../domain/feature/effect.ts';
import { CITY, changeId, POLICY_KEY, vendorOf } from '../../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { compareLines, linesOfNotice, type NoticeLine } from '../../../domain/feature/noticeLines.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { type Name, nameIn } from '../../../domain/roster/schema.ts';
import type { AskName } from '../../platform/acts.ts';
import { bodyNames, fillText, type Slots } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import { type AlarmCode, type ChangeName, type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { noticeLabel, noticeText } from '../../platform/noticeTexts.ts';
import { closesFor } from '../../register/waiting.ts';
import { effectParagraphs, oneLine } from './effectParagraphs.ts';

const SUMMARY_CHARS_MAX = 600;

/** The change that a letter is about. `name` gives the name of a body by its id. */
export interface About {
  readonly view: ChangeView;
  readonly zone: string;
  readonly url: string;
  readonly now: string;
  /** Or the effect it would have if it were given now. */
  readonly effect: ApprovalEffect;
  /** Of the revision before, else what was approved last; null where there is neither. */
  readonly before: NoticeFacts | null;
  readonly name: (body: string) => Name;
}

export const changeName = ({ key, number, revisions }: Pick<ChangeView, 'key' | 'number' | 'revisions'>): ChangeName => ({
  title: revisions.at(-1)?.notice.title ?? '',
  change: changeId(key, number),
});

const shortened = (text: string): string => {
  const chars = Array.from(text);
  return chars.length <= SUMMARY_CHARS_MAX ? text : `${chars.slice(0, SUMMARY_CHARS_MAX - 1).join('')}…`;
};

const slotsOf = (words: MailWords, about: About, body: string) => ({
  ...changeName(about.view),
  ...bodyNames(words.locale, about.name(body)),
});

/** The vendor's text appears only within a sentence and in quotation marks, where it cannot pass for the city's text or for a link. */
const opening = (words: MailWords, { view }: About): readonly string[] => {
  const latest = view.revisions.at(-1);
  return [
    fillText(words.about, { ...changeName(view), revision: latest?.revision ?? 1 }),
    ...(latest === undefined ? [] : [fillText(words.vendorSays, { summary: shortened(latest.notice.summary) })]),
    ...(latest?.provenance.scheme === null && vendorOf(view.key) !== CITY ? [words.notSigned] : []),
  ];
};

/** A change of the city's own rules has no limits to state: its page compares the rules. */
const effectOn = (words: MailWords, { view, effect, zone }: About, lead: string): readonly Paragraph[] =>
  view.key === POLICY_KEY ? [] : effectParagraphs(words, effect, zone, lead);

const page = (words: MailWords, { view, url }: About): Paragraph => ({
  text: words.publicPage,
  url: `${url}/changes/${view.key}/${view.number}`,
});

const openUntil = (words: MailWords, { zone }: About, end: string): string =>
  fillText(words.openUntil, { by: mailTimes(words, zone).deadline(end) });

const timing = (words: MailWords, about: About, end: string | null): readonly string[] => {
  const from = about.view.pinned?.from ?? null;
  return [
    ...(from !== null && from > about.now
      ? [fillText(words.openFrom, { from: mailTimes(words, about.zone).dateTime(from) })]
      : []),
    end === null ? words.noEnd : openUntil(words, about, end),
  ];
};

/** What a notice states anew, line by line, old and new; the city's own rules are compared on their page. */
const differences = (words: MailWords, { view, before, zone }: About): readonly Paragraph[] => {
  const latest = view.revisions.at(-1);
  if (before === null || latest === undefined || view.key === POLICY_KEY) return [];
  const { compared, notice } = words;
  const { changed } = compareLines(linesOfNotice(before), linesOfNotice(latest.notice));
  const stated = (line: NoticeLine | undefined): string => {
    if (line === undefined) return notice.change.notThere;
    const { text, isVendors } = noticeText(notice, mailTimes(words, zone), line);
    return isVendors ? `“${shortened(oneLine(text))}”` : text;
  };
  const lines = changed.flatMap(({ before: old, after: now }) => {
    const line = now ?? old;
    if (line === undefined) return [];
    return [fillText(compared.line, { label: noticeLabel(notice, line), before: stated(old), after: stated(now) })];
  });
  const lead = latest.revision > 1 ? fillText(compared.revision, { n: latest.revision - 1 }) : compared.approved;
  return [lead, { list: lines.length === 0 ? [compared.onlyText] : lines }];
};

interface Statement {
  readonly subject: string;
  /** Null without a last moment to act. */
  readonly end: string | null;
  /** Absent where the letter does not state the effect. */
  readonly effect?: string;
  readonly body: readonly Paragraph[];
}

const letterAbout = (words: MailWords, about: About, { subject, end, effect, body }: Statement): Letter => ({
  subject: end === null ? subject : fillText(words.byWhen, { subject, by: mailTimes(words, about.zone).lastDay(end) }),
  paragraphs: [
    ...opening(words, about),
    ...(effect === undefined ? [] : effectOn(words, about, effect)),
    ...body,
    page(words, about),
  ],
});

interface Asked {
  readonly asks: AskName;
  readonly slots: Slots;
  readonly end: string | null;
  readonly timing: readonly string[];
}

const askLetter = (words: MailWords, about: About, { asks, slots, end, timing: times }: Asked, link: string): Letter => {
  const { subject, mail } = words.acts.asks[asks];
  return letterAbout(words, about, {
    subject: fillText(subject, slots),
    end,
    ...(asks !== 'advice' && { effect: words.effectAsked }),
    body: [fillText(mail, slots), { link }, ...times, words.linkIsYours, ...differences(words, about)],
  });
};

export const decideLetter = (words: MailWords, about: About, requirement: RequirementView, link: string): Letter => {
  const { body, instrument } = requirement;
  const end = closesFor(about.view, requirement);
  const asked = { asks: instrument, slots: slotsOf(words, about, body), end, timing: timing(words, about, end) };
  return askLetter(words, about, asked, link);
};

/** `from`: a local date. */
export interface Veto {
  readonly by: RequirementView;
  readonly over: RequirementView;
  readonly yes: number;
  readonly from: string;
  readonly until: string;
}

const vetoSlots = (words: MailWords, about: About, { by, over, yes }: Veto) => ({
  ...slotsOf(words, about, over.body),
  Refuser: bodyNames(words.locale, about.name(by.body)).Body,
  n: yes,
});

const timeOfVote = (words: MailWords, about: About, { from, until }: Veto): readonly string[] => [
  ...(from > localDateOf(about.now, about.zone)
    ? [fillText(words.secondVoteFrom, { day: mailTimes(words, about.zone).day(from) })]
    : []),
  openUntil(words, about, until),
];

export const overrideLetter = (words: MailWords, about: About, veto: Veto, link: string): Letter => {
  const slots = vetoSlots(words, about, veto);
  return askLetter(words, about, { asks: 'override', slots, end: veto.until, timing: timeOfVote(words, about, veto) }, link);
};

/** To a person who can confirm a certificate, or to the clerk once it is disputed. */
export const certificateLetter = (
  words: MailWords,
  about: About,
  requirement: RequirementView,
  asks: 'confirm' | 'disputed',
  link: string,
): Letter => {
  const end = about.view.confirmation?.until ?? null;
  const until = end === null ? [] : [openUntil(words, about, end)];
  return askLetter(words, about, { asks, slots: slotsOf(words, about, requirement.body), end, timing: until }, link);
};

/** To a clerk when a change cannot be decided under the present roster. */
export const alarmLetter = (
  words: MailWords,
  about: About,
  alarms: readonly { readonly code: AlarmCode; readonly body: string }[],
): Letter =>
  letterAbout(words, about, {
    subject: fillText(words.subjectAlarm, { ...changeName(about.view) }),
    end: null,
    body: [
      ...alarms.map(({ code, body }) =>
        fillText(words.alarm[code], { ...slotsOf(words, about, body), name: nameIn(about.name(body), words.locale) }),
      ),
      words.alarmMeans,
    ],
  });
