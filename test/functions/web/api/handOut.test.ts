import { beforeEach, expect, test } from 'vitest';
import { resolveVendorForm } from '../../../../functions/gate/vendorForms.ts';
import { addVendor } from '../../../../functions/gate/vendors.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let admin: string;
beforeEach(async () => {
  world = await openWorld();
  admin = await world.token('admin');
  await addVendor(world.deps.ports, 'handout', 'A vendor without keys of its own');
});

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  world.app.request(path, {
    method,
    headers: { authorization: `Bearer ${admin}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

test('a vendor’s form is made once, listed without its token, and ended', async () => {
  const made = await call('POST', '/v1/vendors/handout/forms', { valid: 'P7D' });
  expect(made.status).toBe(201);
  const { id, url, expiresAt } = (await made.json()) as Record<string, string>;
  expect(expiresAt).toBe('2026-03-09T12:00:00.000Z');
  const token = new URL(url ?? '').pathname.slice('/n/'.length);
  expect(await resolveVendorForm(world.deps.ports, token)).toMatchObject({ id, vendor: 'handout' });
  const listed = await (await call('GET', '/v1/vendors/handout/forms')).text();
  expect(listed).toContain(id);
  expect(listed).not.toContain(token);
  expect(JSON.stringify(world.logged)).toContain(id);
  expect(JSON.stringify(world.logged)).not.toContain(token);
  expect(await (await call('DELETE', '/v1/vendors/handout/forms')).json()).toEqual({ vendor: 'handout', revoked: 1 });
  expect(await (await call('DELETE', '/v1/vendors/handout/forms')).json()).toEqual({ vendor: 'handout', revoked: 0 });
  expect(await resolveVendorForm(world.deps.ports, token)).toBeUndefined();
});

test('only an operator hands anything out', async () => {
  for (const scope of ['state:read', 'observe', 'notice']) {
    const authorization = `Bearer ${await world.token(scope)}`;
    for (const [method, path] of [
      ['GET', '/v1/vendors/handout/forms'],
      ['POST', '/v1/vendors/handout/forms'],
      ['DELETE', '/v1/vendors/handout/forms'],
      ['POST', '/v1/holders/mayor/links'],
    ] as const)
      expect(
        (await call(method, path, method === 'POST' ? { reissue: true } : undefined, { authorization })).status,
        `${scope} ${method}`,
      ).toBe(403);
  }
  expect((await world.app.request('/v1/holders/mayor/links', { method: 'POST' })).status).toBe(401);
});
