import { expect, test } from 'vitest';
import { demoRoster } from '../../../infra/demo/city.ts';
import { signChange } from '../../../infra/demo/story.ts';
import { type RunningCity, withTheMayor } from './runningCity.ts';

// Seats that change hands at an hour that was confirmed beforehand, and acting holders with a stated end.

const CHANGE = 'northcam/1';
const PATIENCE_MS = 300_000;
const confirmation = /Confirm a change of the list/;

interface Entry {
  readonly id: string;
  readonly email: string;
  readonly [field: string]: unknown;
}
interface File {
  readonly bodies: object;
  readonly holders: readonly Entry[];
}
const file = demoRoster() as unknown as File;

const approve = async (city: RunningCity, link: string) => {
  const { json } = await city.admin('GET', `/v1/changes/${CHANGE}`);
  const { revision, digest } = json as { revision: number; digest: string };
  return city.submit(link, { revision: String(revision), digest, decision: 'approve' });
};

const confirmed = async (city: RunningCity, ...addresses: readonly string[]) => {
  for (const address of addresses) await city.submit(await city.linkIn(address, confirmation), { decision: 'confirm' });
  return (await city.admin('GET', '/v1/roster')).json as { number: number };
};

test(
  'every seat of the city changes hands in one hour, confirmed beforehand by the outgoing clerk and another body',
  async () => {
    const city = await withTheMayor();
    const noon = city.clock.dayAt(10);
    const outgoing = file.holders.map((each) => ({ ...each, to: noon }));
    const incoming = file.holders.map(({ id, email, ...each }) => ({
      ...each,
      id: `new-${id}`,
      email: `new-${email}`,
      from: noon,
    }));
    const filed = await city.admin('PUT', '/v1/roster', { bodies: file.bodies, holders: [...outgoing, ...incoming] });
    expect(filed.status).toBe(200);

    expect(await confirmed(city, 'clerk@city.example')).toMatchObject({ number: 1 });
    expect(await confirmed(city, 'mayor@city.example')).toMatchObject({ number: 2 });

    const outgoingMayor = await city.linkIn('mayor@city.example', /sign or refuse/);
    await city.atDay(9.9);
    expect(await city.page(outgoingMayor)).toContain('id="decision"');
    await city.atDay(10.1);
    expect(await approve(city, outgoingMayor)).toMatchObject({
      status: 409,
      json: { type: expect.stringContaining('not-in-office') },
    });
    expect(await approve(city, await city.linkIn('new-mayor@city.example', /sign or refuse/))).toMatchObject({ status: 303 });
  },
  PATIENCE_MS,
);

test(
  'an acting mayor has a stated end, and is mailed on day one what they cannot sign because they voted on it',
  async () => {
    const city = await withTheMayor();
    const [from, to] = [city.clock.dayAt(9), city.clock.dayAt(12)];
    const member = file.holders.find(({ id }) => id === 'member-district-1');
    const mayor = file.holders.find(({ id }) => id === 'mayor');
    const acting = { ...member, body: 'mayor', seat: 'mayor', from, acting: true };
    const rest = file.holders.filter(({ id }) => id !== 'mayor');
    const holders = (stated: object) => [...rest, { ...mayor, to: from }, { ...acting, ...stated }, { ...mayor, from: to }];
    const endless = await city.admin('PUT', '/v1/roster', { ...file, holders: holders({}) });
    expect(JSON.stringify(endless.json)).toContain('an acting holder has a stated end');
    expect(await city.admin('PUT', '/v1/roster', { ...file, holders: holders({ to }) })).toMatchObject({ status: 200 });
    // The mayor's body changes; the clerk and the auditor confirm.
    expect(await confirmed(city, 'clerk@city.example', 'auditor@city.example')).toMatchObject({ number: 2 });

    const mailed = async () =>
      (await city.mailsTo('district-1@council.example')).filter(({ subject }) => /changes that you cannot decide/.test(subject));
    expect(await mailed()).toEqual([]);
    await city.atDay(9.2);
    expect(await mailed()).toHaveLength(1);
    await city.atDay(9.4);
    expect(await mailed()).toHaveLength(1);

    await city.atDay(12.1);
    await signChange(city, 'mayor', CHANGE);
  },
  PATIENCE_MS,
);
