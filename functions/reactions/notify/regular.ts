import { effectiveEnd, headWith } from '../../../domain/feature/evaluate.ts';
import { changeId, prefixesOf } from '../../../domain/feature/keys.ts';
import type { FeatureState } from '../../../domain/feature/state.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { readPolicies, readRosters } from '../../gate/aggregates.ts';
import { directoryEntry } from '../../gate/directory.ts';
import { areCutOff, knownLink } from '../../gate/links.ts';
import { listChanges } from '../../register/lists.ts';
import type { ChangeReading } from '../../register/read.ts';
import { presentChange } from '../../register/read.ts';
import { agendaMails } from './agenda.ts';
import { draftsOf, sceneOf, wordsEvent } from './asks.ts';
import { type Draft, holderOf } from './draft.ts';
import { barredFrom, firstDayMails, newTerms } from './firstDay.ts';
import { writeMorning } from './morning.ts';
import type { NotifyPorts } from './ports.ts';
import { judgementOf } from './ports.ts';
import { attempt } from './post.ts';
import { actingBodies } from './recipients.ts';
import { type EventDraft, reminderDraft, remindersOf, remindersTogether } from './reminders.ts';
import { isMailDue, lastTurnOf } from './revisionMails.ts';
import { heldOf } from './together.ts';
import { cameAsMaintenance, isWeeklyOff, type Week, weeklyDrafts, weekToMail } from './weekly.ts';
import { weekRisks } from './weekRisks.ts';

const PAGE = 500;
/** Side kind: the Monday whose weekly mail has left. */
const MAILED = 'weekly-mailed';
const NEWEST = 'newest';
/** The mails of an event may still be under way this long. */
const SETTLED_MS = 10 * 60_000;

async function* changesOf(ports: NotifyPorts, now: string, status?: 'open'): AsyncGenerator<ChangeReading> {
  for (let cursor: string | undefined; ; ) {
    const page = await listChanges(ports, { status, cursor, limit: PAGE, now });
    yield* page?.items ?? [];
    if (page === undefined || page.next === null) return;
    cursor = page.next;
  }
}

/** Whether the link of a draft was made before, and whether the person's links were cut off without a new one. */
const linkOf = async (ports: NotifyPorts, draft: Draft) => {
  const [{ target }, holder] = [draft, holderOf(draft)];
  if (target === undefined || holder === undefined) return { known: false, cutOff: false };
  const known = (await knownLink(ports, target)) !== undefined;
  return { known, cutOff: !known && (await areCutOff(ports, holder)) };
};

/** Not a person without an address, again and again; nor one whose links were all cut off, who would get a new one. */
const mayBeAsked = async (ports: NotifyPorts, draft: Draft): Promise<boolean> =>
  !(await linkOf(ports, draft)).cutOff && (await directoryEntry(ports.sideStore, holderOf(draft) ?? '')) !== undefined;

const filtered = async <T extends Draft>(drafts: readonly T[], keep: (draft: T) => Promise<boolean>): Promise<readonly T[]> =>
  (await Promise.all(drafts.map(async (draft) => ((await keep(draft)) ? [draft] : [])))).flat();

/** Asks who was not asked yet, such as who came into office since, reminds of what is about to close, and mails on a first day. */
const askAndRemind = async (
  ports: NotifyPorts,
  { roster, since }: { readonly roster: Roster; readonly since: string },
  now: string,
): Promise<void> => {
  const facts = { roster, now, zone: ports.zone, url: ports.url };
  const settled = new Date(Date.parse(now) - SETTLED_MS).toISOString();
  const terms = newTerms(roster, since, facts);
  const barred: ReturnType<typeof barredFrom>[number][] = [];
  const [held, reminders]: [Draft[], EventDraft[]] = [[], []];
  for await (const reading of changesOf(ports, now, 'open')) {
    if ((await judgementOf(ports, reading)) !== 'judged') continue;
    barred.push(...(terms.length > 0 ? barredFrom(reading, terms, now) : []));
    const scene = await sceneOf(ports, reading, roster);
    const isAsked = isMailDue(reading.view, now) && lastTurnOf(reading.view) < settled;
    const asks = isAsked ? draftsOf(scene, ports.itMail).drafts : [];
    const mayHave = await filtered(asks, (draft) => mayBeAsked(ports, draft));
    held.push(...mayHave.filter(({ meeting }) => meeting !== undefined));
    const own = mayHave.filter(({ meeting }) => meeting === undefined);
    await attempt(ports, wordsEvent(reading.view), own);
    for (const due of remindersOf(reading, facts)) reminders.push(reminderDraft(scene, due));
  }
  for (const draft of await heldOf(ports, held, now)) await attempt(ports, draft.event ?? '', [draft]);
  // A reminder gives no new link to a person whose links were cut off.
  const due = await filtered(reminders, async (draft) => !(await linkOf(ports, draft)).cutOff);
  for (const draft of remindersTogether(due, ports.zone)) await attempt(ports, draft.event ?? '', [draft]);
  for (const draft of firstDayMails(barred, facts)) await attempt(ports, draft.event, [draft]);
  const agendas = await filtered(await agendaMails(ports, roster, now), (draft) => mayBeAsked(ports, draft));
  for (const draft of agendas) await attempt(ports, draft.event, [draft]);
};

/** Without the links that would be new ones for a person whose links were cut off. */
const withoutCutOff = async (ports: NotifyPorts, draft: Draft): Promise<Draft> => {
  const further = await Promise.all(
    (draft.further ?? []).map(async (target) => ((await linkOf(ports, { ...draft, target })).cutOff ? [] : [target])),
  );
  return { ...draft, further: further.flat() };
};

/** `states`: of every feature. */
const endsOf = (
  views: readonly ChangeView[],
  states: ReadonlyMap<string, FeatureState>,
  now: string,
): ReadonlyMap<string, string> =>
  new Map(
    views.flatMap(({ key, number }) => {
      const heads = prefixesOf(key).map((prefix) => headWith(states.get(prefix) ?? null));
      const end = effectiveEnd(key, heads, now, number);
      return end === null ? [] : [[changeId(key, number), end.at] as const];
    }),
  );

const mailWeek = async (ports: NotifyPorts, policy: Policy, roster: Roster, week: Week, now: string): Promise<void> => {
  if ((await ports.sideStore.get(MAILED, NEWEST)) === week.monday) return;
  const [views, fixes]: [ChangeView[], ChangeReading[]] = [[], []];
  const states = new Map<string, FeatureState>();
  for await (const reading of changesOf(ports, now)) {
    const standing = await judgementOf(ports, reading);
    // The next run writes of the whole week.
    if (standing === 'waits') return;
    if (standing === 'refused') continue;
    views.push(presentChange(reading.view, reading.state, now));
    states.set(reading.view.key, reading.state);
    if (cameAsMaintenance(reading, week)) fixes.push(reading);
  }
  const risks = await weekRisks(ports.sideStore);
  const ids = [...new Set(roster.holders.map(({ id }) => id))];
  const off = new Set((await Promise.all(ids.map(async (id) => ((await isWeeklyOff(ports.sideStore, id)) ? id : [])))).flat());
  const drafts =
    views.length + risks.openCases + risks.lateTasks === 0
      ? []
      : weeklyDrafts({ views, fixes, ends: endsOf(views, states, now), risks }, roster, actingBodies(policy, roster), off, {
          week,
          zone: ports.zone,
          url: ports.url,
        });
  if (await attempt(ports, `weekly/${week.monday}`, await Promise.all(drafts.map((draft) => withoutCutOff(ports, draft)))))
    await ports.sideStore.put(MAILED, NEWEST, week.monday);
};

/**
 * Sends the mail that only the calendar triggers. Runs as often as needed, also two at once: a mail goes out twice only after a crash
 * between acceptance and record. Throws when no mail can leave or the store cannot be read.
 */
export const writeRegularly = async (ports: NotifyPorts): Promise<void> => {
  const now = ports.clock();
  const [policy, roster] = await Promise.all([readPolicies(ports), readRosters(ports)]);
  const { inForce } = roster;
  const rules = policy.inForce;
  if (inForce === null || rules === null) return;
  await askAndRemind(ports, inForce, now);
  await writeMorning(ports, now);
  const week = weekToMail(now, ports.zone);
  if (week !== undefined && rules.since < week.to) await mailWeek(ports, rules.policy, inForce.roster, week, now);
};
