import * as z from 'zod';
import { countsAsMaintenance } from '../feature/arrival.ts';
import { canBeRecorded } from '../feature/decide/revoke.ts';
import { advanceTo, expectedBeginning } from '../feature/due.ts';
import type { EventOf, FeatureEvent } from '../feature/events.ts';
import { INVENTORY } from '../feature/notice.ts';
import { hasChoice, limitsOfOptOut, standingOfOptOut } from '../feature/optOut.ts';
import { type FeatureState, findChange } from '../feature/state.ts';
import { strictObject } from '../kernel/zodTypes.ts';
import type { ChangeRecord, KeyRecord, KnownOptOut } from './record.ts';

/** The most closed changes kept, counted separately for withdrawn and other ones; open and approved changes are always kept. */
const CLOSED_MAX = 24;

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

const factsOf = ({ change, revision, digest, notice, provenance, at }: Worded): ChangeRecord => ({
  n: change,
  revision,
  digest,
  title: notice.title,
  kind: notice.kind,
  version: notice.version,
  optOut: notice.optOut,
  optOutBy: notice.optOutBy,
  optOutHow: notice.optOutHow,
  withoutAction: notice.withoutAction,
  effectiveAt: notice.effectiveAt,
  at,
  status: 'pending',
  from: null,
  until: null,
  ended: null,
  maintenance: false,
  announced: provenance.channel !== INVENTORY,
  optedOut: null,
  withdrawn: null,
  rolledBack: false,
  contested: null,
  recordable: true,
});

/** A second record adds the evidence that the first lacks. */
const optOutAfter = (known: ChangeRecord, { at, person, evidence }: EventOf<'OptOutRecorded'>): KnownOptOut => {
  const { optedOut } = known;
  const standing = standingOfOptOut(limitsOfOptOut(known, known.at), { at, evidence });
  const counts = optedOut?.counts === true || standing === 'counts';
  return { at: optedOut?.at ?? at, person: optedOut?.person ?? person, evidence: evidence ?? optedOut?.evidence ?? null, counts };
};

const edited = (
  changes: readonly ChangeRecord[],
  n: number,
  edit: (known: ChangeRecord) => ChangeRecord,
): readonly ChangeRecord[] => changes.map((known) => (known.n === n ? edit(known) : known));

/** Adds the content of an event to its change; {@link changesAt} then takes the rest from the state. */
export const changesAfter = (changes: readonly ChangeRecord[], event: FeatureEvent): readonly ChangeRecord[] => {
  const { change: n, at } = event;
  switch (event.type) {
    case 'ChangeNotified':
      return [...changes.filter((known) => known.n !== n), factsOf(event)];
    case 'ChangeRevised':
      return edited(changes, n, () => factsOf(event));
    case 'ChangeWithdrawn':
      return edited(changes, n, (known) => ({ ...known, status: 'withdrawn', withdrawn: at, ended: known.ended ?? at }));
    case 'MaintenanceContested':
      return edited(changes, n, (known) => ({ ...known, contested: at }));
    case 'OptOutRecorded':
      return edited(changes, n, (known) => ({ ...known, optedOut: optOutAfter(known, event) }));
    case 'RollbackConfirmed':
      if (!event.complete) return changes;
      return edited(changes, n, (known) =>
        event.of === 'opt-out'
          ? { ...known, optedOut: known.optedOut && { ...known.optedOut, counts: true } }
          : { ...known, rolledBack: true },
      );
    default:
      return changes;
  }
};

const isOver = ({ status }: ChangeRecord): boolean => status !== 'pending' && status !== 'vetoed' && status !== 'approved';

const changeAt = (known: ChangeRecord, state: FeatureState, at: string): ChangeRecord => {
  const current = findChange(state, known.n);
  const status = current?.status ?? known.status;
  const changed = { ...known, status, maintenance: countsAsMaintenance(state, known.n) };
  const ended = isOver(changed) ? (known.ended ?? at) : null;
  if (status !== 'approved') return { ...changed, ended };
  const begun = known.from !== null && known.from <= at ? known.from : at;
  const from = state.waiting === known.n ? expectedBeginning(state) : begun;
  return { ...changed, ended, from, until: current?.approved?.validUntil ?? null };
};

/** Returns the changes according to their feature's state at an instant: closed ones as they were when closed. */
export const changesAt = (changes: readonly ChangeRecord[], state: FeatureState, at: string): readonly ChangeRecord[] => {
  // As a command finds it that records an opt-out.
  const current = advanceTo(state, at);
  const present = changes.map((known) => ({ ...changeAt(known, state, at), recordable: canBeRecorded(current, known.n, at) }));
  // A vendor can withdraw any number, and of each something may be left to do.
  const over = Map.groupBy(present.filter(isOver), ({ status }) => status === 'withdrawn');
  const dropped = new Set([...over.values()].flatMap((each) => each.slice(0, -CLOSED_MAX)));
  return present.filter((known) => !dropped.has(known));
};

/**
 * Storage format, also of a sum over keys. How many changes there are: `announced` by the vendor; `optedOut`: of these, with an
 * opt-out that was in time or was confirmed; `late`: with one that was neither; `neverLooked`: whose day has come without a look of
 * the city or an audit since.
 */
export const AnnouncedCounts = strictObject(() => ({
  announced: z.int(),
  optedOut: z.int(),
  late: z.int(),
  neverLooked: z.int(),
}));
export type AnnouncedCounts = z.infer<typeof AnnouncedCounts>;

export const NONE_ANNOUNCED: AnnouncedCounts = { announced: 0, optedOut: 0, late: 0, neverLooked: 0 };

/** Counts what the record of a key keeps: all open and approved changes, and the newest of those that are over. */
export const announcedIn = ({ changes, reports, at }: Pick<KeyRecord, 'changes' | 'reports' | 'at'>): AnnouncedCounts => {
  const announced = changes.filter((change) => change.announced && !change.maintenance && hasChoice(change.kind));
  const opted = announced.flatMap(({ optedOut }) => optedOut ?? []);
  const looked = reports.flatMap(({ kind, observedAt }) => (kind === 'vendor' ? [] : [observedAt]));
  const isUnseen = ({ effectiveAt, withdrawn }: ChangeRecord): boolean =>
    effectiveAt !== null &&
    effectiveAt <= at &&
    (withdrawn === null || withdrawn >= effectiveAt) &&
    looked.every((each) => each < effectiveAt);
  return {
    announced: announced.length,
    optedOut: opted.filter(({ counts }) => counts).length,
    late: opted.filter(({ counts }) => !counts).length,
    neverLooked: announced.filter(isUnseen).length,
  };
};
