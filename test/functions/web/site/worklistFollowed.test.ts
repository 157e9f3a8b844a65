import { expect, test } from 'vitest';
import { readKeyRecord } from '../../../../functions/register/derived/records.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../../../functions/web/site/deps.ts';
import { policyOf } from '../../../../infra/cli/commands/init.ts';
import { atOnce } from '../../openGate.ts';
import { openDerived } from '../../register/derived/derivedCity.ts';

const KEYS = { linkKey: new Uint8Array(32).fill(1), textKey: new Uint8Array(32).fill(2) };
const FORM = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };

type Sources = Readonly<Record<string, { readonly kind: 'city' | 'vendor' | 'audit'; readonly every: string }>>;

const { observe: BY_INIT = { sources: {} } } = policyOf(7);

/** A city whose log is followed, and its worklist as browsers of IT see it. */
const opened = async (sources: Sources = BY_INIT.sources) => {
  const city = await openDerived({ rules: Object.keys(sources).length === 0 ? atOnce : { ...atOnce, observe: { sources } } });
  const { ports } = city.gate;
  const tokenOf = async (person: string | null) =>
    (await createToken(ports, { name: person ?? 'it', scopes: ['state:read', 'observe'], person })).token;
  const tokens = { nobody: await tokenOf(null), ann: await tokenOf('mayor'), bob: await tokenOf('clerk') };
  const deps = { checkpoint: () => undefined, vkey: () => undefined, verifier: async () => undefined, outbox: NO_OUTBOX };
  const app = siteApp({ ...deps, ports, keys: KEYS, logger: ports.logger });
  const send = async (fields: Record<string, string>, by: keyof typeof tokens = 'nobody') =>
    app.request(`${ports.url}/worklist`, {
      method: 'POST',
      headers: { ...FORM, origin: ports.url },
      body: new URLSearchParams({ token: tokens[by], ...fields }),
    });
  const follow = async () => {
    await city.log();
    await city.follow();
  };
  const tasks = async (key: string) =>
    (await readKeyRecord(ports.sideStore, key))?.tasks.map(({ kind, because }) => `${kind} ${because}`);
  /** Says a minute later what was done about the only task, and returns the receipt once the log is followed. */
  const record = async (fields: Record<string, string>, by?: keyof typeof tokens) => {
    const page = await (await send({}, by)).text();
    const [, ref = ''] = / name="act\.([0-9a-f]{12})"/.exec(page) ?? [];
    expect(page).toContain(`name="about.${ref}" value="acme.secret"`);
    city.gate.at(new Date(Date.parse(city.ports.clock()) + 60_000).toISOString());
    const said = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${name}.${ref}`, value]));
    const answer = await send({ step: 'record', [`about.${ref}`]: 'acme.secret', ...said }, by);
    expect(answer.status).toBe(303);
    const receipt = async () => {
      const shown = await app.request(`${ports.url}${answer.headers.get('location')}`, { headers: { accept: 'text/html' } });
      return (await shown.text()).replaceAll(/<\/?(bdi|code)[^>]*>/g, '');
    };
    const atOnceShown = await receipt();
    await follow();
    // What is said does not depend on whether the log was followed meanwhile.
    expect(/<div class="card" role="status">.*/.exec(await receipt())).toEqual(
      /<div class="card" role="status">.*/.exec(atOnceShown),
    );
    return atOnceShown;
  };
  const nothing = async () => (await (await send({})).text()).includes('There is nothing to do now.');
  const report = async (source: string, isOn: boolean) => {
    await city.report({ source, features: { 'acme.secret': isOn } });
    await follow();
  };
  return { report, record, tasks, nothing };
};

const PROVEN = { act: 'off', file: 'Picture', sha256: '1'.repeat(64) };

const STILL_OPEN = 'Still open: acme.secret. This report alone does not close what';

test.each(['check', 'worklist'])(
  'under the policy of init, a case that %s opened is closed in three interactions: the token, what was done, the token again',
  async (source) => {
    const { report, record, tasks, nothing } = await opened();
    await report(source, true);
    expect(await tasks('acme.secret')).toEqual(['switch-off never-announced']);
    expect(await record({ act: 'off' })).not.toContain('Still open');
    expect(await tasks('acme.secret')).toEqual([]);
    expect(await nothing()).toBe(true);
  },
);

test.each([
  ['names only the other', { check: { kind: 'city', every: 'P7D' } }, 'check'],
  ['names neither', {}, 'check'],
  [
    'names others',
    { field: { kind: 'city', every: 'P7D' }, auditor: { kind: 'audit', every: 'P1Y' } },
    'check, auditor, and field',
  ],
] satisfies [string, Sources, string][])(
  'under a policy that %s, the receipt says what stays open and whose report closes it',
  async (_, sources, closers) => {
    const { report, record, tasks } = await opened(sources);
    await report('check', true);
    expect(await record({ act: 'on' })).not.toContain('Still open');
    // Two persons with evidence are not enough: the policy does not name their source.
    for (const person of ['ann', 'bob'] as const) {
      const receipt = await record(PROVEN, person);
      expect(receipt).toContain(`${STILL_OPEN} check reported. A newer report from one of these closes it: ${closers}.</p>`);
    }
    expect(await tasks('acme.secret')).toEqual(['switch-off never-announced']);
    await report('check', false);
    expect(await tasks('acme.secret')).toEqual([]);
  },
);

test('what an audit reported stays open until two persons have said so, one with a file; the first receipt says it', async () => {
  const { report, record, nothing } = await opened({ ...BY_INIT.sources, auditor: { kind: 'audit', every: 'P1Y' } });
  await report('auditor', true);
  expect(await record({ act: 'off' }, 'ann')).toContain(
    `${STILL_OPEN} auditor reported. A newer report from one of these closes it: auditor. So do reports of two people from one of these, one with a file that shows it: check and worklist.</p>`,
  );
  expect(await record(PROVEN, 'bob')).not.toContain('Still open');
  expect(await nothing()).toBe(true);
});
