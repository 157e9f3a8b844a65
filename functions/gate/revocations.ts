import { featureStream } from '../../domain/feature/keys.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { type RecordRevocation, type RevocationRejection, revocationDecider } from '../../domain/revocation/decide.ts';
import { REVOCATION_STREAM, RevocationRecorded } from '../../domain/revocation/events.ts';
import { REVOCATION_STATE_VERSION, RevocationState, recordedAgainst } from '../../domain/revocation/state.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { load, loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { type Submitted, submit } from '../platform/store/submit.ts';
import { featureAggregate, rosterAggregate } from './aggregates.ts';
import { orderFeature } from './feature.ts';
import type { GatePorts } from './ports.ts';

/** The revocations that could not enter the stream of their feature: stream `revocation`. */
export const revocationAggregate = aggregate(revocationDecider, REVOCATION_STATE_VERSION, RevocationState, RevocationRecorded);

export const readRevocations = async (store: Store): Promise<RevocationState> =>
  (await load(store, revocationAggregate, REVOCATION_STREAM)).state;

const apply = async (ports: GatePorts, recorded: RevocationState, key: string): Promise<void> => {
  const { state } = await load(ports.store, featureAggregate, featureStream(key));
  const found = recordedAgainst(recorded, state);
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
 * Brings recorded revocations into the streams of their features, where these can be read by now; until then {@link readRevocations}
 * keeps them off. A second run changes nothing.
 */
export const applyRevocations = async (ports: GatePorts): Promise<void> => {
  const recorded = await readRevocations(ports.store);
  for (const key of new Set(Object.values(recorded).map((revocation) => revocation.key)))
    await ifReadable(apply(ports, recorded, key));
};

/**
 * Records a revocation where an ordinary one failed because a record cannot be read. What can be read of the roster and the feature is
 * checked.
 */
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
    command: (at) => ({ ...revocation, at, zone: ports.zone, roster: roster.inForce?.roster ?? null, feature: known(feature) }),
  });
};

const known = (feature: FeatureState): FeatureState | null => (feature.key === null ? null : feature);
