import type { Store } from '../../../functions/platform/store/port.ts';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { archiveCommands } from '../../../infra/cli/commands/archive.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import type { Installation } from '../../../infra/local/installation.ts';

// A process that imports an archive and is killed at a write: `append 3`, the third commit; `put 1`, the first record of the side store.

const [file = '', write = '', count = ''] = process.argv.slice(2);
let left = Number(count);
const killed = (at: string): void => {
  if (at !== write) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};

const tools = openTools({}, process.env);
const opened = tools.local({ unfinished: true });
const append: Store['append'] = async (record) => {
  killed('append');
  return opened.ports.store.append(record);
};
const put: SideStore['put'] = async (...record) => {
  killed('put');
  return opened.ports.sideStore.put(...record);
};
const ports = {
  ...opened.ports,
  store: { ...opened.ports.store, append },
  sideStore: { ...opened.ports.sideStore, put },
};
const local = (): Installation => ({ ...opened, ports });
await archiveCommands.find(({ usage }) => usage.startsWith('import '))?.run([file], {}, { ...tools, local });
