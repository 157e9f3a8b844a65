import type { ApprovalEffect, Limit, LimitOrigin } from '../../../domain/feature/effect.ts';
import { fillText, listFormat } from '../../platform/catalogue.ts';
import type { Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';

/** Officials copy vendors' texts into conditions, so a line break must not put an address on a line of its own. */
export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const originOf = ({ effect }: MailWords, origin: LimitOrigin): string => {
  if (origin.by === 'above') return fillText(effect.by.above, { key: origin.key });
  return 'change' in origin ? fillText(effect.by[origin.by], { n: origin.change }) : effect.by[origin.by];
};

const line = (words: MailWords, label: string, value: string, limits: readonly { readonly origin: LimitOrigin }[]): string => {
  const origins = [...new Set(limits.map(({ origin }) => originOf(words, origin)))].join('; ');
  return `${label}: ${oneLine(value)}${origins === '' ? '' : ` (${origins})`}`;
};

const conditionLines = (words: MailWords, conditions: readonly Limit<string>[]): readonly string[] => {
  const { effect } = words;
  if (conditions.length === 0) return [line(words, effect.conditions, effect.none, [])];
  return [...Map.groupBy(conditions, ({ value }) => value)].map(([value, limits]) =>
    line(words, effect.conditions, `“${value}”`, limits),
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
