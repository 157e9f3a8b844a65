import { expect, test } from 'vitest';
import { certifyVote, veto } from '../../../infra/demo/officials.ts';
import { type RunningCity, runningCity } from './runningCity.ts';

// The clerk's link alone neither adopts nor overrides: a second person confirms the certificate of a second vote.

const CHANGE = 'northcam/1';
const PATIENCE_MS = 300_000;
const CLERK = 'clerk@city.example';
const PRESIDING = 'at-large-a@council.example';

const vetoed = async (): Promise<RunningCity> => {
  const city = await runningCity(90);
  await city.post('contract', { effectiveAt: city.clock.dayAt(1), endsAt: city.clock.dateAt(400) });
  await city.settle();
  await city.atDay(8);
  await certifyVote(city, CHANGE, { yes: 9, fileNumber: '26-0001' });
  await city.atDay(9);
  await veto(city, CHANGE, 'Not yet.');
  return city;
};
const override = (city: RunningCity) => certifyVote(city, CHANGE, { yes: 9, fileNumber: '26-0002', purpose: 'override' });

const read = async (city: RunningCity, path: string): Promise<string> => (await city.page(path)).replaceAll(/<[^>]+>/g, '');

const asked = async (city: RunningCity) => (await city.admin('GET', `/v1/changes/${CHANGE}`)).json as Record<string, unknown>;
const decision = async (city: RunningCity, fields: Readonly<Record<string, string>>) => {
  const { revision, digest } = await asked(city);
  return { revision: String(revision), digest: String(digest), ...fields };
};

test(
  'a dispute goes to the clerk with its reason; who disputed the roll does not confirm the next certificate of it',
  async () => {
    const city = await vetoed();
    await city.atDay(20);
    await override(city);
    const link = await city.linkIn(PRESIDING, /confirm the certified vote/);
    expect(await city.submit(link, await decision(city, { decision: 'dispute', comment: 'District 4 voted no.' }))).toMatchObject(
      {
        status: 303,
      },
    );
    const clerk = await city.linkIn(CLERK, /Your certificate is disputed/);
    expect(await read(city, clerk)).toContain('disputed the certificate: District 4 voted no.');
    const reader = await read(city, `/changes/${CHANGE}`);
    expect(reader).toContain('The record of the vote is disputed. The clerk can correct it or certify again until');
    await override(city);
    const once = await city.submit(link, await decision(city, { decision: 'confirm' }));
    expect(once.status).toBe(409);
    expect(await asked(city)).toMatchObject({ status: 'vetoed' });
  },
  PATIENCE_MS,
);
