import { localDateOf } from '../../../domain/kernel/zone.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { PasskeyNews } from '../../platform/mail/vocabulary.ts';
import { momentOf } from '../../platform/mail/when.ts';
import type { Draft } from './draft.ts';

/** What a person is told of their passkeys. */
export interface PasskeyTold {
  readonly holder: string;
  readonly news: PasskeyNews;
  readonly at: string;
  readonly zone: string;
}

/** A mail to a person after a passkey of theirs was set up or removed: whoever did it, they hear of it. */
export const passkeyDraft = ({ holder, news, at, zone }: PasskeyTold): Draft => ({
  holder,
  purpose: `passkey-${news}`,
  target: null,
  change: null,
  revision: null,
  write: (words) => ({
    subject: words.subjectPasskey[news],
    paragraphs: [words.passkey[news](momentOf(words, at, zone)), words.passkeyNotYou],
  }),
});

/** A mail to a person whose passkeys were reset, with the only link by which a new first one can be set up. None without a seat. */
export const resetDrafts = (
  roster: Roster,
  { holder, generation, at }: { readonly holder: string; readonly generation: number; readonly at: string },
  { zone, now }: { readonly zone: string; readonly now: string },
): readonly Draft[] => {
  const today = localDateOf(now, zone);
  const term = roster.holders.find(({ id, from, to }) => id === holder && from <= today && (to === undefined || today <= to));
  const told = passkeyDraft({ holder, news: 'reset', at, zone });
  if (term === undefined) return [told];
  const { body, seat } = term;
  return [
    {
      ...told,
      target: { purpose: 'passkeys', holder, body, seat, resets: generation },
      write: (words, link) => ({
        subject: words.subjectPasskey.reset,
        paragraphs: [
          words.passkey.reset(momentOf(words, at, zone)),
          words.passkeyAgain,
          { link },
          words.passkeyNotYou,
          words.linkIsYours,
        ],
      }),
    },
  ];
};
