import { randomBytes } from 'node:crypto';
import type { DecisionContext, FeatureRejection } from '../../domain/feature/commands.ts';
import { type FeatureCommand, publishedLate } from '../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { changeId, featureStream } from '../../domain/feature/keys.ts';
import type { ChangeState, FeatureState } from '../../domain/feature/state.ts';
import type { ChangeView } from '../../domain/feature/view.ts';
import type { Check } from '../../domain/kernel/decider.ts';
import { latest } from '../../domain/kernel/order.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import type { Evidence } from '../../domain/observation/events.ts';
import type { PasskeyRule } from '../../domain/policy/schema.ts';
import {
  type RecordRevocation,
  type RevocationRejection,
  type RevocationState,
  recordedAgainst,
  revocationName,
  revokedKeys,
} from '../../domain/revocation/decide.ts';
import { REVOCATION_STREAM, type RevocationRecorded } from '../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { commitsAbove, eventsOf, load, loadReadable, readCommit } from '../platform/store/load.ts';
import type { Attachment, Store } from '../platform/store/port.ts';
import { prepareCommit, type StoreRejection, type SubmitRequest, type Submitted, submit } from '../platform/store/submit.ts';
import { featureAggregate, logAggregate, revocationAggregate, rosterAggregate } from './aggregates.ts';
import { enrolmentNow } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { keepText, readText, removeText } from './redactions.ts';
import { rulesInForce } from './rules.ts';

type WithoutContext<C> = C extends FeatureCommand ? Omit<C, keyof DecisionContext> : never;

/** A command without what the gate adds: the instant, the zone, and the rules in force. */
export type FeatureRequest = WithoutContext<FeatureCommand>;

export interface FeatureOrder {
  readonly key: string;
  /** Repeating the command under the same id has no further effect. */
  readonly commandId: string;
  /** Taken from the credential, never from the body. */
  readonly actor: string;
  readonly request: FeatureRequest;
  readonly notBefore?: string | undefined;
  readonly attachments?: readonly Attachment[];
}

const SHARED = 'shared/';

export const sharedCommandId = (commandId: string): string => `${SHARED}${commandId}`;

export const isShared = (commandId: string): boolean => commandId.startsWith(SHARED);

/** Adds the passkey enrolment to a decision that lacks it, so that no caller can skip the check. */
const withEnrolment = async (ports: GatePorts, request: FeatureRequest, passkeys: PasskeyRule): Promise<FeatureRequest> => {
  if (passkeys === 'off' || !('terms' in request || request.type === 'confirm-rollback')) return request;
  if (request.assertion !== undefined || request.enrolled !== undefined) return request;
  const { enrolled } = await enrolmentNow(ports, request.holder);
  return { ...request, enrolled };
};

/** Reads once when late commits entered the log: from then the judge counts how long words were public. */
const enteredLate = async ({ store }: Pick<GatePorts, 'store'>) => {
  const log = await ifReadable(load(store, logAggregate, LOG_STREAM));
  return async (stream: string): Promise<NonNullable<DecisionContext['late']>> => {
    const late = log?.state.late.filter((entry) => entry.stream === stream) ?? [];
    const dated = late.map(async ({ version, from }) => {
      return { since: (await readCommit(store, stream, version))?.at ?? '', from };
    });
    return Promise.all(dated);
  };
};

/** Returns a function that adds to a change from when decisions are accepted. Reads the log at the first call. */
export const withLateness = (ports: Pick<GatePorts, 'store'>) => {
  let read: ReturnType<typeof enteredLate> | undefined;
  return async <T extends Pick<ChangeState, 'since' | 'from'>>(key: string, change: T): Promise<T> => {
    read ??= enteredLate(ports);
    return publishedLate(change, { late: await (await read)(featureStream(key)) });
  };
};
export type Lateness = ReturnType<typeof withLateness>;

const submission = async (
  ports: GatePorts,
  { key, commandId, actor, request, notBefore, attachments = [] }: FeatureOrder,
): Promise<SubmitRequest<FeatureCommand, FeatureState>> => {
  const stream = featureStream(key);
  const [rules, late] = await Promise.all([
    rulesInForce(ports),
    'terms' in request ? enteredLate(ports).then((of) => of(stream)) : [],
  ]);
  const asked = await withEnrolment(ports, request, rules.policy?.policy.passkeys ?? 'off');
  // Another function's clock may have enrolled it.
  const enrolledAt = 'assertion' in asked ? asked.assertion?.enrolled.at : undefined;
  return {
    stream,
    commandId,
    actor,
    command: (at): FeatureCommand => ({ ...asked, ...rules.at(at), late }),
    notBefore: latest(rules.notBefore, notBefore, enrolledAt),
    attachments,
  };
};

/** Executes a command against the policy and the roster in force. */
export const orderFeature = async (
  ports: GatePorts,
  order: FeatureOrder,
): Promise<Submitted<FeatureState, FeatureEvent, FeatureRejection>> =>
  submit(ports, featureAggregate, await submission(ports, order));

/** Decides as {@link orderFeature} does and writes nothing; undefined if the outcome needs a commit. */
export const withoutCommit = async (
  ports: GatePorts,
  order: FeatureOrder,
): Promise<Submitted<FeatureState, FeatureEvent, FeatureRejection> | undefined> => {
  const request = await submission(ports, order);
  const loaded = await load(ports.store, featureAggregate, request.stream);
  const { pending, result } = await prepareCommit(ports, featureAggregate, request, loaded);
  return pending ? undefined : result;
};

const SALT_KEY_BYTES = 32;

/** A person's report that the city opted out of a wording at the vendor. `note`: where it was set, as plain text. */
interface OptOutReport {
  readonly key: string;
  readonly n: number;
  readonly revision: number;
  readonly digest: string;
  readonly note: string;
  readonly evidence: Evidence | null;
  readonly caller: { readonly name: string; readonly person: string };
}

type KnownWording = Pick<ChangeView, 'revisions' | 'optOut'>;

/** Reports whether the newest record is the same: wording, person, evidence and note. */
const isRecorded = async (
  ports: GatePorts,
  { key, n, revision, digest, note, evidence, caller }: OptOutReport,
  known: KnownWording | null,
): Promise<boolean> => {
  const [wording, last] = [known?.revisions.at(-1), known?.optOut?.records.at(-1)];
  if (wording?.revision !== revision || wording.digest !== digest) return false;
  if (last === undefined || last.person !== caller.person || last.evidence?.sha256 !== evidence?.sha256) return false;
  if (last.evidence?.title !== evidence?.title) return false;
  const place = { key, change: n, revision, commitment: last.note };
  return (await readText(ports, { ...place, audience: 'officials' }))?.text === note;
};

/**
 * Records that the city opted out of a wording, unless `known` ends with the same record. The note has a random salt, so a repeat would be
 * another command; the note is removed again if the record is refused.
 */
export const recordOptOut = async (
  ports: GatePorts,
  report: OptOutReport,
  known: KnownWording | null,
): Promise<Check<FeatureRejection | StoreRejection>> => {
  if (await isRecorded(ports, report, known)) return { ok: true };
  const { key, n, revision, digest, note: text, evidence, caller } = report;
  const note = await keepText(ports, randomBytes(SALT_KEY_BYTES), `${changeId(key, n)}/opt-out`, text);
  const done = await orderFeature(ports, {
    key,
    commandId: `opt-out/${changeId(key, n)}/${note.slice('sha256:'.length)}`,
    actor: `token:${caller.name}`,
    request: { type: 'opt-out', change: n, revision, digest, note, evidence, person: caller.person },
  });
  if (!done.ok) await removeText(ports, note);
  return done;
};

export const readRevocations = async (store: Store): Promise<RevocationState> =>
  (await load(store, revocationAggregate, REVOCATION_STREAM)).state;

/** Returns the recorded revocation of a name (see {@link revocationName}). Absence costs one read. */
export const findRevocation = async (store: Store, name: string): Promise<RevocationRecorded | undefined> => {
  if (!Object.hasOwn(await readRevocations(store), name)) return undefined;
  for await (const commit of commitsAbove(store, REVOCATION_STREAM, 0)) {
    const [found] = eventsOf(revocationAggregate, commit);
    if (found !== undefined && revocationName(found.key, found.change, found.requirement) === name) return found;
  }
  return undefined;
};

const apply = async (ports: GatePorts, recorded: RevocationState, key: string): Promise<void> => {
  const { state } = await load(ports.store, featureAggregate, featureStream(key));
  const name = recordedAgainst(recorded, state);
  const found = name === undefined ? undefined : await findRevocation(ports.store, name);
  if (found === undefined) return;
  const { change, requirement, holder, seat, reason, fileNumber, byReplacedLink } = found;
  await orderFeature(ports, {
    key,
    commandId: `revocation/${key}/${change}/${requirement}`,
    actor: `holder:${holder}`,
    request: {
      type: 'revoke',
      change,
      requirement,
      holder,
      reason,
      fileNumber,
      recorded: { seat },
      ...(byReplacedLink && { byReplacedLink }),
    },
  });
};

/**
 * Appends recorded revocations to the streams of their features once these can be read; until then {@link readRevocations} keeps the
 * features off.
 */
export const applyRevocations = async (ports: GatePorts): Promise<void> => {
  const recorded = await readRevocations(ports.store);
  for (const key of revokedKeys(recorded)) await ifReadable(apply(ports, recorded, key));
};

/** Records a revocation if an ordinary one failed because a record cannot be read. Checks roster and feature as far as they can be read. */
export const recordRevocation = async (
  ports: GatePorts,
  commandId: string,
  revocation: Omit<RecordRevocation, 'at' | 'zone' | 'roster' | 'feature'>,
): Promise<Submitted<RevocationState, RevocationRecorded, RevocationRejection>> => {
  const [roster, feature] = await Promise.all([
    loadReadable(ports.store, rosterAggregate, ROSTER_STREAM),
    loadReadable(ports.store, featureAggregate, featureStream(revocation.key)),
  ]);
  return submit(ports, revocationAggregate, {
    stream: REVOCATION_STREAM,
    commandId,
    actor: `holder:${revocation.holder}`,
    command: (at) => ({ ...revocation, at, zone: ports.zone, roster: roster.inForce?.roster ?? null, feature }),
  });
};
