import type { Store } from '../../functions/platform/store/port.ts';
import { REGISTER_KIND, type SideStore } from '../../functions/platform/store/sideStore.ts';
import { type Access, FUNCTIONS, type FunctionName, kindsOf } from '../../infra/aws/constructs/functions.ts';
import { failing } from '../functions/openGate.ts';

const refusedUnless = (isPermitted: boolean, method: string, what: unknown): Error | undefined =>
  isPermitted ? undefined : new Error(`not permitted on AWS: ${method} ${JSON.stringify(what)}`);

export const isLike = (pattern: string, text: string): boolean =>
  pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

/** Returns ports that throw where IAM would refuse a function on AWS, so that tests of what it does need no more than it has. */
export const permitted = <P extends { readonly store: Store; readonly sideStore: SideStore }>(
  name: FunctionName,
  ports: P,
): P => {
  const access: Access = FUNCTIONS[name].access;
  const { feed, appends = [], register } = access;
  const { read, written } = kindsOf(access);
  const mayStore = (method: string, first: unknown): boolean => {
    if (method === 'feed') return feed === true;
    if (method === 'places') return feed !== undefined;
    if (method !== 'append') return true;
    const records = first as readonly { readonly stream: string }[];
    return records.every(({ stream }) => appends.some((pattern) => isLike(pattern, stream)));
  };
  const maySide = (method: string, kind: unknown): boolean => {
    if (method === 'close') return true;
    const isRead = method === 'get' || method === 'list';
    if (kind === REGISTER_KIND) return register.includes(method === 'list' ? 'whole' : isRead ? 'read' : 'write');
    return (isRead ? read : written).includes(String(kind));
  };
  const store = failing(ports.store, (method, [first]) => refusedUnless(mayStore(method, first), method, first));
  const sideStore = failing(ports.sideStore, (method, [kind]) => refusedUnless(maySide(method, kind), method, kind));
  return { ...ports, store, sideStore };
};
