import { expect, test } from 'vitest';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { withNudges } from '../../../../functions/platform/store/withNudges.ts';
import { recordAfter } from '../../../contract/records.ts';
import { testMacs } from '../../../support/macs.ts';

test('an appended commit nudges once it is durable, a refused one does not', async () => {
  const inner = openSqliteStore(':memory:', testMacs);
  const nudges: string[] = [];
  const store = withNudges(inner, (stream, version) => nudges.push(`${stream}@${version}`));
  const record = recordAfter(undefined);
  const appending = store.append(record);
  expect(nudges).toEqual([]);
  await appending;
  expect(nudges).toEqual(['feature/flock@1']);
  expect(await store.append(recordAfter(undefined, { id: 'rival' }))).toMatchObject({ outcome: 'occupied' });
  expect(nudges).toEqual(['feature/flock@1']);
  expect((await store.head('feature/flock'))?.version).toBe(1);
  await store.close();
});

test('a listener that throws does not turn an acknowledgement into an error', async () => {
  const store = withNudges(openSqliteStore(':memory:', testMacs), () => {
    throw new Error('a consumer’s own trouble');
  });
  expect(await store.append(recordAfter(undefined))).toEqual({ outcome: 'appended' });
  await store.close();
});
