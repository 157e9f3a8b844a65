import { expect, test } from 'vitest';
import { settle, story } from './story.ts';
import { approve, get, notified, vendor } from './world.ts';

const FEATURES = ['acme', 'acme.a', 'acme.a.x', 'acme.b'];

test('each list comes in its order, filtered, and its pages together are the whole', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  for (const feature of ['acme.b', 'acme.a', 'acme.a.x']) await notified(world, acme, { feature });
  await vendor(world, 'beta');
  await settle(world, FEATURES);
  const admin = await world.token('admin');
  for (const [path, name, all] of [
    ['/v1/features?', 'key', FEATURES],
    ['/v1/features?prefix=acme.a&', 'key', ['acme.a', 'acme.a.x']],
    ['/v1/features?status=enabled&', 'key', ['acme']],
    ['/v1/changes?', 'change', FEATURES.map((key) => `${key}/1`)],
    ['/v1/changes?status=approved&', 'change', ['acme/1']],
    ['/v1/changes?body=council&', 'change', ['acme.a/1', 'acme.a.x/1', 'acme.b/1']],
    ['/v1/vendors?', 'id', ['acme', 'beta']],
    ['/v1/features/nobody/history?', 'version', []],
  ] as const)
    for (const limit of [1, 3, 100]) {
      const found: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: { items: Record<string, unknown>[]; next: string | null } = (
          await get(world, `${path}limit=${limit}${cursor && `&cursor=${cursor}`}`, admin)
        ).body;
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items.map((item) => item[name]));
        cursor = page.next;
      }
      expect(found, `${path}limit=${limit}`).toStrictEqual(all);
    }
  const history = `/v1/features/acme/history`;
  const events = (await get(world, history, token)).body.items;
  expect(events.map(({ version, type }: { version: number; type: string }) => `${version} ${type}`)).toStrictEqual([
    '1 ChangeNotified',
    '2 VoteCertified',
    '2 RequirementMet',
    '3 SignatureGiven',
    '3 RequirementMet',
    '3 ChangeApproved',
  ]);
  const first = (await get(world, `${history}?limit=2`, token)).body;
  const rest = (await get(world, `${history}?limit=2&cursor=${first.next}`, token)).body;
  expect([[...first.items, ...rest.items], rest.next]).toStrictEqual([events, null]);
});
