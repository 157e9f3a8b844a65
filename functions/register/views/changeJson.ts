import * as z from 'zod';
import { decidableUntilOf, missingDocuments, secondVoteFrom } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { END_ORIGINS, effectiveEnd, type Head } from '../../../domain/feature/evaluate.ts';
import { type FeatureEvent, Provenance } from '../../../domain/feature/events.ts';
import { changeId, featureStream } from '../../../domain/feature/keys.ts';
import { effectsOf, Notice, NoticeFacts, StatedImpacts } from '../../../domain/feature/notice.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { CHANGE_STATUSES, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { Terms } from '../../../domain/feature/terms.ts';
import { AttachedDocument, ChangeView, isVoid, type RequirementView, type RevisionView } from '../../../domain/feature/view.ts';
import { type JsonValue, parseStrict } from '../../../domain/kernel/json.ts';
import { Digest, FeatureKey, Instant, LocalDate, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { denominatorOf, needed, thresholdOf } from '../../../domain/policy/rollCall.ts';
import { INSTRUMENTS } from '../../../domain/policy/schema.ts';
import type { Place, Redaction } from '../../../domain/redaction/decide.ts';
import { Authority, OrderFile, RedactionReason } from '../../../domain/redaction/events.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { headsWith } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { type Audience, readHidden, readHiding } from '../../gate/redactions.ts';
import { readRules } from '../../gate/rules.ts';
import { readCommit } from '../../platform/store/load.ts';
import type { Store } from '../../platform/store/port.ts';
import type { ChangeReading } from '../project.ts';

/** Until a vote has counted the seats, today's roster does. */
interface Today {
  readonly now: string;
  readonly zone: string;
  readonly roster: Roster | null;
}

const Count = z.int().min(0);

/** Wire format. The limit that ends an approval first. */
export const LimitedBy = strictObject(() => ({
  change: z
    .string()
    .describe(
      'The change whose approval ends or begins, or whose words take effect, KEY/N: of this feature, or of one above it.',
    ),
  by: z
    .enum(END_ORIGINS)
    .describe(
      '`notice`: the vendor’s; `decision`: the terms; `policy`: the longest term; `next`: another begins; `outdated`: unapproved words take effect; `removal`: the vendor takes it away.',
    ),
})).meta({ id: 'LimitedBy', description: 'Whose limit ends an approval first.' });

/** Wire format. `yes` is absent while ballots are open, so that no member sees a running count. */
const RequirementJson = strictObject(() => ({
  id: z.string().describe('Names the requirement within the policy.'),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  status: z
    .enum(['waiting', 'open', 'met', 'refused', 'overridden'])
    .describe('Where the requirement stands; `open` also while a certificate waits to be confirmed, never in a closed change.'),
  yes: Count.exactOptional().describe('Yes votes counted so far; absent while ballots are open.'),
  needed: Count,
  of: Count,
  deadlineAt: Instant.nullable(),
  override: z
    .strictObject({ yes: Count, needed: Count, of: Count })
    .exactOptional()
    .describe('The second vote of this body, on a veto; absent until it is certified.'),
})).meta({ id: 'Requirement', description: 'One body that must act on a change.' });
type RequirementJson = z.infer<typeof RequirementJson>;

/** Reports whether ballots are still secret: members vote without knowing how others did. */
export const ballotsAreOpen = (change: Pick<ChangeView, 'status'>, requirement: RequirementView): boolean =>
  requirement.instrument === 'ballots' && isOpen(change) && (requirement.status === 'open' || requirement.status === 'waiting');

const seatsToday = (body: string, { now, zone, roster }: Today): { seats: number; filled: number } => {
  if (roster === null || !Object.hasOwn(roster.bodies, body)) return { seats: 0, filled: 0 };
  return {
    seats: roster.bodies[body]?.seats.length ?? 0,
    filled: holdersOf(roster, body, localMoment(now, zone)).size,
  };
};

const threshold = (requirement: RequirementView, today: Today): { needed: number; of: number } => {
  const { tally, denominator, rule, instrument, body } = requirement;
  if (instrument === 'signature') return { needed: 1, of: 1 };
  if (tally !== null) return { needed: tally.needed, of: tally.of };
  const counted = denominator ?? seatsToday(body, today);
  const { filled } = counted;
  const seats = Math.max(counted.seats, rule.seats ?? 0);
  if (instrument === 'advice') return { needed: 0, of: seats };
  const count = { seats, filled, present: filled, recused: 0 };
  return { needed: needed(thresholdOf(rule), count), of: denominatorOf(thresholdOf(rule), count) };
};

const yesOf = ({ instrument, status, tally, ballots }: RequirementView): number => {
  if (instrument === 'signature') return status === 'met' ? 1 : 0;
  return tally?.yes ?? Object.values(ballots).filter((decision) => decision === 'approve').length;
};

export const requirementJson = (view: ChangeView, requirement: RequirementView, today: Today): RequirementJson => {
  const { id, body, instrument, status, deadlineAt, override } = requirement;
  return {
    id,
    body,
    instrument,
    status: status === 'open' && !isOpen(view) ? 'waiting' : status,
    ...(!ballotsAreOpen(view, requirement) && { yes: yesOf(requirement) }),
    ...threshold(requirement, today),
    deadlineAt,
    ...(override !== null && {
      override: { yes: override.yes, needed: override.needed, of: override.of },
    }),
  };
};

/** Wire format. */
const RedactionNote = strictObject(() => ({
  at: Instant.describe('Since when.'),
  reason: RedactionReason.describe('Why it is not shown.'),
  authority: Authority,
  fileNumber: OrderFile,
})).meta({ id: 'RedactionNote', description: 'An order that hides something.' });

/** Wire format. */
export const ChangeJson = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  status: z.enum(CHANGE_STATUSES).describe('Where the change stands now.'),
  notice: NoticeFacts.extend({
    feature: FeatureKey,
    impact: StatedImpacts,
    description: z.string().exactOptional(),
    redacted: RedactionNote.exactOptional().describe('The order that hides its text.'),
  }).describe('The notice of the revision that stands, with its text where one change is asked for.'),
  provenance: Provenance.describe('How the revision that stands reached the gate.'),
  terms: Terms.nullable().describe('The terms that the next decisions must name; null until a decision has set them.'),
  requirements: z.array(RequirementJson).describe('What the change needs, in the order of the policy.'),
  revisions: z
    .array(z.strictObject({ revision: z.int().min(1), digest: Digest, at: Instant, title: z.string() }))
    .describe('Every revision, oldest first.'),
  documents: z
    .array(
      AttachedDocument.extend({
        url: z.string().describe('Where the bytes are.'),
        redacted: RedactionNote.exactOptional().describe('The order that hides it.'),
      }),
    )
    .describe('The documents that are attached, oldest first.'),
  missingDocuments: z.array(z.string()).describe('Kinds of documents that the rules ask for and that are not attached yet.'),
  closesAt: Instant.nullable(),
  decidableFrom: Instant.nullable().describe(
    'Decisions count from this instant, since the revision must have been public first.',
  ),
  veto: z
    .strictObject({
      requirement: z.string(),
      by: z.enum(['holder', 'deadline']),
      at: Instant,
      until: Instant,
      first: LocalDate,
    })
    .nullable()
    .describe('The veto that waits for an override; null without one.'),
  approved: z
    .strictObject({
      at: Instant,
      validUntil: Instant.nullable(),
      effectiveUntil: Instant.nullable(),
      limitedBy: LimitedBy.nullable(),
    })
    .nullable()
    .describe('When the change was approved, and until when; null if it never was.'),
  contested: ChangeView.shape.contested.describe(
    'Who contested that the update is maintenance, and when; `reason` is the commitment to the text. Null without a contest.',
  ),
  optOut: ChangeView.shape.optOut.describe(
    'Whether the city recorded that it opted out of the revision that stands, and who confirmed it; `note` is the commitment to the text. Null without.',
  ),
  ended: z
    .strictObject({ at: Instant, because: z.string() })
    .nullable()
    .describe('When the change or its approval ended, and by what; null while it has not.'),
  checkpoint: z.string().nullable(),
})).meta({ id: 'Change', description: 'One change of one feature, with all its revisions and requirements.' });
export type ChangeJson = z.infer<typeof ChangeJson>;

/** `words`: the full notice. `hidden`: the parts of its newest notice and documents that orders withhold, by digest. */
interface ChangeFacts {
  readonly words?: Notice | undefined;
  readonly hidden?: ReadonlyMap<string, { readonly redaction: Redaction }>;
  readonly heads: readonly Head[];
  readonly checkpoint: string | undefined;
}

export const documentUrl = (sha256: string): string => `/log/document/${sha256.slice('sha256:'.length)}`;

export const latestOf = ({ key, number: n, revisions }: ChangeView): RevisionView => {
  const latest = revisions.at(-1);
  if (latest === undefined) throw new Error(`broken invariant: ${changeId(key, n)} has no wording`);
  return latest;
};

/**
 * Returns the terms that decisions must name; null if only open ballots set them: they would reveal that a member voted yes.
 */
export const shownTerms = (view: ChangeView): Terms | null => {
  if (!view.requirements.some((requirement) => ballotsAreOpen(view, requirement))) return view.terms;
  const open = new Set(view.requirements.filter((requirement) => ballotsAreOpen(view, requirement)).map(({ id }) => id));
  const elsewhere = view.acts.some((act) => 'terms' in act && !isVoid(view, act) && !open.has(act.requirement));
  return elsewhere ? view.terms : null;
};

/** {@link shownTerms} for a page; null if the change was refused or lapsed, since terms would look as if they counted. */
export const standingTerms = (view: ChangeView): Terms | null =>
  isOpen(view) || view.approved !== null ? shownTerms(view) : null;

const vetoJson = (view: ChangeView, state: FeatureState, { zone, now }: Today): ChangeJson['veto'] => {
  const first = secondVoteFrom(advanceTo(state, now), view.number, zone);
  return view.veto === null || first === undefined ? null : { ...view.veto, first };
};

const redactedIn = (hidden: ChangeFacts['hidden'], digest: string): { readonly redacted?: z.infer<typeof RedactionNote> } => {
  const { redaction } = hidden?.get(digest) ?? {};
  if (redaction === undefined) return {};
  const { at, reason, authority, fileNumber } = redaction;
  return { redacted: { at, reason, authority, fileNumber } };
};

/** A change as of `today.now`; the view of `reading` must be presented for that instant. */
export const changeJson = (
  { view, state }: ChangeReading,
  today: Today,
  { words, hidden, heads, checkpoint }: ChangeFacts,
): ChangeJson => {
  const latest = latestOf(view);
  const open = isOpen(view);
  const end = effectiveEnd(view.key, heads, today.now, view.number);
  return {
    change: changeId(view.key, view.number),
    revision: latest.revision,
    digest: latest.digest,
    status: view.status,
    notice: {
      feature: view.key,
      ...latest.notice,
      impact: { ...latest.notice.impact, ...(words !== undefined && effectsOf(words)) },
      ...(words?.description !== undefined && { description: words.description }),
      ...redactedIn(hidden, latest.digest),
    },
    provenance: latest.provenance,
    terms: shownTerms(view),
    requirements: view.requirements.map((requirement) => requirementJson(view, requirement, today)),
    revisions: view.revisions.map(({ revision, digest, at, notice }) => ({ revision, digest, at, title: notice.title })),
    documents: view.documents.map((document) => ({
      ...document,
      url: documentUrl(document.sha256),
      ...redactedIn(hidden, document.sha256),
    })),
    missingDocuments: open ? [...missingDocuments(view)] : [],
    closesAt: open ? decidableUntilOf(view) : null,
    decidableFrom: open ? (view.pinned?.from ?? null) : null,
    veto: vetoJson(view, state, today),
    approved: view.approved && {
      at: view.approved.at,
      validUntil: view.approved.validUntil,
      effectiveUntil: end?.at ?? null,
      limitedBy: end && { change: end.change, by: end.by },
    },
    contested: view.contested,
    optOut: view.optOut,
    ended: view.ended,
    checkpoint: checkpoint ?? null,
  };
};

/**
 * Returns the full notice, stored with the commit that its revision names; undefined if it is missing or not a notice. `redaction`:
 * the order that withholds it from the public; only officials then get it. The text is the vendor's and attacker-controlled.
 */
export const noticeOf = async (
  store: Store,
  { key, number: change }: Pick<ChangeView, 'key' | 'number'>,
  { words, digest, revision }: Pick<RevisionView, 'words' | 'digest' | 'revision'>,
  audience: Audience,
): Promise<{ readonly notice?: Notice | undefined; readonly redaction?: Redaction | undefined }> => {
  const [record, redaction] = await Promise.all([
    readCommit(store, featureStream(key), words),
    readHiding(store, digest, { key, change, revision }),
  ]);
  if (redaction !== undefined && audience === 'public') return { redaction };
  const attachment = record?.attachments.find(({ sha256 }) => sha256 === digest);
  const parsed = attachment === undefined ? undefined : parseStrict(attachment.bytes);
  return { notice: parsed?.ok ? Notice.safeParse(parsed.value).data : undefined, redaction };
};

export const withholdableOf = (view: ChangeView): readonly (Place & { readonly commitment: string })[] => {
  const { digest, revision } = latestOf(view);
  const place = { key: view.key, change: view.number, revision };
  return [digest, ...view.documents.map(({ sha256 }) => sha256)].map((commitment) => ({ ...place, commitment }));
};

export const todayOf = async (ports: GatePorts): Promise<Today> => {
  const { roster } = await readRules(ports);
  return { now: ports.clock(), zone: ports.zone, roster: roster?.roster ?? null };
};

/** A change as of now, with its full notice, or what withholds it. `checkpoint`: the newest of the public log. */
export const changeAnswer = async (
  ports: GatePorts,
  { view, state }: ChangeReading,
  checkpoint: string | undefined,
): Promise<ChangeJson> => {
  const latest = latestOf(view);
  const [today, heads, { notice }, hidden] = await Promise.all([
    todayOf(ports),
    headsWith(ports, view.key, state),
    noticeOf(ports.store, view, latest, 'public'),
    readHidden(ports, withholdableOf(view)),
  ]);
  return changeJson({ view: presentChange({ view, state }, today.now), state }, today, {
    words: notice,
    hidden,
    heads,
    checkpoint,
  });
};

/** Wire format. One event of a feature (docs/events.md). */
export const HistoryEntry = z
  .looseObject({
    version: z.int().min(1).describe('The version of the feature’s stream that holds the event.'),
    at: Instant,
    type: z.string().describe('The type of the event, such as ChangeNotified.'),
    actor: z.string().describe('Whose credential caused the event, such as vendor:acme or holder:clerk.'),
    change: z.string(),
  })
  .meta({ id: 'HistoryEntry', description: 'One event of a feature, with the fields of the event itself beside these.' });
export type HistoryEntry = z.infer<typeof HistoryEntry>;

// A ballot shows in its decision, in its terms (only a yes sets any) and, by trying every answer, in the fingerprint of the act and in
// what a passkey signed.
const HIDDEN_OF_OPEN_BALLOT = ['decision', 'terms', 'act', 'comment', 'assertion'];
const BOOKKEEPING = ['v', 'type', 'at', 'change', 'key', 'room', 'command', 'act'];

const isHidden = (event: FeatureEvent, view: ChangeView | undefined): boolean => {
  if (event.type !== 'BallotCast') return false;
  if (view === undefined) return true;
  const requirement = view.requirements.find(({ id }) => id === event.requirement);
  return latestOf(view).revision === event.revision && requirement !== undefined && ballotsAreOpen(view, requirement);
};

/**
 * `view`: the change as of now. An open ballot shows that it was cast but not how; without a view every ballot counts as
 * open.
 */
export const historyEntry = (
  key: string,
  event: FeatureEvent,
  { version, actor }: { readonly version: number; readonly actor: string },
  view: ChangeView | undefined,
): HistoryEntry => {
  const left = isHidden(event, view) ? [...BOOKKEEPING, ...HIDDEN_OF_OPEN_BALLOT] : BOOKKEEPING;
  const shown = Object.fromEntries(Object.entries(event).filter(([field]) => !left.includes(field))) as Record<string, JsonValue>;
  return { version, at: event.at, type: event.type, actor, change: changeId(key, event.change), ...shown };
};
