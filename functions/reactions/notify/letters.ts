import { CITY, changeId, vendorOf } from '../../../domain/feature/keys.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { AlarmCode, Outcome, Subject, Words } from '../../platform/mail/vocabulary.ts';
import { endOf, lastDay, momentOf } from '../../platform/mail/when.ts';
import { closesFor } from '../../register/views/dues.ts';

const SUMMARY_CHARS_MAX = 600;

/** What letters about a change are written from. `name`: of a body, by its id. */
export interface About {
  readonly view: ChangeView;
  readonly zone: string;
  readonly url: string;
  readonly now: string;
  readonly name: (body: string) => string;
}

const subjectOf = ({ view }: About): Subject => ({
  title: view.revisions.at(-1)?.notice.title ?? '',
  change: changeId(view.key, view.number),
});

const shortened = (text: string): string => {
  const chars = Array.from(text);
  return chars.length <= SUMMARY_CHARS_MAX ? text : `${chars.slice(0, SUMMARY_CHARS_MAX - 1).join('')}…`;
};

/** The vendor's words only ever stand within a sentence and in quotation marks, so that none can pass for ours or for a link. */
const opening = (words: Words, about: About): readonly string[] => {
  const latest = about.view.revisions.at(-1);
  return [
    words.about(subjectOf(about), latest?.revision ?? 1),
    ...(latest === undefined ? [] : [words.vendorSays(shortened(latest.notice.summary))]),
    ...(latest?.provenance.scheme === null && vendorOf(about.view.key) !== CITY ? [words.notSigned] : []),
  ];
};

const page = (words: Words, { view, url }: About): Letter['paragraphs'][number] => ({
  text: words.publicPage,
  url: `${url}/changes/${view.key}/${view.number}`,
});

const until = (words: Words, about: About, end: string | null): readonly string[] => {
  const from = about.view.pinned?.from ?? null;
  return [
    ...(from !== null && from > about.now ? [words.openFrom(momentOf(words, from, about.zone))] : []),
    end === null ? words.noEnd : words.openUntil(endOf(words, end, about.zone)),
  ];
};

const dated = (words: Words, subject: string, { zone }: About, end: string | null): string =>
  end === null ? subject : words.byWhen(subject, lastDay(words, end, zone));

/** To whoever acts on a requirement that is open now. */
export const decideLetter = (words: Words, about: About, requirement: RequirementView, link: string): Letter => {
  const body = about.name(requirement.body);
  const end = closesFor(about.view, requirement);
  return {
    subject: dated(words, words.subjectDecide[requirement.instrument](subjectOf(about), body), about, end),
    paragraphs: [
      ...opening(words, about),
      words.ask[requirement.instrument](body),
      { link },
      ...until(words, about, end),
      words.linkIsYours,
      page(words, about),
    ],
  };
};

/** To the members of a body whose vote a clerk will certify. */
export const informedLetter = (words: Words, about: About, requirement: RequirementView): Letter => {
  const body = about.name(requirement.body);
  const end = closesFor(about.view, requirement);
  return {
    subject: dated(words, words.subjectInformed(subjectOf(about), body), about, end),
    paragraphs: [...opening(words, about), words.informed(body), ...until(words, about, end), page(words, about)],
  };
};

/** A refusal that can be overturned, and by whom. */
export interface Veto {
  readonly by: RequirementView;
  readonly over: RequirementView;
  readonly yes: number;
  readonly until: string;
}

/** To the clerk who certifies the second vote. */
export const overrideLetter = (words: Words, about: About, { by, over, yes, until: end }: Veto, link: string): Letter => ({
  subject: dated(words, words.subjectOverride(subjectOf(about), about.name(over.body)), about, end),
  paragraphs: [
    ...opening(words, about),
    words.askOverride(about.name(by.body), about.name(over.body), yes),
    { link },
    words.openUntil(endOf(words, end, about.zone)),
    words.linkIsYours,
    page(words, about),
  ],
});

/** To the members who can overturn a refusal, at a meeting. */
export const vetoLetter = (words: Words, about: About, { by, over, yes, until: end }: Veto): Letter => ({
  subject: dated(words, words.subjectOutcome.vetoed(subjectOf(about)), about, end),
  paragraphs: [
    ...opening(words, about),
    words.informedVeto(about.name(by.body), about.name(over.body), yes),
    words.openUntil(endOf(words, end, about.zone)),
    page(words, about),
  ],
});

/** To everyone concerned, once a change has come to an end or into force. */
export const outcomeLetter = (words: Words, about: About, outcome: Outcome): Letter => {
  const validUntil = outcome === 'approved' ? (about.view.approved?.validUntil ?? null) : null;
  return {
    subject: words.subjectOutcome[outcome](subjectOf(about)),
    paragraphs: [
      ...opening(words, about),
      words.outcome[outcome],
      ...(validUntil === null ? [] : [words.validUntil(endOf(words, validUntil, about.zone))]),
      page(words, about),
    ],
  };
};

/** To the clerk, when a change cannot be decided as the roster stands. */
export const alarmLetter = (
  words: Words,
  about: About,
  alarms: readonly { readonly code: AlarmCode; readonly body: string }[],
): Letter => ({
  subject: words.subjectAlarm(subjectOf(about)),
  paragraphs: [
    ...opening(words, about),
    ...alarms.map(({ code, body }) => words.alarm[code](about.name(body))),
    words.alarmMeans,
    page(words, about),
  ],
});
