import type { NoticeFacts, NoticeLine } from '../../domain/feature/notice.ts';
import type publicEn from './words/en/public.json';

/** The texts about notices that pages and mails share. */
export type NoticeWords = Pick<typeof publicEn, 'change' | 'impact' | 'kind' | 'notGiven'>;

interface Times {
  readonly dateTime: (instant: string) => string;
  readonly until: (instant: string) => string;
}

/** `isVendors`: the text is the vendor's own. */
export interface NoticeText {
  readonly text: string;
  readonly isVendors: boolean;
}

/** Returns the name of a line of a notice. */
export const noticeLabel = ({ change, impact }: NoticeWords, { of, name }: NoticeLine): string => {
  if (of === 'impact') return impact[name];
  return of === 'document'
    ? change.document
    : change[({ effectiveAt: 'effective', endsAt: 'ends' } as const)[name as 'endsAt'] ?? name];
};

/** Returns what becomes of a change at the vendor if the city does nothing, in words. */
export const withoutActionText = ({ change }: Pick<NoticeWords, 'change'>, value: NoticeFacts['withoutAction']): string =>
  ({ on: change.withoutActionOn, off: change.withoutActionOff, unknown: change.withoutActionUnknown })[value];

/** Returns what a line of a notice states, in words. */
export const noticeText = (words: NoticeWords, { dateTime, until }: Times, line: NoticeLine): NoticeText => {
  const { change, impact, kind, notGiven } = words;
  const { value } = line;
  const own = (text: string): NoticeText => ({ text, isVendors: false });
  if (value === null) return own(notGiven);
  if (line.of === 'impact') return own(impact[value as 'changed' | 'unchanged' | 'unknown']);
  if (line.of === 'document') {
    const { url, sha256 } = value as { readonly url: string; readonly sha256?: string };
    return { text: [line.name, url, ...(sha256 === undefined ? [] : [`SHA-256 ${sha256}`])].join(' · '), isVendors: true };
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  switch (line.name) {
    case 'kind':
      return own(kind[text as keyof typeof kind]);
    case 'effectiveAt':
    case 'optOutBy':
      return own(dateTime(text));
    case 'endsAt':
      return own(until(text));
    case 'optOut':
      return own({ yes: change.optOutYes, no: change.optOutNo, unknown: change.optOutUnknown }[text as 'yes'] ?? text);
    case 'withoutAction':
      return own(withoutActionText(words, text as NoticeFacts['withoutAction']));
    default:
      return { text, isVendors: true };
  }
};
