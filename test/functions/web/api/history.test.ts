import { expect, test } from 'vitest';
import { story } from './story.ts';
import { approve, get, notified } from './world.ts';

test('a history is paged by commits, oldest first', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  const all = (await get(world, '/v1/features/acme/history', token)).body;
  expect(all.next).toBeNull();
  expect(all.items.map(({ version, type }: { version: number; type: string }) => [version, type])).toStrictEqual([
    [1, 'ChangeNotified'],
    [2, 'VoteCertified'],
    [2, 'RequirementMet'],
    [3, 'SignatureGiven'],
    [3, 'RequirementMet'],
    [3, 'ChangeApproved'],
  ]);
  const first = (await get(world, '/v1/features/acme/history?limit=2', token)).body;
  const rest = (await get(world, `/v1/features/acme/history?limit=2&cursor=${first.next}`, token)).body;
  expect([...first.items, ...rest.items]).toStrictEqual(all.items);
  expect(rest.next).toBeNull();
  expect((await get(world, '/v1/features/nobody/history', token)).body).toStrictEqual({ items: [], next: null });
});
