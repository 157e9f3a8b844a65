import { LOG_STATE_VERSION, type LogRejection, LogState, logDecider, type SignCheckpoint } from '../../domain/log/decide.ts';
import { CheckpointSigned } from '../../domain/log/events.ts';
import type { Aggregate } from '../platform/store/aggregate.ts';

/** The public log: stream `log`. */
export const logAggregate: Aggregate<SignCheckpoint, LogState, CheckpointSigned, LogRejection> = {
  decider: logDecider,
  stateVersion: LOG_STATE_VERSION,
  parseEvent: (json) => CheckpointSigned.parse(json),
  parseState: (json) => LogState.parse(json),
};
