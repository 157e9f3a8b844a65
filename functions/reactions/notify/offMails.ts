// Mails about approved words that a vendor's words have made untrue.

import type { ChangeRecord, KeyRecord } from '../../../domain/derived/record.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { readKeyRecord } from '../../register/derived/lists.ts';
import type { Draft } from './draft.ts';
import { listed } from './driftLetters.ts';
import { lagsBehind, type MailDue, removeDues, tryLater } from './dues.ts';
import type { NotifyPorts } from './ports.ts';
import { attempt } from './post.ts';
import { clerksAndIt } from './recipients.ts';

interface Found {
  readonly due: MailDue;
  readonly record: KeyRecord;
}

/** Removes those that are no reason for a mail any more; leaves those whose record lags behind. */
const reasonsIn = async (
  ports: NotifyPorts,
  dues: readonly MailDue[],
  isReason: (record: KeyRecord, due: MailDue) => boolean,
): Promise<readonly Found[]> => {
  const found: Found[] = [];
  for (const due of dues) {
    const record = await readKeyRecord(ports.sideStore, due.about.key);
    if (record === undefined) await tryLater(ports.sideStore, [due], ports.clock());
    else if (lagsBehind(record, due)) continue;
    else if (isReason(record, due)) found.push({ due, record });
    else await removeDues(ports.sideStore, [due]);
  }
  return found.toSorted((one, other) => (one.record.key < other.record.key ? -1 : 1));
};

const namesIn = (found: readonly Found[]) => ({ key: found[0]?.record.key ?? '', more: found.length - 1 });

const effectOf = ({ at, effectiveAt }: ChangeRecord): string => latest(at, effectiveAt ?? undefined);

/** Reports whether words came into effect at the vendor although the city had not said yes to them. */
const ranUnasked = ({ kind, optOut, withoutAction, optedOut }: ChangeRecord): boolean =>
  kind !== 'removal' && (optOut !== 'yes' || (withoutAction !== 'off' && optedOut?.counts !== true));

/** The change whose words came into effect last: where several did at one moment, one of them. */
const outdatingIn = ({ changes, answer }: KeyRecord, at: string): ChangeRecord | undefined =>
  changes
    .filter((change) => change.n !== answer?.change && ranUnasked(change) && effectOf(change) <= at)
    .reduce<ChangeRecord | undefined>(
      (last, each) => (last === undefined || effectOf(each) >= effectOf(last) ? each : last),
      undefined,
    );

const wentOffLine = (words: MailWords, { due, record }: Found, zone: string): string => {
  const { forced, silent, other } = words.wentOff;
  const change = outdatingIn(record, due.about.at);
  const text = change === undefined ? other : change.optOut === 'yes' ? silent : forced;
  return fillText(text, {
    key: record.key,
    when: mailTimes(words, zone).dateTime(due.about.at),
    change: change === undefined ? '' : changeId(record.key, change.n),
  });
};

const wentOffLetter = (words: MailWords, found: readonly Found[], { zone, url }: NotifyPorts): Letter => ({
  subject: fillCount(words.locale, words.wentOff, 'subject', found.length, namesIn(found)),
  paragraphs: [
    fillCount(words.locale, words.wentOff, 'lead', found.length),
    listed(
      words,
      found.map((each) => wentOffLine(words, each, zone)),
    ),
    words.wentOff.means,
    { text: words.wentOff.page, url: `${url}/calendar` },
  ],
});

/** To the clerks and IT, one mail for all that went off at one moment and was on before. */
export const mailWentOff = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const found = await reasonsIn(ports, dues, ({ answer, offSince }, { about }) => {
    return answer?.variant === 'outdated' && offSince === about.at;
  });
  for (const [cause, group] of Map.groupBy(found, ({ due: { about } }) => `${about.at}/${about.sequence}`)) {
    const write = (words: MailWords): Letter => wentOffLetter(words, group, ports);
    const drafts = (await clerksAndIt(ports)).map((to): Draft => ({ to, purpose: 'went-off', write }));
    const left = await attempt(ports, `went-off/${cause}`, drafts);
    const done = group.map(({ due }) => due);
    await (left ? removeDues(ports.sideStore, done) : tryLater(ports.sideStore, done, ports.clock()));
  }
};
