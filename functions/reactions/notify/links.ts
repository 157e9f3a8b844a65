// Mails about a person's own links and passkeys: new links in place of old ones, and news to those who may not have asked for it.
import { advanceTo } from '../../../domain/feature/due.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { isApprovalOf, isPolicyInForce } from '../../../domain/feature/state.ts';
import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import { holderOfSeat, holdsSeat, isInOffice, startOfTerm } from '../../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../../domain/roster/schema.ts';
import { isRevoked, linkGenerationOf, type RosterState, resetsOf } from '../../../domain/roster/state.ts';
import { readRosters } from '../../gate/aggregates.ts';
import { endRenewal, type LinkTarget, putRenewal, type Renewal, renewalsAsked } from '../../gate/links.ts';
import { enrolmentOf } from '../../gate/passkeys.ts';
import { bodyNames, fillText } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes, type PasskeyNews } from '../../platform/mail/words.ts';
import { listChanges } from '../../register/lists.ts';
import type { ChangeReading } from '../../register/project.ts';
import { byHourAndKey, outstandingActs } from '../../register/waiting.ts';
import { askDraft, sceneOf } from './asks.ts';
import { allUndoneDrafts, currentProposalDrafts } from './confirmDrafts.ts';
import { AGAIN_MS, GIVE_UP_MS } from './dues.ts';
import { changeName, LISTED_MAX, waitingLines } from './letters.ts';
import {
  type AskDraft,
  attempt,
  clerksOf,
  type Draft,
  draftsTo,
  holderOf,
  type NotifyPorts,
  type Recipient,
  sentAt,
  wasWithin,
} from './post.ts';
import { actingTargets } from './weekly.ts';

// Passkeys

/** Drafts the mail about changed passkeys, even if another person changed them. */
export const passkeyDraft = ({
  holder,
  news,
  at,
  zone,
}: {
  readonly holder: string;
  readonly news: PasskeyNews;
  readonly at: string;
  readonly zone: string;
}): Draft => ({
  to: { holder },
  purpose: `passkey-${news}`,
  write: (words) => ({
    subject: words.subjectPasskey[news],
    paragraphs: [fillText(words.passkey[news], { when: mailTimes(words, zone).dateTime(at) }), words.notYou],
  }),
});

/** Returns the link target; undefined for a person without a seat. */
const passkeysTarget = (
  roster: Roster | undefined,
  holder: string,
  resets: number,
  when: LocalMoment,
): LinkTarget | undefined => {
  const term = roster?.holders.find((each) => each.id === holder && isInOffice(each, when));
  return term && { purpose: 'passkeys', holder, body: term.body, seat: term.seat, resets };
};

/** Drafts the mail about a reset, with the only link that can set up a new first passkey; no link for a person without a seat. */
export const resetDraft = (
  roster: Roster | undefined,
  { holder, generation, at }: { readonly holder: string; readonly generation: number; readonly at: string },
  { zone, now }: { readonly zone: string; readonly now: string },
): Draft => {
  const plain = passkeyDraft({ holder, news: 'reset', at, zone });
  const target = passkeysTarget(roster, holder, generation, localMoment(now, zone));
  if (target === undefined) return plain;
  return {
    ...plain,
    target,
    write: (words, link) => {
      const { subject, paragraphs } = plain.write(words, link, []);
      const [lead = '', ...rest] = paragraphs;
      return { subject, paragraphs: [lead, words.passkeyAgain, { link }, ...rest, words.linkIsYours] };
    },
  };
};

// News

export interface NewsContext {
  readonly roster: Roster;
  readonly at: string;
  readonly zone: string;
  readonly itMail: string | undefined;
}

type Written = (words: MailWords, slots: { readonly when: string; readonly who: string }) => Letter;

const newsTo = (
  to: readonly Recipient[],
  { roster, at, zone }: NewsContext,
  holder: string,
  purpose: string,
  written: Written,
): readonly Draft[] => {
  const who = roster.holders.find(({ id }) => id === holder)?.name ?? holder;
  return draftsTo(to, purpose, (words) => written(words, { who, when: mailTimes(words, zone).dateTime(at) }));
};

/** Returns each clerk and IT. */
const othersThan = (holder: string, { roster, at, zone, itMail }: NewsContext): readonly Recipient[] => [
  ...clerksOf(roster, localMoment(at, zone)).flatMap((clerk) => (clerk === holder ? [] : { holder: clerk })),
  ...(itMail === undefined ? [] : [{ itMail }]),
];

/** Drafts news to others than the person, who gets {@link linkDrafts}. */
export const cutOffNews = (context: NewsContext, holder: string): readonly Draft[] =>
  newsTo(othersThan(holder, context), context, holder, 'links-cut-off', ({ links }, slots) => ({
    subject: fillText(links.subjectOf, slots),
    paragraphs: [fillText(links.cutOffOf, slots), links.stillOffOf, links.askThem],
  }));

/** Drafts news to the person, each clerk and IT, without links. */
export const switchedOffNews = (context: NewsContext, holder: string, key: string, n: number): readonly Draft[] => {
  const change = changeId(key, n);
  const mail = (to: readonly Recipient[], last: (words: MailWords) => string): readonly Draft[] =>
    newsTo(to, context, holder, 'switched-off-by-old-link', (words, slots) => ({
      subject: words.links.switchedOff,
      paragraphs: [fillText(words.links.oldLink, { ...slots, change }), last(words)],
    }));
  const drafts = [
    ...mail([{ holder }], ({ notYou }) => notYou),
    ...mail(othersThan(holder, context), ({ links }) => links.askThem),
  ];
  return drafts.map((draft) => ({ ...draft, change }));
};

// New links

/** Far more than a city has open or in force at once. */
const CHANGES_MAX = 1_000;

const changesWith = async (ports: NotifyPorts, ...statuses: readonly ChangeReading['view']['status'][]) => {
  const now = ports.clock();
  const pages = await Promise.all(statuses.map((status) => listChanges(ports, { status, limit: CHANGES_MAX, now })));
  return pages.flatMap((page) => page?.items ?? []);
};

/** What waits for a person: the mails that ask for it, those for votes and signatures in the order of the page of all. */
const asksOf = async (ports: NotifyPorts, rosters: RosterState, holder: string): Promise<readonly AskDraft[]> => {
  const { inForce } = rosters;
  if (inForce === null) return [];
  const { roster } = inForce;
  const now = ports.clock();
  const decides = (await changesWith(ports, 'pending', 'vetoed')).map(async (reading) => {
    const own = outstandingActs(presentChange(reading, now), reading.state, roster, { now, zone: ports.zone }).filter(
      ({ who }) => who.holder.id === holder,
    );
    if (own.length === 0) return [];
    const scene = await sceneOf(ports, reading, roster);
    return own.map((due) => ({ key: reading.view.key, until: due.until, draft: askDraft(scene, due) }));
  });
  const asks = (await Promise.all(decides)).flat().toSorted(byHourAndKey);
  const others = await Promise.all([currentProposalDrafts(ports, rosters), allUndoneDrafts(ports, roster)]);
  return [...asks.map(({ draft }) => draft), ...others.flat()].filter((draft) => holderOf(draft) === holder);
};

interface Linked {
  readonly target: LinkTarget;
  readonly lead: (words: MailWords) => string;
}

/** Drafts the mail to set up a first passkey again, if the person's were reset and none was set up since. */
const passkeyFor = async (ports: NotifyPorts, rosters: RosterState, holder: string): Promise<readonly Linked[]> => {
  const resets = resetsOf(rosters, holder);
  if (resets === 0 || (await enrolmentOf(ports, { holder, generation: resets })).owned.length > 0) return [];
  const target = passkeysTarget(rosters.inForce?.roster, holder, resets, localMoment(ports.clock(), ports.zone));
  return target === undefined ? [] : [{ target, lead: (words) => words.passkeyAgain }];
};

const linked = ({ target, item, write }: AskDraft): Linked => ({
  target,
  lead: (words) => item?.(words).lead ?? write(words, '', []).subject,
});

const waitingFor = async (ports: NotifyPorts, rosters: RosterState, { holder }: LinkTarget): Promise<readonly Linked[]> => [
  ...(await passkeyFor(ports, rosters, holder)),
  ...(await asksOf(ports, rosters, holder)).map(linked),
];

/**
 * `head`: the subject and what stands before the links; `others` follow those of `acts`, after a line of their own. No page lists these,
 * so each has its link, in further mails where there are many.
 */
const linksMails = (
  { holder }: Pick<LinkTarget, 'holder'>,
  purpose: string,
  { acts, others = [] }: { readonly acts: readonly Linked[]; readonly others?: readonly Linked[] },
  head: (words: MailWords) => { readonly subject: string; readonly lead: readonly Paragraph[] },
): readonly Draft[] => {
  const first = others.slice(0, LISTED_MAX);
  const all = [...acts, ...first];
  const mail: Draft = {
    to: { holder },
    purpose,
    further: all.map(({ target }) => target),
    write: (words, _, links) => {
      const { subject, lead } = head(words);
      const items = links.map(({ link }, index) => ({ lead: all[index]?.lead(words) ?? '', link }));
      const waiting = waitingLines(words, items.slice(0, acts.length));
      const off = waitingLines(words, items.slice(acts.length));
      const further = off.length > 0 ? [words.links.switchOff, ...off] : [];
      const yours = links.length > 0 ? [words.linkIsYours] : [];
      return { subject, paragraphs: [...lead, ...waiting, ...further, ...yours] };
    },
  };
  const rest = others.slice(LISTED_MAX);
  return rest.length === 0 ? [mail] : [mail, ...linksMails({ holder }, `${purpose}/more`, { acts: [], others: rest }, head)];
};

/**
 * Drafts mails to a person whose old links were cut off at an instant: new links to what waits for them, in one mail for links of one
 * generation; none after a revocation. They replace the mails that asked before, not those since. `isMoved`: cut off by a new address, which
 * gets a mail only if something waits.
 */
export const linkDrafts = async (
  ports: NotifyPorts,
  rosters: RosterState,
  { holder, at }: { readonly holder: string; readonly at: string },
  isMoved = false,
): Promise<readonly Draft[]> => {
  const [passkeys, waiting] = isRevoked(rosters, holder)
    ? [[], []]
    : await Promise.all([passkeyFor(ports, rosters, holder), asksOf(ports, rosters, holder)]);
  const asked = await Promise.all(waiting.map((ask) => sentAt(ports, ask)));
  const asks = waiting.filter((_, index) => (asked[index] ?? '') <= at);
  const acts = [...passkeys, ...asks.map(linked)];
  if (isMoved && acts.length === 0) return [];
  const mails = linksMails({ holder }, 'links', { acts }, (words) => {
    const { links, notYou } = words;
    const cutOff = fillText(links.cutOff, { when: mailTimes(words, ports.zone).dateTime(at) });
    const still = isMoved ? [] : [links.stillOff];
    return { subject: links.subject, lead: [cutOff, ...still, notYou, acts.length === 0 ? links.noNewOnes : links.newOnes] };
  });
  const event = `links/${linkGenerationOf(rosters, holder)}`;
  return mails.map((mail) => ({ ...mail, event, covers: asks, unlessSince: at }));
};

const whenAsked = (words: MailWords, { at }: Renewal, { zone }: NotifyPorts) => ({ when: mailTimes(words, zone).dateTime(at) });

/** Drafts one mail with a link to the page that the person opened, if it decides, and to everything that waits for them. */
const renewedDrafts = async (ports: NotifyPorts, rosters: RosterState, renewal: Renewal): Promise<readonly Draft[]> => {
  const { target } = renewal;
  const waiting = await waitingFor(ports, rosters, target);
  const isOpened = target.purpose === 'decide' && !waiting.some((each) => JSON.stringify(each.target) === JSON.stringify(target));
  const opened = isOpened ? [{ target, lead: (words: MailWords) => words.links.opened }] : [];
  return linksMails(target, 'renewal', { acts: [...opened, ...waiting] }, (words) => ({
    subject: words.links.renewed,
    lead: [
      fillText(words.links.asked, whenAsked(words, renewal, ports)),
      ...(waiting.length === 0 ? [words.links.nothingWaits] : []),
    ],
  }));
};

/** Returns what a person can switch off: everything approved except the policy in force. */
const approvedNow = async (ports: NotifyPorts): Promise<readonly ChangeReading[]> =>
  (await changesWith(ports, 'approved')).filter(({ view, state }) => {
    const now = advanceTo(state, ports.clock());
    return isApprovalOf(now, view.number) && !isPolicyInForce(now, view.number);
  });

const switchedOffBy = (
  { clock, zone }: NotifyPorts,
  roster: Roster,
  holder: string,
  approved: readonly ChangeReading[],
): readonly Linked[] =>
  approved.flatMap((reading) =>
    actingTargets([reading], roster, holder, localMoment(clock(), zone)).map((target) => ({
      target,
      lead: (words) => fillText(words.named, { ...changeName(reading.view) }),
    })),
  );

/**
 * Drafts mails to persons whose term began after an approval in force, since they have no link of their predecessors; none to a person who
 * already had a seat for it.
 */
export const officeDrafts = async (
  ports: NotifyPorts,
  rosters: RosterState,
  terms: readonly Holder[],
): Promise<readonly Draft[]> => {
  const { roster } = rosters.inForce ?? {};
  if (roster === undefined || terms.length === 0) return [];
  const [approved, { zone }] = [await approvedNow(ports), ports];
  return terms.flatMap((term) => {
    const { id: holder, body, seat, from } = term;
    const before = approved.filter(({ view }) => {
      const at = view.approved?.at ?? '';
      return at < startOfTerm(term, zone) && holderOfSeat(roster, body, seat, localMoment(at, zone))?.id !== holder;
    });
    const others = (isRevoked(rosters, holder) ? [] : switchedOffBy(ports, roster, holder, before)).filter(
      ({ target }) => target.body === body && target.seat === seat,
    );
    if (others.length === 0) return [];
    const mails = linksMails({ holder }, 'office', { acts: [], others }, (words) => ({
      subject: fillText(words.links.office, bodyNames(words.locale, roster.bodies[body]?.name ?? body)),
      lead: [],
    }));
    return mails.map((mail) => ({ ...mail, event: `office/${body}/${seat}/${from}` }));
  });
};

/**
 * One mail with every link that a person needs after a move: to what waits for them, and to what they can switch off. None if they
 * need none.
 */
const movedDrafts = async (
  ports: NotifyPorts,
  rosters: RosterState,
  renewal: Renewal,
  approved: readonly ChangeReading[],
): Promise<readonly Draft[]> => {
  const { target } = renewal;
  const { roster } = rosters.inForce ?? {};
  const acts = await waitingFor(ports, rosters, target);
  const others = roster === undefined ? [] : switchedOffBy(ports, roster, target.holder, approved);
  if (acts.length + others.length === 0) return [];
  return linksMails(target, 'moved', { acts, others }, (words) => ({
    subject: words.links.movedSubject,
    lead: [fillText(words.links.moved, whenAsked(words, renewal, ports))],
  }));
};

/** Side kind: when a person was last mailed the links they asked for. */
const MAILED = 'renewal-mailed';
const AT_MOST_EVERY_MS = 3_600_000;

const wasJustMailed = async (ports: NotifyPorts, holder: string): Promise<boolean> => {
  const at = await ports.sideStore.get(MAILED, holder);
  return typeof at === 'string' && wasWithin(ports, at, AT_MOST_EVERY_MS);
};

const mayHaveLinks = ({ zone, clock }: NotifyPorts, rosters: RosterState, { holder, body, seat }: LinkTarget): boolean =>
  rosters.inForce !== null &&
  !isRevoked(rosters, holder) &&
  holdsSeat(rosters.inForce.roster, holder, body, localMoment(clock(), zone)) === seat;

const mailOne = async (ports: NotifyPorts, renewal: Renewal, drafts: readonly Draft[]): Promise<void> => {
  const { holder } = renewal.target;
  const areTaken = await attempt(ports, `renewal/${holder}/${renewal.at}`, drafts);
  if (!areTaken && wasWithin(ports, renewal.at, GIVE_UP_MS)) {
    await putRenewal(ports.sideStore, { ...renewal, tried: ports.clock() });
    return;
  }
  if (areTaken && drafts.length > 0) await ports.sideStore.put(MAILED, holder, ports.clock());
  await endRenewal(ports.sideStore, renewal);
};

/**
 * Mails new links to those who asked for them by an old one, each at most once an hour and to the address that the roster has now;
 * and after a move to everyone who needs some. Who no longer holds the seat gets none. Throws when no mail can leave.
 */
export const mailRenewals = async (ports: NotifyPorts): Promise<void> => {
  const all = await renewalsAsked(ports.sideStore);
  const asked = all.filter(({ tried }) => tried === undefined || !wasWithin(ports, tried, AGAIN_MS));
  if (asked.length === 0) return;
  const rosters = await readRosters(ports);
  const approved = asked.some(({ moved }) => moved) ? await approvedNow(ports) : [];
  for (const renewal of asked) {
    const { target, moved } = renewal;
    const may = mayHaveLinks(ports, rosters, target);
    const waits = may && (await wasJustMailed(ports, target.holder));
    if (may && !waits) {
      const drafts = moved ? movedDrafts(ports, rosters, renewal, approved) : renewedDrafts(ports, rosters, renewal);
      await mailOne(ports, renewal, await drafts);
    } else if (!waits || !moved) await endRenewal(ports.sideStore, renewal);
  }
};
