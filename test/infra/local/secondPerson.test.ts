import { expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { demoPolicy } from '../../../infra/demo/fixtures.ts';
import { certifyVote, confirmCertificate, veto } from '../../../infra/demo/officials.ts';
import { type RunningCity, runningCity } from './runningCity.ts';

// The clerk's link alone neither adopts nor overrides: a second person confirms the certificate of a second vote.

const CHANGE = 'northcam/1';
const PATIENCE_MS = 300_000;
const CLERK = 'clerk@city.example';
const PRESIDING = 'at-large-a@council.example';

/** A contract that the council has adopted and the mayor has vetoed on day 9; the veto can be overturned for thirty days. */
const vetoed = async (policy?: JsonValue): Promise<RunningCity> => {
  const city = await runningCity(90, policy);
  await city.post('contract', { effectiveAt: city.clock.dayAt(1), endsAt: city.clock.dateAt(400) });
  await city.settle();
  await city.atDay(8);
  await certifyVote(city, CHANGE, { yes: 9, fileNumber: '26-0001' });
  await city.atDay(9);
  await veto(city, CHANGE, 'Not yet.');
  return city;
};
/** The demo's policy, with a second vote confirmed by any member of the council. */
const confirmedByAnyMember = (): JsonValue =>
  JSON.parse(JSON.stringify(demoPolicy()).replaceAll('council/at-large-a', 'council')) as JsonValue;

const override = (city: RunningCity, yes = 9, status = 303) =>
  certifyVote(city, CHANGE, { yes, fileNumber: '26-0002', purpose: 'override', status });

/** The words of a page, without its elements. */
const read = async (city: RunningCity, path: string): Promise<string> => (await city.page(path)).replaceAll(/<[^>]+>/g, '');

const asked = async (city: RunningCity) => (await city.admin('GET', `/v1/changes/${CHANGE}`)).json as Record<string, unknown>;
const decision = async (city: RunningCity, fields: Readonly<Record<string, string>>) => {
  const { revision, digest } = await asked(city);
  return { revision: String(revision), digest: String(digest), ...fields };
};

test(
  'an override waits for a second person, still vetoed, with its clocks standing still, and never for the clerk who certified',
  async () => {
    const city = await vetoed();
    await city.atDay(38);
    expect(await read(city, await city.linkIn(CLERK, /override/))).toContain('Before it counts,');
    await override(city);
    expect(await read(city, `/changes/${CHANGE}`)).toContain('A second person can confirm the record of the vote until');
    const { items } = (await city.json('/calendar?format=json')) as { items: unknown[] };
    const end = expect.stringContaining(city.clock.dayAt(52).slice(0, 10));
    expect(items).toContainEqual(expect.objectContaining({ change: CHANGE, what: 'vetoEnds', at: end }));
    const statusOf = async (requirement: string) =>
      ((await asked(city))['requirements'] as { id: string; status: string }[]).find(({ id }) => id === requirement)?.status;
    const waits = async () => {
      expect(await asked(city)).toMatchObject({ status: 'vetoed' });
      expect(await statusOf('council')).toBe('open');
      expect(await statusOf('mayor')).toBe('refused');
    };
    await waits();

    const clerk = await city.linkIn(CLERK, /override/);
    const confirm = await decision(city, { decision: 'confirm' });
    expect((await city.submit(clerk, confirm)).status).toBeGreaterThanOrEqual(409);
    // The veto would have ended on day 39.
    await city.atDay(50);
    await waits();
    await confirmCertificate(city, CHANGE);
    expect(await statusOf('council')).toBe('met');
    expect(await statusOf('mayor')).toBe('overridden');
    const again = await city.submit(await city.linkIn(PRESIDING, /Confirm the certified vote/), confirm);
    expect(again.status).toBe(303);
  },
  PATIENCE_MS,
);

test(
  'unconfirmed for fourteen days, the change is refused; a certificate after the veto has ended is too late',
  async () => {
    const waiting = await vetoed();
    await waiting.atDay(20);
    await override(waiting);
    await waiting.atDay(33.9);
    expect(await asked(waiting)).toMatchObject({ status: 'vetoed' });
    await waiting.atDay(34.1);
    expect(await asked(waiting)).toMatchObject({ status: 'refused' });

    const late = await vetoed();
    await late.atDay(39.5);
    await override(late, 9, 409);
    expect(await asked(late)).toMatchObject({ status: 'refused' });
  },
  PATIENCE_MS,
);

test(
  'a dispute goes to the clerk with its reason; who disputed the roll does not confirm the next certificate of it',
  async () => {
    const city = await vetoed();
    await city.atDay(20);
    await override(city);
    const link = await city.linkIn(PRESIDING, /Confirm the certified vote/);
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

test(
  'a disputed certificate is corrected by its clerk, and another member confirms the correction',
  async () => {
    const city = await vetoed(confirmedByAnyMember());
    await city.atDay(20);
    await override(city);
    const first = await city.linkIn(PRESIDING, /Confirm the certified vote/);
    await city.submit(first, await decision(city, { decision: 'dispute', comment: 'District 4 voted no.' }));
    const correction = { yes: 10, fileNumber: '26-0002', purpose: 'correct', comment: 'District 4 voted yes.' };
    await certifyVote(city, CHANGE, correction as never);
    const confirm = await decision(city, { decision: 'confirm' });
    expect((await city.submit(first, confirm)).status).toBe(409);
    expect(await asked(city)).toMatchObject({ status: 'vetoed' });
    const second = await city.linkIn('at-large-b@council.example', /Confirm the certified vote/);
    expect((await city.submit(second, confirm)).status).toBe(303);
    expect(((await asked(city))['requirements'] as { status: string }[]).map(({ status }) => status)).toContain('overridden');
  },
  PATIENCE_MS,
);

test(
  'a correction before the confirmation is judged by the size of the override',
  async () => {
    const city = await vetoed();
    await city.atDay(20);
    await override(city);
    const corrected = { yes: 7, fileNumber: '26-0002', purpose: 'correct', comment: 'Two seats were miscounted.' };
    await certifyVote(city, CHANGE, corrected as never);
    const { status, requirements } = (await asked(city)) as { status: string; requirements: { status: string }[] };
    expect(status).not.toBe('approved');
    expect(requirements.map((each) => each.status)).not.toContain('overridden');
    const link = await city.linkIn(PRESIDING, /Confirm the certified vote/);
    await city.submit(link, await decision(city, { decision: 'confirm' }));
    expect(await asked(city)).not.toMatchObject({ status: 'approved' });
  },
  PATIENCE_MS,
);
