import { endingDecider } from '../../domain/ending/decide.ts';
import { ENDING_STREAM, EndingRecorded, Grant } from '../../domain/ending/events.ts';
import { ENDING_STATE_VERSION, EndingState, endingOf, grantName } from '../../domain/ending/state.ts';
import type { Rejection } from '../../domain/kernel/decider.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { load, loadReadable } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { type StoreRejection, type SubmitPorts, submit } from '../platform/store/submit.ts';

/** The endings that could not enter the stream of what they end: stream `ending`. */
export const endingAggregate = aggregate(endingDecider, ENDING_STATE_VERSION, EndingState, EndingRecorded);

interface Reads {
  readonly store: Store;
}

/** Returns every recorded ending. Costs one strongly consistent read. */
export const readEndings = async ({ store }: Reads): Promise<EndingState> =>
  (await load(store, endingAggregate, ENDING_STREAM)).state;

/** Returns the recorded endings up to the first that cannot be read: for what may only switch something off. */
export const readableEndings = ({ store }: Reads): Promise<EndingState> => loadReadable(store, endingAggregate, ENDING_STREAM);

/** A person's links and passkeys are made again after an ending, and so can be ended again. Anything else ends once. */
const isMadeAgain = ({ kind }: Grant): boolean => kind === 'links' || kind === 'passkeys';

/** Ends a grant beside the stream that made it. Throws CorruptStore if the recorded endings cannot be read either. */
const recordEnding = async (ports: SubmitPorts, grant: Grant) => {
  const seen = endingOf(await readEndings(ports), grant)?.number ?? 0;
  const number = isMadeAgain(grant) ? seen + 1 : 1;
  return submit(ports, endingAggregate, {
    stream: ENDING_STREAM,
    commandId: `ending/${grantName(grant)}/${number}`,
    actor: 'operator',
    command: (at) => ({ at, grant, number }),
  });
};

/**
 * Ends a grant: by `end`, or by a record beside the stream that made it where that, or the rules, cannot be read; then returns `recorded`.
 * What is recorded so holds for good, also once the stream can be read again. `named`: the grant, as a request names it.
 */
export const endOrRecord = async <T>(
  ports: SubmitPorts,
  named: Grant,
  end: () => Promise<T>,
  recorded: T,
): Promise<T | { readonly ok: false; readonly rejection: Rejection<StoreRejection> }> => {
  try {
    return await end();
  } catch (error) {
    const grant = Grant.safeParse(named);
    if (!(error instanceof CorruptStore) || !grant.success) throw error;
    const done = await recordEnding(ports, grant.data);
    return done.ok ? recorded : done;
  }
};
