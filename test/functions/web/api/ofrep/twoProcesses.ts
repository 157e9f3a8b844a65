import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Store } from '../../../../../functions/platform/store/port.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { type flagJson, momentText } from '../../../../../functions/web/api/ofrep/flag.ts';
import { folderOfTest } from '../../../../support/folders.ts';
import { testMacs } from '../../../../support/macs.ts';
import { failing, type Gate, openGate } from '../../../openGate.ts';

export const MOMENT = { asOf: 'now', checkpoint: undefined, leaseSeconds: 30 };
export const flagIn = ({ text }: { readonly text: string }) =>
  JSON.parse(text + momentText(MOMENT)) as ReturnType<typeof flagJson>;

export const CONTEXTS = [{}, { agencies: ['police'] }, { agencies: ['police'], own: ['fire'] }, { version: '2' }];

/** A gate on a file, `path`, that two processes have open. `there`: whether the next commands are the other one's; `ports`: of this one. */
export const openTwo = async () => {
  const folder = folderOfTest('bulk');
  const opened = (): Store => openSqliteStore(join(folder, 'commits.db'), testMacs);
  const [here, elsewhere] = [opened(), opened()];
  onTestFinished(() => elsewhere.close());
  const switched = { there: false };
  const either = new Proxy(here, {
    get: (_target, name: keyof Store) => (switched.there ? elsewhere : here)[name],
  });
  const gate = await openGate({ honest: false, storeOf: () => either });
  return { gate, switched, path: join(folder, 'commits.db'), ports: { ...gate.ports, store: here } };
};

export const counted = (store: Store): { readonly store: Store; readonly read: () => number } => {
  let heads = 0;
  return {
    store: failing(store, (method) => {
      if (method === 'head') heads += 1;
      return undefined;
    }),
    read: () => heads,
  };
};

export const on = (gate: Gate, feature: string) => gate.approve({ feature });
