import { localMoment } from '../../../domain/kernel/zone.ts';
import { isInOffice } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { fillText } from '../../platform/catalogue.ts';
import { mailTimes, type PasskeyNews } from '../../platform/mail/words.ts';
import type { Draft } from './draft.ts';

export interface PasskeyChange {
  readonly holder: string;
  readonly news: PasskeyNews;
  readonly at: string;
  readonly zone: string;
}

/** Also if somebody else changed them. */
export const passkeyDraft = ({ holder, news, at, zone }: PasskeyChange): Draft => ({
  to: { holder },
  purpose: `passkey-${news}`,
  write: (words) => ({
    subject: words.subjectPasskey[news],
    paragraphs: [fillText(words.passkey[news], { when: mailTimes(words, zone).dateTime(at) }), words.passkeyNotYou],
  }),
});

/** With the only link that can set up a new first one; without a link if the person holds no seat. */
export const resetDrafts = (
  roster: Roster,
  { holder, generation, at }: { readonly holder: string; readonly generation: number; readonly at: string },
  { zone, now }: { readonly zone: string; readonly now: string },
): readonly Draft[] => {
  const when = localMoment(now, zone);
  const term = roster.holders.find((each) => each.id === holder && isInOffice(each, when));
  const plain = passkeyDraft({ holder, news: 'reset', at, zone });
  if (term === undefined) return [plain];
  const { body, seat } = term;
  return [
    {
      ...plain,
      target: { purpose: 'passkeys', holder, body, seat, resets: generation },
      write: (words, link) => ({
        subject: words.subjectPasskey.reset,
        paragraphs: [
          fillText(words.passkey.reset, { when: mailTimes(words, zone).dateTime(at) }),
          words.passkeyAgain,
          { link },
          words.passkeyNotYou,
          words.linkIsYours,
        ],
      }),
    },
  ];
};
