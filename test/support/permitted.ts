import { STAGE_KIND } from '../../functions/handlers/runtime/stage.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import { REGISTER_KIND, type SideStore } from '../../functions/platform/store/sideStore.ts';
import { type Access, ALARM_KIND, FUNCTIONS, type FunctionName } from '../../infra/aws/constructs/functions.ts';

// biome-ignore lint/suspicious/noExplicitAny: of any method of a port.
type Arguments = any[];

/** Returns a port that throws at a call which `may` does not allow. */
const guarded = <T extends object>(port: T, may: (method: string, args: Arguments) => boolean): T =>
  new Proxy(port, {
    get: (target, method, receiver) => {
      const value: unknown = Reflect.get(target, method, receiver);
      if (typeof value !== 'function') return value;
      return (...args: Arguments) => {
        if (!may(String(method), args)) throw new Error(`not permitted on AWS: ${String(method)} ${JSON.stringify(args[0])}`);
        return (value as (...args: Arguments) => unknown).apply(target, args);
      };
    },
  });

export const isLike = (pattern: string, text: string): boolean =>
  pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

/** Returns ports that throw where IAM would refuse a function on AWS, so that tests of what it does need no more than it has. */
export const permitted = <P extends { readonly store: Store; readonly sideStore: SideStore }>(
  name: FunctionName,
  ports: P,
): P => {
  const { feed, appends = [], reads, writes, register }: Access = FUNCTIONS[name].access;
  const written: readonly string[] = [...writes, ALARM_KIND];
  const read: readonly string[] = [...reads, ...written, STAGE_KIND];
  const store = guarded(ports.store, (method, [first]) => {
    if (method === 'feed') return feed === true;
    if (method === 'places') return feed !== undefined;
    if (!method.startsWith('append')) return true;
    return [first].flat().every(({ stream }) => appends.some((pattern) => isLike(pattern, stream)));
  });
  const sideStore = guarded(ports.sideStore, (method, [kind]) => {
    if (method === 'close') return true;
    const isRead = method === 'get' || method === 'list';
    if (kind === REGISTER_KIND) return register.includes(method === 'list' ? 'whole' : isRead ? 'read' : 'write');
    return (isRead ? read : written).includes(kind);
  });
  return { ...ports, store, sideStore };
};
