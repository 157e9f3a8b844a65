// Mails about what is on without permission. A derived event says that something is due; what is mailed is what the records say then.

import type { DriftCase } from '../../../domain/derived/record.ts';
import { SEEN_ON } from '../../../domain/derived/tasks.ts';
import { changeId, vendorOf } from '../../../domain/feature/keys.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { earliest, latest, plusMs } from '../../../domain/kernel/order.ts';
import { plusDuration } from '../../../domain/kernel/zone.ts';
import { GRACE, MEMBERS_AFTER } from '../../../domain/policy/schema.ts';
import { readPolicies, readRosters } from '../../gate/aggregates.ts';
import { vendorName } from '../../gate/vendors.ts';
import { fillText, listFormat } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { type MailDue, mailAbout, moveDue, reasonsIn } from './dues.ts';
import { keysLetter, oneLine, quoted } from './letters.ts';
import { clerksAndIt, deciders, draftsTo, isBeingTaken, type NotifyPorts, type Recipient, sentAt } from './post.ts';

export interface KeyCase {
  readonly key: string;
  readonly drift: DriftCase;
}

/** Who reported it, and whether a second source or person confirms it. The names are the reporters' own texts. */
export const reportedBy = (words: MailWords, { sources, confirmed }: DriftCase): string => {
  const names = [...new Set(sources.map(({ source }) => quoted(words, source)))];
  const { unconfirmed, confirmed: confirmedBy } = words.drift;
  return fillText(confirmed ? confirmedBy : unconfirmed, { sources: listFormat(words.locale).format(names) });
};

const howClosed = ({ drift: { closed } }: MailWords, { key, drift: { closedBy } }: KeyCase): string => {
  if (closedBy === null) return closed.byAnswer;
  return 'source' in closedBy
    ? fillText(closed.bySource, { source: oneLine(closedBy.source) })
    : fillText(closed.byChange, { change: changeId(key, closedBy.change) });
};

export const driftPage = (words: MailWords, url: string): Paragraph => ({
  text: words.drift.page,
  url: `${url}/on-without-permission`,
});

export const caseLine = (words: MailWords, { key, drift }: KeyCase, zone: string): string => {
  const { since, until, kind } = drift;
  const { dateTime } = mailTimes(words, zone);
  const times = { since: dateTime(since), until: until === null ? '' : dateTime(until) };
  const said = { why: words.tasks.because[SEEN_ON[kind]], reported: reportedBy(words, drift) };
  return fillText(until === null ? words.drift.open : words.drift.over, { key, ...times, ...said });
};

const PURPOSES = { first: 'drift', wide: 'drift-still', closing: 'drift-closed' } as const;
type Which = keyof typeof PURPOSES;

const textsOf = ({ drift }: MailWords, which: Which, isOpen: boolean) => {
  const { still, closed, means, once } = drift;
  if (which === 'closing') return { texts: closed, tail: [closed.keeps] };
  return which === 'wide' ? { texts: still, tail: [still.once] } : { texts: drift, tail: isOpen ? [means, once] : [] };
};

const driftLetter = (
  words: MailWords,
  which: Which,
  cases: readonly KeyCase[],
  vendor: string,
  { zone, url }: Pick<NotifyPorts, 'zone' | 'url'>,
): Letter => {
  const { dateTime } = mailTimes(words, zone);
  const lines = cases.map((each) => {
    const { since, until, closedAt } = each.drift;
    if (which !== 'closing') return caseLine(words, each, zone);
    const times = { since: dateTime(since), until: dateTime(until ?? closedAt ?? since) };
    return fillText(words.drift.closed.item, { key: each.key, ...times, how: howClosed(words, each) });
  });
  const { texts, tail } = textsOf(
    words,
    which,
    cases.some(({ drift }) => drift.until === null),
  );
  return keysLetter(words, texts, cases, lines, [...tail, driftPage(words, url)], { vendor });
};

interface Case extends KeyCase {
  readonly due: MailDue;
}

/** A report that came late may have shown meanwhile that it began sooner. */
const caseIn = (known: readonly DriftCase[], opened: string): DriftCase | undefined =>
  known.findLast(({ since, until }) => since <= opened && (until === null || opened <= until));

/** Moves what is not due yet, a day at most, since the policy may change, and returns the rest of those with a reason. */
const casesDue = async (
  ports: NotifyPorts,
  dues: readonly MailDue[],
  { from, isReason }: { readonly from: (drift: DriftCase) => string; readonly isReason: (drift: DriftCase) => boolean },
): Promise<readonly Case[]> => {
  const now = ports.clock();
  const cases = await reasonsIn(ports, dues, ({ key, cases: known }, due): Case | undefined => {
    const drift = caseIn(known, due.about.since ?? '');
    return drift !== undefined && isReason(drift) ? { key, drift, due } : undefined;
  });
  const tomorrow = plusDuration(now, 'P1D', ports.zone);
  for (const { due, drift } of cases) {
    const at = earliest(from(drift), tomorrow) ?? tomorrow;
    if (at > now) await moveDue(ports.sideStore, due, at);
  }
  return cases.filter(({ drift }) => from(drift) <= now);
};

type Opened = Pick<DriftCase, 'openedAt' | 'byEnd'>;

/** When the mails about a case are due, by the policy in force: its grace is for what an approval that ended left on. */
const delaysOf = async (ports: Pick<NotifyPorts, 'store' | 'zone'>) => {
  const observe = (await readPolicies(ports)).inForce?.policy.observe;
  const first = ({ openedAt, byEnd }: Opened): string =>
    byEnd ? plusDuration(openedAt, observe?.grace ?? GRACE, ports.zone) : openedAt;
  const wide = (drift: Opened): string =>
    latest(plusDuration(drift.openedAt, observe?.membersAfter ?? MEMBERS_AFTER, ports.zone), first(drift));
  return { first, wide };
};

const OPENING = ['first', 'wide'] as const;
type Opening = (typeof OPENING)[number];

/** The mail about all that one report opened. */
const eventOf = (which: Opening, { key, drift: { openedAt, sequence } }: KeyCase): string =>
  `${PURPOSES[which]}/${vendorOf(key)}/${openedAt}/${sequence}`;

const mailOf = (to: Recipient, which: Opening, each: KeyCase) => ({
  to,
  purpose: PURPOSES[which],
  event: eventOf(which, each),
});

/** Those among `all` whom a mail reached that names a case. The wide one names none that was over when it was written. */
const whoHad = async (ports: NotifyPorts, all: readonly Recipient[], each: KeyCase): Promise<readonly Recipient[]> => {
  const { closedAt } = each.drift;
  const hasHad = async (to: Recipient): Promise<boolean> => {
    const [first, wide] = await Promise.all(OPENING.map((which) => sentAt(ports, mailOf(to, which, each))));
    return first !== undefined || (wide !== undefined && (closedAt === null || wide < closedAt));
  };
  const had = await Promise.all(all.map(hasHad));
  return all.filter((_, index) => had[index]);
};

const mailOpen = async (ports: NotifyPorts, which: Opening, cases: readonly Case[]): Promise<void> => {
  const all = await (which === 'first' ? clerksAndIt(ports) : deciders(ports));
  for (const [event, group] of Map.groupBy(cases, (each) => eventOf(which, each))) {
    const [one] = group;
    const had = one === undefined ? [] : await whoHad(ports, all, one);
    const vendor = await vendorName(ports, one?.key ?? '');
    const to = all.filter((each) => !had.includes(each));
    const drafts = draftsTo(to, PURPOSES[which], (words) => driftLetter(words, which, group, vendor, ports));
    const lasting = drafts.map((draft) => ({ ...draft, lasts: true as const }));
    await mailAbout(ports, event, group, lasting);
  }
};

/**
 * To the clerks and IT, one mail a report. None for one that an approval's end opened and that closed within the policy's grace; one that
 * closed later, before its mail left, is in it as one that is over.
 */
export const mailOpened = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const { first } = await delaysOf(ports);
  const isReason = (drift: DriftCase): boolean => drift.closedAt === null || drift.closedAt >= first(drift);
  await mailOpen(ports, 'first', await casesDue(ports, dues, { from: first, isReason }));
};

/** To those who decide, such as mayor and members, once: when a case is still open. Not to those who had the first mail. */
export const mailStillOpen = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const { wide } = await delaysOf(ports);
  const isReason = ({ until }: DriftCase): boolean => until === null;
  await mailOpen(ports, 'wide', await casesDue(ports, dues, { from: wide, isReason }));
};

/** Everyone of the roster in force, and IT. */
const everyoneNow = async (ports: NotifyPorts): Promise<readonly Recipient[]> => {
  const holders = (await readRosters(ports)).inForce?.roster.holders ?? [];
  const persons = [...new Set(holders.map(({ id }) => id))].map((holder) => ({ holder }));
  return [...persons, ...(ports.itMail === undefined ? [] : [{ itMail: ports.itMail }])];
};

const HOUR_MS = 3_600_000;

/** The end of the hour in which an answer closed a case, so that the approvals of a meeting share a mail; undefined if a report did. */
const hourOfAnswer = ({ closedAt, closedBy }: DriftCase): string | undefined =>
  closedAt === null || (closedBy !== null && 'source' in closedBy)
    ? undefined
    : plusMs(`${closedAt.slice(0, 'YYYY-MM-DDTHH'.length)}:00:00.000Z`, HOUR_MS);

/** To each who had a mail about the case, one for all that one report closed, or answers of one hour. */
export const mailClosed = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const closed = await casesDue(ports, dues, {
    from: (drift) => hourOfAnswer(drift) ?? drift.closedAt ?? '',
    isReason: ({ until }) => until !== null,
  });
  const all = await everyoneNow(ports);
  const isOpening = (each: KeyCase) => all.some((to) => OPENING.some((which) => isBeingTaken(ports, mailOf(to, which, each))));
  const byCause = Map.groupBy(
    closed,
    ({ key, drift, due: { about } }) => `${vendorOf(key)}/${hourOfAnswer(drift) ?? `${about.at}/${about.sequence}`}`,
  );
  for (const cases of byCause.values()) {
    // What the same hour closed may be derived later: who had the mail without it gets one with it.
    const named = digestOf(cases.map(({ key, due: { about } }) => `${key} ${about.at} ${about.sequence}`).join('\n'));
    const event = `${PURPOSES.closing}/${vendorOf(cases[0]?.key ?? '')}/${named}`;
    // Who has it in the end hears of its end.
    if (cases.some(isOpening)) continue;
    const had = await Promise.all(cases.map(async (each) => (await whoHad(ports, all, each)).map((to) => ({ to, each }))));
    const vendor = await vendorName(ports, cases[0]?.key ?? '');
    const drafts = [...Map.groupBy(had.flat(), ({ to }) => to)].flatMap(([to, own]) => {
      const about = own.map(({ each }) => each);
      return draftsTo([to], PURPOSES.closing, (words) => driftLetter(words, 'closing', about, vendor, ports));
    });
    await mailAbout(ports, event, cases, drafts);
  }
};
