import { expect, test } from 'vitest';
import { readKeyRecord } from '../../../../functions/register/derived/lists.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../../../functions/web/site/deps.ts';
import { openDerived } from '../../register/derived/derivedCity.ts';

const KEYS = { linkKey: new Uint8Array(32).fill(1), textKey: new Uint8Array(32).fill(2) };
const FORM = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };

/** A city whose log is followed, and its worklist as a browser of IT sees it. */
const opened = async () => {
  const city = await openDerived();
  const { ports } = city.gate;
  const { token } = await createToken(ports, { name: 'it', scopes: ['state:read', 'observe'] });
  const deps = { checkpoint: () => undefined, vkey: () => undefined, verifier: async () => undefined, outbox: NO_OUTBOX };
  const app = siteApp({ ...deps, ports, keys: KEYS, logger: ports.logger });
  const send = (fields: Record<string, string>) =>
    app.request(`${ports.url}/worklist`, {
      method: 'POST',
      headers: { ...FORM, origin: ports.url },
      body: new URLSearchParams({ token, ...fields }),
    });
  const follow = async () => {
    await city.log();
    await city.follow();
  };
  const tasks = async (key: string) =>
    (await readKeyRecord(ports.sideStore, key))?.tasks.map(({ kind, because }) => `${kind} ${because}`);
  return { city, send, follow, tasks };
};

test('a case is closed in three interactions: the token, what was done, the token again', async () => {
  const { city, send, follow, tasks } = await opened();
  await city.report({ source: 'worklist', features: { 'acme.secret': true } });
  await follow();
  expect(await tasks('acme.secret')).toEqual(['switch-off never-announced']);
  const page = await (await send({})).text();
  const [, act = ''] = / name="(act\.[0-9a-f]{12})"/.exec(page) ?? [];
  const about = act.replace('act', 'about');
  expect(page).toContain(`name="${about}" value="acme.secret"`);
  city.gate.at(new Date(Date.parse(city.ports.clock()) + 60_000).toISOString());
  expect((await send({ step: 'record', [about]: 'acme.secret', [act]: 'off' })).status).toBe(303);
  await follow();
  expect(await tasks('acme.secret')).toEqual([]);
  expect(await (await send({})).text()).toContain('There is nothing to do.');
});
