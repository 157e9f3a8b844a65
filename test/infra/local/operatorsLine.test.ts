import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { openSqliteSideStore } from '../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { lockFolder } from '../../../infra/local/databases.ts';
import { operatorsLine } from '../../../infra/local/errors.ts';
import { folderOfTest } from '../../support/folders.ts';
import { testGuard } from '../../support/macs.ts';

const PAGE_BYTES = 4096;

const scratch = (): string => {
  const folder = folderOfTest('line');
  return folder;
};
const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    return error;
  }
};

test('a database of which all but the first page is damaged is named by its file, with what to do', async () => {
  const path = join(scratch(), 'consumers.db');
  await openSqliteSideStore(path, testGuard).close();
  const whole = readFileSync(path);
  writeFileSync(path, whole.fill(0xff, PAGE_BYTES));
  const store = openSqliteSideStore(path, testGuard);
  onTestFinished(store.close);
  const error = await thrownBy(() => store.list('mark'));
  expect(operatorsLine(error)).toMatch(/^consumers\.db, list: .*malformed\. `npx aldergate doctor` states what to do$/);
});

test('a lock that cannot be used is not taken for another server', async () => {
  const path = join(scratch(), 'server.lock');
  writeFileSync(path, 'garbage that is no such file\n'.repeat(400));
  const error = await thrownBy(() => lockFolder(path));
  expect(error).toBeInstanceOf(CorruptStore);
  rmSync(path);
  const { release } = lockFolder(path);
  onTestFinished(release);
  expect(operatorsLine(await thrownBy(() => lockFolder(path)))).toBe(
    `another server is running on this folder (${path} is held)`,
  );
});

test.each(['EACCES', 'EPERM', 'EROFS'])('%s is one line, which names the owner as the likely cause', (code) => {
  const denied = Object.assign(new Error(`${code}: not permitted, open 'log/checkpoint'`), { code, syscall: 'open' });
  expect(operatorsLine(denied)).toMatch(/'log\/checkpoint'\. All of the data folder must belong to the user that runs this$/);
});

test('a defect has no line', () => expect(operatorsLine(new TypeError('x is undefined'))).toBeUndefined());
