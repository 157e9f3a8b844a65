import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROSTER } from '../../functions/web/site/support/city.ts';
import { POLICY } from '../../functions/web/site/support/policies.ts';
import { searchNotice, servedPlace, settle } from './cityProcess.ts';
import { cli, cliJson } from './process.ts';

// On a running gate: a policy that could never be replaced, a roster too small for it, the same words twice, tokens that enter notices, a leaked key, and a refusal
// that was a wrong click.

const PATIENCE_MS = 180_000;
const HEARD = '2026-03-01T09:00:00Z';

test(
  'what one person does alone or did not mean is refused, joined or taken back',
  async () => {
    const place = await servedPlace();
    // A policy that asks for a report from its own change, too, could never be replaced.
    const [rule] = POLICY.rules;
    const locked = { ...POLICY, rules: [{ ...rule, documents: ['impact-report'] }] };
    const { folder } = place;
    const city = await settle(place);
    writeFileSync(join(folder, 'locked.json'), JSON.stringify({ ...locked, version: '2' }));
    const refused = await cli(place, 'policy', 'adopt', 'locked.json');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('also when the policy itself is to change')]);

    // So is a roster whose seats could not meet the policy.
    const { council } = ROSTER.bodies;
    const one = {
      bodies: { ...ROSTER.bodies, council: { ...council, seats: ['district-1'] } },
      holders: ROSTER.holders.filter(({ body, seat }) => body !== 'council' || seat === 'district-1'),
    };
    writeFileSync(join(folder, 'one.json'), JSON.stringify(one));
    const alone = await cli(place, 'roster', 'set', 'one.json');
    expect([alone.code, alone.stderr]).toEqual([1, expect.stringContaining('council')]);

    // The same words under another id are the same change.
    const contract = searchNotice('acme', { kind: 'contract', endsAt: '2035-12-31' });
    const held = await city.hold(contract);
    expect(await city.hold(contract)).toMatchObject({ change: held.change, revision: held.revision });
    await city.approve(held);
    expect(await city.answer('acme')).toMatchObject({ value: true });
    const asking = (await city.mails()).filter(({ to, links }) => to.includes('hc@') && links.length > 0);
    expect(asking.map(({ change }) => change)).toEqual([held.change]);
    const next = await city.hold(searchNotice('acme', { kind: 'update', optOut: 'yes', title: 'An update' }));

    // A token for notices names its person, enters for its own agencies' city only what is new, and ends nothing.
    expect(await cli(place, 'token', 'create', '--name', 'desk', '--scope', 'notice')).toMatchObject({ code: 1 });
    const entered = (notice: object) => city.api('POST', '/v1/intake', { notice, channel: 'letter', heardAt: HEARD });
    const reworded = await entered({ ...searchNotice('acme', { kind: 'update' }), revises: 2 });
    const removed = await entered(searchNotice('acme', { kind: 'removal' }));
    expect([reworded.status, removed.status]).toEqual([403, 403]);
    const { token } = (await cliJson(
      place,
      'token',
      'create',
      '--name',
      'mayors-desk',
      '--scope',
      'notice',
      '--person',
      'hm',
    )) as {
      token: string;
    };
    const typed = await fetch(`${place.url}/v1/intake`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ notice: searchNotice('acme.typed'), channel: 'letter', heardAt: HEARD }),
    });
    expect(typed.status).toBe(202);
    const own = (await typed.json()) as typeof held;
    expect((await city.submit(await city.linkOf('hc', own), city.certificate(own))).status).toBe(303);
    // A refusal by a wrong click is taken back with a reason, and decided again.
    expect((await city.submit(await city.linkOf('hc', next), city.certificate(next))).status).toBe(303);
    const mayor = await city.linkOf('hm', next);
    // Who typed a notice in is not asked to sign it, and it stays off.
    const asked = (await city.mails()).filter(({ to, change }) => to.includes('hm@') && change === own.change);
    expect(asked.map(({ links }) => links)).toEqual([]);
    expect(await city.answer('acme.typed')).toMatchObject({ value: false, variant: 'pending' });
    const words = { revision: String(next.revision), digest: next.digest };
    const statusOf = async () =>
      ((await (await city.api('GET', `/v1/changes/${next.change}`)).json()) as { status: string }).status;
    expect((await city.submit(mayor, { ...words, decision: 'refuse' })).status).toBe(303);
    expect(await statusOf()).toBe('vetoed');
    expect((await city.submit(`${mayor}/take-back`, { reason: '' })).status).toBe(422);
    expect((await city.submit(`${mayor}/take-back`, { reason: 'I meant the other change.' })).status).toBe(303);
    expect(await statusOf()).toBe('pending');
    expect((await city.submit(mayor, { ...words, decision: 'approve' })).status).toBe(303);
    expect(await statusOf()).toBe('approved');

    // A leaked key is ended at once: what it signs afterwards takes nothing off.
    const { items } = (await (await city.api('GET', '/v1/vendors')).json()) as { items: { keys: { id: string }[] }[] };
    const key = items[0]?.keys[0]?.id ?? '';
    expect(await cli(place, 'vendor', 'revoke-key', 'acme', key)).toMatchObject({ code: 0 });
    expect((await city.notify(searchNotice('acme', { kind: 'removal' }))).status).toBe(401);
    expect(await city.answer('acme')).toMatchObject({ value: true });
  },
  PATIENCE_MS,
);
