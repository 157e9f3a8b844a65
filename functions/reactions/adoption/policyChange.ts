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
import { latestOf } from '../../register/views/changeJson.ts';

const DOCUMENT_KIND = 'policy';

/** The events with which an approval can come into force. */
type Begins = EventOf<'ChangeApproved'> | EventOf<'ApprovalBegan'>;

interface ApprovedPolicy {
  readonly revision: number;
  readonly sha256: string;
}

/** Returns the policy that an approved change proposes, by its digest; undefined unless the approval is in force. */
const approvedPolicy = async (ports: GatePorts, change: number): Promise<ApprovedPolicy | undefined> => {
  const reading = await readChange(ports, POLICY_KEY, change);
  if (reading === undefined) throw new Error(`${changeId(POLICY_KEY, change)} cannot be read`);
  const view = presentChange(reading.view, reading.state, ports.clock());
  if (view.status !== 'approved' || view.approved?.began == null) return undefined;
  const { revision, notice } = latestOf(view);
  const [document, ...more] = notice.documents.filter(({ kind }) => kind === DOCUMENT_KIND);
  if (document?.sha256 === undefined || more.length > 0)
    throw new Error(`${changeId(POLICY_KEY, change)} does not name exactly one policy by its hash`);
  return { revision, sha256: `sha256:${document.sha256}` };
};

const adopt = async (ports: GatePorts, event: Begins): Promise<void> => {
  const approved = await approvedPolicy(ports, event.change);
  if (approved === undefined) return;
  const { sha256, revision } = approved;
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
      by: { change, revision },
    }),
  });
  if (adopted.ok) return;
  const { code, detail } = adopted.rejection;
  throw code === 'contended' ? new Unavailable(detail) : new Error(`${change}: ${code}: ${detail}`);
};

/**
 * Brings a policy into force once its change is approved: the proposal whose digest the approved revision names. It is a consumer of the
 * feed, so that a crash after the approval heals. An approval that waits adopts once it begins; one that was replaced at once, or revoked in
 * the meantime, adopts nothing.
 */
export const policyAdopter = (ports: GatePorts): Consumer => ({
  name: 'policy-adoption',
  wants: (stream) => stream === featureStream(POLICY_KEY),
  handle: async (commit) => {
    for (const event of eventsOf(featureAggregate, commit))
      if (event.type === 'ChangeApproved' || event.type === 'ApprovalBegan') await adopt(ports, event);
  },
});
