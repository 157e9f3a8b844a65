import { type AccessCommand, type AccessRejection, accessDecider } from '../../domain/access/decide.ts';
import { AccessEvent } from '../../domain/access/events.ts';
import { ACCESS_STATE_VERSION, AccessState } from '../../domain/access/state.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { type SubmitPorts, type Submitted, submit } from '../platform/store/submit.ts';

/** Tokens, forms and passkeys: streams `access/…`. */
export const accessAggregate = aggregate(accessDecider, ACCESS_STATE_VERSION, AccessState, AccessEvent);

/** Null if the stream is empty. One strongly consistent read. */
export const readAccess = async (store: Store, stream: string): Promise<AccessState> =>
  (await load(store, accessAggregate, stream)).state;

export const orderAccess = (
  ports: SubmitPorts,
  stream: string,
  order: { readonly commandId: string; readonly actor: string; readonly command: (at: string) => AccessCommand },
): Promise<Submitted<AccessState, AccessEvent, AccessRejection>> => submit(ports, accessAggregate, { stream, ...order });
