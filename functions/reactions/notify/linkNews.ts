import { changeId } from '../../../domain/feature/keys.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { fillText } from '../../platform/catalogue.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { clerksOf, type Draft, type Recipient } from './draft.ts';

// Mails about the links of a person who may not have asked for it.

export interface NewsContext {
  readonly roster: Roster;
  readonly at: string;
  readonly zone: string;
  readonly itMail: string | undefined;
}

type Filled = (words: MailWords, slots: { readonly when: string; readonly who: string }) => readonly string[];

/** To the person, each clerk and IT, none with a link. */
const newsOf = (
  { roster, at, zone, itMail }: NewsContext,
  holder: string,
  purpose: string,
  { subject, own, others }: { readonly subject: (words: MailWords) => string; readonly own: Filled; readonly others: Filled },
): readonly Draft[] => {
  const who = roster.holders.find(({ id }) => id === holder)?.name ?? holder;
  const mail = (to: Recipient, paragraphs: Filled): Draft => ({
    to,
    purpose,
    write: (words) => ({
      subject: subject(words),
      paragraphs: paragraphs(words, { who, when: mailTimes(words, zone).dateTime(at) }),
    }),
  });
  const clerks = clerksOf(roster, localMoment(at, zone)).filter((clerk) => clerk !== holder);
  return [
    mail({ holder }, own),
    ...clerks.map((clerk) => mail({ holder: clerk }, others)),
    ...(itMail === undefined ? [] : [mail({ itMail }, others)]),
  ];
};

/** `reissued`: new links are mailed, each by a mail of its own. */
export const cutOffNews = (context: NewsContext, holder: string, reissued: boolean): readonly Draft[] =>
  newsOf(context, holder, 'links-cut-off', {
    subject: (words) => words.links.subject,
    own: ({ links }, slots) => [
      fillText(links.cutOff, slots),
      reissued ? links.newOnes : links.noNewOnes,
      links.stillOff,
      links.notYou,
    ],
    others: ({ links }, slots) => [fillText(links.cutOffOf, slots), links.stillOffOf, links.askThem],
  });

/** After a link that was cut off switched something off. */
export const switchedOffNews = (context: NewsContext, holder: string, key: string, change: number): readonly Draft[] => {
  const about = changeId(key, change);
  const drafts = newsOf(context, holder, 'switched-off-by-old-link', {
    subject: (words) => words.links.switchedOff,
    own: ({ links }, slots) => [fillText(links.oldLink, { ...slots, change: about }), links.notYou],
    others: ({ links }, slots) => [fillText(links.oldLink, { ...slots, change: about }), links.askThem],
  });
  return drafts.map((draft) => ({ ...draft, change: about }));
};
