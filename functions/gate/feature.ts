import type { DecisionContext, FeatureCommand, FeatureRejection } from '../../domain/feature/commands.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { latest } from '../../domain/kernel/order.ts';
import type { PasskeyRule } from '../../domain/policy/schema.ts';
import { load } from '../platform/store/load.ts';
import type { Attachment } from '../platform/store/port.ts';
import { prepareCommit, type SubmitRequest, type Submitted, submit } from '../platform/store/submit.ts';
import { featureAggregate } from './aggregates.ts';
import { enrolmentOf, ownerOf } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { rulesInForce } from './rules.ts';

type WithoutContext<C> = C extends FeatureCommand ? Omit<C, keyof DecisionContext> : never;

/** A command without what the gate adds: the instant, the zone, and the rules in force. */
export type FeatureRequest = WithoutContext<FeatureCommand>;

export interface FeatureOrder {
  readonly key: string;
  /** Repeating the command under the same id has no further effect. */
  readonly commandId: string;
  /** From the credential, never from the body. */
  readonly actor: string;
  readonly request: FeatureRequest;
  /** Since when the vendor's key is valid, if one signed. */
  readonly notBefore?: string;
  readonly attachments?: readonly Attachment[];
}

/** The id of a command that a form for several changes gives for each of them; `form`: the SHA-256 of that form, in hex. */
export const sharedCommandId = (form: string, commandId: string): string => `shared/${form}/${commandId}`;

/** Returns the form for several changes that gave a command; undefined for one that was given by itself. */
export const sharedFormOf = (commandId: string): string | undefined => /^shared\/([0-9a-f]{64})\//.exec(commandId)?.[1];

/** Adds the passkey enrolment to a decision that lacks it, so that no caller can skip the check. */
const withEnrolment = async (ports: GatePorts, request: FeatureRequest, passkeys: PasskeyRule): Promise<FeatureRequest> => {
  if (passkeys === 'off' || !('terms' in request || request.type === 'confirm-rollback')) return request;
  if (request.assertion !== undefined || request.enrolled !== undefined) return request;
  const { enrolled } = await enrolmentOf(ports, await ownerOf(ports, request.holder));
  return { ...request, enrolled };
};

const submission = async (
  ports: GatePorts,
  { key, commandId, actor, request, notBefore, attachments = [] }: FeatureOrder,
): Promise<SubmitRequest<FeatureCommand, FeatureState>> => {
  const rules = await rulesInForce(ports);
  const asked = await withEnrolment(ports, request, rules.policy?.policy.passkeys ?? 'off');
  return {
    stream: featureStream(key),
    commandId,
    actor,
    command: (at): FeatureCommand => ({ ...asked, ...rules.at(at) }),
    notBefore: latest(rules.notBefore, notBefore),
    attachments,
  };
};

/** Executes a command against the policy and the roster in force. Every decision, withdrawal and tick goes through it. */
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
