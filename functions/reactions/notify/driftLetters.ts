import type { DriftCase } from '../../../domain/derived/record.ts';
import type { TaskCause } from '../../../domain/derived/tasks.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { fillCount, fillText, listFormat } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { oneLine } from './effectParagraphs.ts';

/** Lines in a part of a letter; the number of the others follows. */
export const LISTED_MAX = 20;

export interface KeyCase {
  readonly key: string;
  readonly drift: DriftCase;
}

export interface DriftScene {
  readonly vendor: string;
  readonly zone: string;
  readonly url: string;
}

export const listed = (words: MailWords, items: readonly string[]): { readonly list: readonly string[] } => ({
  list:
    items.length <= LISTED_MAX
      ? items
      : [...items.slice(0, LISTED_MAX), fillText(words.weekly.more, { n: items.length - LISTED_MAX })],
});

const WHY: Readonly<Record<DriftCase['kind'], TaskCause>> = {
  'not-approved': 'seen-on',
  'never-announced': 'never-announced',
  removed: 'removed',
  audience: 'seen-on-for-others',
  version: 'seen-other-version',
};

/** Who reported it, and whether a second source or person confirms it. The names are the reporters' own texts. */
export const reportedBy = (words: MailWords, { sources, confirmed }: DriftCase): string => {
  const names = [...new Set(sources.map(({ source }) => fillText(words.drift.source, { source: oneLine(source) })))];
  const { unconfirmed, confirmed: confirmedBy } = words.drift;
  return fillText(confirmed ? confirmedBy : unconfirmed, { sources: listFormat(words.locale).format(names) });
};

const stated = (words: MailWords, { key, drift }: KeyCase, zone: string): string => {
  const { since, until, kind } = drift;
  const times = mailTimes(words, zone);
  return fillText(until === null ? words.drift.open : words.drift.over, {
    key,
    why: words.tasks.because[WHY[kind]],
    since: times.dateTime(since),
    until: until === null ? '' : times.dateTime(until),
    reported: reportedBy(words, drift),
  });
};

const named = (cases: readonly KeyCase[]) => ({ key: cases[0]?.key ?? '', more: cases.length - 1 });

export const pageOf = (words: MailWords, url: string) => ({ text: words.drift.page, url: `${url}/on-without-permission` });

/** To the clerks and IT. */
export const openedLetter = (words: MailWords, cases: readonly KeyCase[], { vendor, zone, url }: DriftScene): Letter => {
  const { drift, locale } = words;
  return {
    subject: fillCount(locale, drift, 'subject', cases.length, named(cases)),
    paragraphs: [
      fillCount(locale, drift, 'lead', cases.length, { vendor }),
      listed(
        words,
        cases.map((each) => stated(words, each, zone)),
      ),
      ...(cases.some((each) => each.drift.until === null) ? [drift.means, drift.once] : []),
      pageOf(words, url),
    ],
  };
};

/** To those who decide. */
export const stillLetter = (words: MailWords, cases: readonly KeyCase[], { vendor, zone, url }: DriftScene): Letter => {
  const { still } = words.drift;
  return {
    subject: fillCount(words.locale, still, 'subject', cases.length, named(cases)),
    paragraphs: [
      fillCount(words.locale, still, 'lead', cases.length, { vendor }),
      listed(
        words,
        cases.map((each) => stated(words, each, zone)),
      ),
      still.once,
      pageOf(words, url),
    ],
  };
};

const howClosed = ({ drift: { closed } }: MailWords, { key, drift: { closedBy } }: KeyCase): string => {
  if (closedBy === null) return closed.byAnswer;
  return 'source' in closedBy
    ? fillText(closed.bySource, { source: oneLine(closedBy.source) })
    : fillText(closed.byChange, { change: changeId(key, closedBy.change) });
};

/** To those who had the first. */
export const closedLetter = (words: MailWords, cases: readonly KeyCase[], { vendor, zone, url }: DriftScene): Letter => {
  const { closed } = words.drift;
  const times = mailTimes(words, zone);
  const items = cases.map((each) => {
    const { since, until, closedAt } = each.drift;
    const end = until ?? closedAt ?? since;
    return fillText(closed.item, {
      key: each.key,
      since: times.dateTime(since),
      until: times.dateTime(end),
      how: howClosed(words, each),
    });
  });
  return {
    subject: fillCount(words.locale, closed, 'subject', cases.length, named(cases)),
    paragraphs: [
      fillCount(words.locale, closed, 'lead', cases.length, { vendor }),
      listed(words, items),
      closed.keeps,
      pageOf(words, url),
    ],
  };
};
