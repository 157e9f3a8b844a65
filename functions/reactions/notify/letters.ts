import type { ApprovalEffect } from '../../../domain/feature/effect.ts';
import { CITY, changeId, POLICY_KEY, vendorOf } from '../../../domain/feature/keys.ts';
import type { SecondVote } from '../../../domain/feature/secondVote.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { bodyNames, fillText } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import type { AlarmCode, ChangeName, ChangeOutcome } from '../../platform/mail/vocabulary.ts';
import { dayText, endText, lastDay, momentOf } from '../../platform/mail/when.ts';
import type { MailWords } from '../../platform/mail/words.en.ts';
import { closesFor } from '../../register/views/dues.ts';
import { effectParagraphs } from './effectParagraphs.ts';

const SUMMARY_CHARS_MAX = 600;

/** The change that a letter is about, and the city's names and times. `name` gives the name of a body by its id. */
export interface About {
  readonly view: ChangeView;
  readonly zone: string;
  readonly url: string;
  readonly now: string;
  /** The effect of the approval, or the effect it would have if it were given now. */
  readonly effect: ApprovalEffect;
  readonly name: (body: string) => string;
}

/** Returns how a letter names a change. */
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
const statement = (words: MailWords, { view, effect, zone }: About, lead: string): readonly Paragraph[] =>
  view.key === POLICY_KEY ? [] : effectParagraphs(words, effect, zone, lead);

const page = (words: MailWords, { view, url }: About): Paragraph => ({
  text: words.publicPage,
  url: `${url}/changes/${view.key}/${view.number}`,
});

const openUntil = (words: MailWords, { zone }: About, end: string): string =>
  fillText(words.openUntil, { by: endText(words, end, zone) });

const timing = (words: MailWords, about: About, end: string | null): readonly string[] => {
  const from = about.view.pinned?.from ?? null;
  return [
    ...(from !== null && from > about.now ? [fillText(words.openFrom, { from: momentOf(words, from, about.zone) })] : []),
    end === null ? words.noEnd : openUntil(words, about, end),
  ];
};

const dated = (words: MailWords, subject: string, { zone }: About, end: string | null): string =>
  end === null ? subject : fillText(words.byWhen, { subject, by: lastDay(words, end, zone) });

/** Writes to a person who acts on a requirement that is open now. */
export const decideLetter = (words: MailWords, about: About, requirement: RequirementView, link: string): Letter => {
  const slots = slotsOf(words, about, requirement.body);
  const end = closesFor(about.view, requirement);
  return {
    subject: dated(words, fillText(words.subjectDecide[requirement.instrument], slots), about, end),
    paragraphs: [
      ...opening(words, about),
      ...(requirement.instrument === 'advice' ? [] : statement(words, about, words.effect.asked)),
      fillText(words.ask[requirement.instrument], slots),
      { link },
      ...timing(words, about, end),
      words.linkIsYours,
      page(words, about),
    ],
  };
};

/** Writes to a member of a body whose vote a clerk will certify. */
export const informedLetter = (words: MailWords, about: About, requirement: RequirementView): Letter => {
  const slots = slotsOf(words, about, requirement.body);
  const end = closesFor(about.view, requirement);
  return {
    subject: dated(words, fillText(words.subjectInformed, slots), about, end),
    paragraphs: [
      ...opening(words, about),
      ...statement(words, about, words.effect.asked),
      fillText(words.informed, slots),
      ...timing(words, about, end),
      page(words, about),
    ],
  };
};

/** A refusal that can be overridden: by whom it was given, which requirement can override it, with how many votes, until when. */
export interface Veto {
  readonly by: RequirementView;
  readonly over: RequirementView;
  readonly yes: number;
  readonly until: string;
  readonly second: SecondVote;
}

const vetoSlots = (words: MailWords, about: About, { by, over, yes }: Veto) => ({
  ...slotsOf(words, about, over.body),
  Refuser: bodyNames(words.locale, about.name(by.body)).Body,
  n: yes,
});

/** Returns from when and until when a second vote counts, and the meeting that was named for it. */
const timeOfVote = (words: MailWords, about: About, { until, second: { first, meeting } }: Veto): readonly string[] => [
  ...(first > localDateOf(about.now, about.zone) ? [fillText(words.secondVote.from, { day: dayText(words, first) })] : []),
  ...(meeting === null ? [] : [fillText(words.secondVote.meeting, { day: dayText(words, meeting) })]),
  openUntil(words, about, until),
];

/** Writes to everyone concerned that the clerk has named the meeting at which the refusal can be overturned. */
export const meetingLetter = (words: MailWords, about: About, veto: Veto): Letter => {
  const slots = vetoSlots(words, about, veto);
  return {
    subject: dated(words, fillText(words.subjectMeeting, slots), about, veto.until),
    paragraphs: [
      ...opening(words, about),
      ...statement(words, about, words.effect.asked),
      fillText(words.secondVote.named, slots),
      ...timeOfVote(words, about, veto),
      page(words, about),
    ],
  };
};

/** Writes to the clerk who certifies the second vote. */
export const overrideLetter = (words: MailWords, about: About, veto: Veto, link: string): Letter => {
  const slots = vetoSlots(words, about, veto);
  return {
    subject: dated(words, fillText(words.subjectOverride, slots), about, veto.until),
    paragraphs: [
      ...opening(words, about),
      ...statement(words, about, words.effect.asked),
      fillText(words.askOverride, slots),
      { link },
      ...timeOfVote(words, about, veto),
      ...(veto.second.meeting === null && veto.second.lastMeeting !== null
        ? [fillText(words.secondVote.nameMeeting, { day: dayText(words, veto.second.lastMeeting) })]
        : []),
      words.linkIsYours,
      page(words, about),
    ],
  };
};

const confirmationLetter = (
  words: MailWords,
  about: About,
  requirement: RequirementView,
  link: string,
  { subject, ask }: { readonly subject: string; readonly ask: string },
): Letter => {
  const slots = slotsOf(words, about, requirement.body);
  const until = about.view.confirmation?.until ?? null;
  const end = until === null ? [] : [openUntil(words, about, until)];
  return {
    subject: dated(words, fillText(subject, slots), about, until),
    paragraphs: [
      ...opening(words, about),
      ...statement(words, about, words.effect.asked),
      fillText(ask, slots),
      { link },
      ...end,
      words.linkIsYours,
      page(words, about),
    ],
  };
};

/** Writes to a person who can confirm the clerk's certificate of a vote. */
export const confirmLetter = (words: MailWords, about: About, requirement: RequirementView, link: string): Letter =>
  confirmationLetter(words, about, requirement, link, { subject: words.subjectConfirm, ask: words.askConfirm });

/** Writes to the clerk whose certificate is disputed. */
export const disputedLetter = (words: MailWords, about: About, requirement: RequirementView, link: string): Letter =>
  confirmationLetter(words, about, requirement, link, { subject: words.subjectDisputed, ask: words.askDisputed });

/** Writes to a member of the body that can override a refusal, at a meeting. */
export const vetoLetter = (words: MailWords, about: About, veto: Veto): Letter => {
  const slots = vetoSlots(words, about, veto);
  return {
    subject: dated(words, fillText(words.subjectOutcome.vetoed, slots), about, veto.until),
    paragraphs: [
      ...opening(words, about),
      ...statement(words, about, words.effect.asked),
      fillText(words.informedVeto, slots),
      ...timeOfVote(words, about, veto),
      page(words, about),
    ],
  };
};

/** Writes to everyone concerned once a change has ended or come into force. */
export const outcomeLetter = (words: MailWords, about: About, outcome: ChangeOutcome): Letter => ({
  subject: fillText(words.subjectOutcome[outcome], { ...changeName(about.view) }),
  paragraphs: [
    ...opening(words, about),
    words.outcome[outcome],
    ...(outcome === 'approved' ? statement(words, about, words.effect.approved) : []),
    page(words, about),
  ],
});

/** Writes to a clerk when a change cannot be decided under the present roster. */
export const alarmLetter = (
  words: MailWords,
  about: About,
  alarms: readonly { readonly code: AlarmCode; readonly body: string }[],
): Letter => ({
  subject: fillText(words.subjectAlarm, { ...changeName(about.view) }),
  paragraphs: [
    ...opening(words, about),
    ...alarms.map(({ code, body }) => fillText(words.alarm[code], { ...slotsOf(words, about, body), name: about.name(body) })),
    words.alarmMeans,
    page(words, about),
  ],
});
