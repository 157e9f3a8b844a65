import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { GroupCommit } from '../../../../../functions/platform/store/sqlite/database.ts';

let database: DatabaseSync;
let statements: string[];
let writer: GroupCommit;

beforeEach(() => {
  database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT');
  statements = [];
  const exec = database.exec.bind(database);
  vi.spyOn(database, 'exec').mockImplementation((sql) => {
    statements.push(sql);
    exec(sql);
  });
  writer = new GroupCommit(database, { assertSchema: () => undefined, assertFiles: () => undefined });
});
afterEach(() => database.close());

const insert = (n: number) => () => database.prepare('INSERT INTO numbers VALUES (?) ON CONFLICT DO NOTHING').run(n).changes;
const numbers = () =>
  database
    .prepare('SELECT n FROM numbers ORDER BY n')
    .all()
    .map(({ n }) => n);

test('writes of one turn share one transaction, later ones have their own', async () => {
  const answers = await Promise.all([1, 2, 2, 3].map((n) => writer.write(insert(n))));
  expect(answers).toEqual([1, 1, 0, 1]);
  expect(statements).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  await writer.write(insert(4));
  expect(statements).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'BEGIN IMMEDIATE', 'COMMIT']);
  expect(numbers()).toEqual([1, 2, 3, 4]);
});

test('a long queue is split, in order, and complete', async () => {
  await Promise.all(Array.from({ length: 2_400 }, (_, n) => writer.write(insert(n))));
  expect(statements.filter((sql) => sql === 'COMMIT')).toHaveLength(3);
  expect(numbers()).toEqual(Array.from({ length: 2_400 }, (_, n) => n));
});

test('when COMMIT fails no write of the batch is acknowledged, and nothing is written', async () => {
  const exec = vi.mocked(database.exec).getMockImplementation();
  vi.mocked(database.exec).mockImplementation((sql) => {
    if (sql === 'COMMIT') throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    exec?.(sql);
  });
  const answers = await Promise.allSettled([writer.write(insert(1)), writer.write(insert(2))]);
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
  expect(numbers()).toEqual([]);
  if (exec) vi.mocked(database.exec).mockImplementation(exec);
  expect(await writer.write(insert(1))).toBe(1);
});
