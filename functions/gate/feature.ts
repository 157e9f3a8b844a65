import type { DecisionContext, FeatureCommand, FeatureRejection } from '../../domain/feature/commands.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import type { PasskeyRule } from '../../domain/policy/schema.ts';
import type { Attachment } from '../platform/store/port.ts';
import { type Submitted, submit } from '../platform/store/submit.ts';
import { featureAggregate } from './aggregates.ts';
import { ownerOf } from './passkeyOwner.ts';
import { enrolmentOf } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { decisionContext } from './rules.ts';

type WithoutContext<C> = C extends FeatureCommand ? Omit<C, keyof DecisionContext> : never;

/** A command on a feature without what the gate adds: the instant, the zone, the policy and the roster in force. */
export type FeatureRequest = WithoutContext<FeatureCommand>;

export interface FeatureOrder {
  readonly key: string;
  /** Identifies the command: sent again under the same id it is not carried out twice. */
  readonly commandId: string;
  /** From the credential, never from the body. */
  readonly actor: string;
  readonly request: FeatureRequest;
  readonly attachments?: readonly Attachment[];
}

/**
 * A decision whose caller does not say whether its holder has a passkey: looked up, so that no way into the gate forgets to ask.
 * Where the policy in force speaks of none nobody is asked.
 */
const withEnrolment = async (ports: GatePorts, request: FeatureRequest, passkeys: PasskeyRule): Promise<FeatureRequest> => {
  if (passkeys === 'off' || !('terms' in request)) return request;
  if (request.assertion !== undefined || request.enrolled !== undefined) return request;
  const { enrolled } = await enrolmentOf(ports, await ownerOf(ports, request.holder));
  return { ...request, enrolled };
};

/** Carries out one command on a feature against the policy and the roster in force: the path of every decision, withdrawal and tick. */
export const orderFeature = async (
  ports: GatePorts,
  { key, commandId, actor, request, attachments = [] }: FeatureOrder,
): Promise<Submitted<FeatureState, FeatureEvent, FeatureRejection>> => {
  const context = await decisionContext(ports);
  const asked = await withEnrolment(ports, request, context(ports.clock()).policy?.policy.passkeys ?? 'off');
  return submit(ports, featureAggregate, {
    stream: featureStream(key),
    commandId,
    actor,
    command: (at): FeatureCommand => ({ ...asked, ...context(at) }),
    attachments,
  });
};
