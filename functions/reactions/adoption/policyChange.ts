import type { EventOf } from '../../../domain/feature/events.ts';
import { changeId, featureStream, POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { latest } from '../../../domain/kernel/order.ts';
import type { PolicyCommand } from '../../../domain/policy/decide.ts';
import { POLICY_STREAM } from '../../../domain/policy/state.ts';
import { featureAggregate, policyAggregate, readPolicies } from '../../gate/aggregates.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import { eventsOf } from '../../platform/store/load.ts';
import { submit } from '../../platform/store/submit.ts';
import { presentChange, readChange } from '../../register/read.ts';

const DOCUMENT_KIND = 'policy';

/** Returns the digest of the policy that an approved revision proposes; undefined if the approval no longer holds. */
const approvedDigest = async (ports: GatePorts, { change, revision }: EventOf<'ChangeApproved'>): Promise<string | undefined> => {
  const reading = await readChange(ports, POLICY_KEY, change);
  if (reading === undefined) throw new Error(`${changeId(POLICY_KEY, change)} cannot be read`);
  const view = presentChange(reading.view, reading.state, ports.clock());
  if (view.status !== 'approved') return undefined;
  const notice = view.revisions.find((candidate) => candidate.revision === revision)?.notice;
  const [document, ...more] = (notice?.documents ?? []).filter(({ kind }) => kind === DOCUMENT_KIND);
  if (document?.sha256 === undefined || more.length > 0)
    throw new Error(`${changeId(POLICY_KEY, change)} does not name exactly one policy by its hash`);
  return `sha256:${document.sha256}`;
};

const adopt = async (ports: GatePorts, event: EventOf<'ChangeApproved'>): Promise<void> => {
  const sha256 = await approvedDigest(ports, event);
  if (sha256 === undefined) return;
  const state = await readPolicies(ports);
  const change = changeId(POLICY_KEY, event.change);
  if (state.inForce?.sha256 === sha256 || state.spent.includes(change)) return;
  const proposal = state.proposals.find((candidate) => candidate.sha256 === sha256);
  if (proposal === undefined) throw new Error(`${change} approves a policy that is not among those proposed`);
  const { roster } = await readRules(ports);
  const adopted = await submit(ports, policyAggregate, {
    stream: POLICY_STREAM,
    commandId: `policy-change/${change}`,
    actor: 'clock',
    notBefore: latest(event.at, roster?.since),
    command: (at): PolicyCommand => ({
      type: 'adoptPolicy',
      at,
      policy: proposal.policy as JsonValue,
      roster: roster?.roster ?? null,
      by: { change, revision: event.revision },
    }),
  });
  if (adopted.ok) return;
  const { code, detail } = adopted.rejection;
  throw code === 'contended' ? new Unavailable(detail) : new Error(`${change}: ${code}: ${detail}`);
};

/**
 * Brings a policy into force once its change is approved: the proposal whose digest the approved revision names. It is a consumer of the
 * feed, so that a crash after the approval heals. An approval that was revoked in the meantime adopts nothing.
 */
export const policyAdopter = (ports: GatePorts): Consumer => ({
  name: 'policy-adoption',
  wants: (stream) => stream === featureStream(POLICY_KEY),
  handle: async (commit) => {
    for (const event of eventsOf(featureAggregate, commit)) if (event.type === 'ChangeApproved') await adopt(ports, event);
  },
});
