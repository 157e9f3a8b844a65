import { expect, test } from 'vitest';
import { demoPolicy } from '../../../infra/demo/fixtures.ts';
import { certifyVote, confirmCertificate, veto } from '../../../infra/demo/officials.ts';
import { type RunningCity, runningCity } from './runningCity.ts';

// The time for a second vote: 21 days, or a meeting that the clerk names in that time, in public.

const CHANGE = 'northcam/1';
const PATIENCE_MS = 300_000;
const CLERK = 'clerk@city.example';
const MAYOR = 'mayor@city.example';

/** The demo's policy with another time for the second vote. */
const policyWith = (within: object) =>
  JSON.parse(JSON.stringify(demoPolicy()).replaceAll('"within":"P30D"', `"within":${JSON.stringify(within)}`));

/** A contract that the council has adopted and the mayor has vetoed on day 9. */
const vetoed = async (): Promise<RunningCity> => {
  const city = await runningCity(90, policyWith({ notBefore: 'P3D', notAfter: 'P21D', orMeetingOn: 'P45D' }));
  await city.post('contract', { effectiveAt: city.clock.dayAt(1), endsAt: city.clock.dateAt(400) });
  await city.settle();
  await city.atDay(8);
  await certifyVote(city, CHANGE, { yes: 9, fileNumber: '26-0001' });
  await city.atDay(9);
  await veto(city, CHANGE, 'Not yet.');
  return city;
};
const override = (city: RunningCity, status = 303) =>
  certifyVote(city, CHANGE, { yes: 9, fileNumber: '26-0002', purpose: 'override', status });
const asked = async (city: RunningCity) => (await city.admin('GET', `/v1/changes/${CHANGE}`)).json as Record<string, unknown>;

test(
  'the clerk names the meeting before the time is over, publicly; the veto can be overturned at that meeting and at no other',
  async () => {
    const city = await vetoed();
    const date = (day: number) => city.clock.dateAt(day);
    expect(await asked(city)).toMatchObject({ veto: { first: date(12), meeting: null, lastMeeting: date(54) } });
    expect(await city.page('/rules')).toContain(
      'from 3 days to 21 days after the refusal. In that time the clerk can also name a later meeting for it, at most 45 days after the refusal.',
    );
    const clerk = await city.linkIn(CLERK, /can override/);
    expect(await city.page(clerk)).toContain('Name the meeting for the second vote');
    expect(await city.page(await city.linkIn(MAYOR, /Sign or refuse/))).not.toContain('/meeting"');
    await city.atDay(11);
    await override(city, 422);

    await city.atDay(29);
    for (const [meetingDate, status] of [
      [date(28), 422],
      [date(55), 422],
      ['soon', 422],
      [date(44), 303],
      [date(44), 303],
    ] as const)
      expect(await city.submit(`${clerk}/meeting`, { meetingDate }), meetingDate).toMatchObject({ status });
    expect(await asked(city)).toMatchObject({ status: 'vetoed', veto: { meeting: date(44) }, closesAt: await endOf(city) });
    const shown = { change: /can be held at the meeting of/, feature: /meeting of .* was named for a second vote/ };
    expect(await city.page(`/changes/${CHANGE}`)).toMatch(shown.change);
    expect(await city.page('/features/northcam')).toMatch(shown.feature);
    expect(await city.page('/features/northcam?lang=es')).toMatch(/Se fijó la sesión del/);
    expect(await city.page('/feed.atom')).toMatch(shown.feature);
    expect(await city.page('/calendar')).toContain('Meeting that can overturn the refusal');
    expect(await city.page('/calendar.ics')).toContain('Meeting that can overturn the refusal');
    for (const address of [MAYOR, CLERK, 'district-1@council.example'])
      expect((await city.mailsTo(address)).filter(({ subject }) => /A meeting is named/.test(subject))).toHaveLength(1);
    expect(await city.page(clerk)).toContain('You named the meeting of');

    // Past the 21 days, and at a meeting that is not the named one.
    await city.atDay(35);
    expect(await asked(city)).toMatchObject({ status: 'vetoed' });
    await override(city, 422);
    await city.atDay(44);
    await override(city);
    await city.atDay(50);
    await confirmCertificate(city, CHANGE);
    const statuses = (await asked(city))['requirements'] as { id: string; status: string }[];
    expect(Object.fromEntries(statuses.map(({ id, status }) => [id, status]))).toMatchObject({
      council: 'met',
      mayor: 'overridden',
    });
  },
  PATIENCE_MS,
);

/** The end of the veto as the calendar states it. */
const endOf = async (city: RunningCity): Promise<string> => {
  const { items } = (await city.json('/calendar?format=json')) as { items: { what: string; at: string }[] };
  return items.find(({ what }) => what === 'secondVote')?.at ?? '';
};

test(
  'without a meeting the veto is final after 21 days; a policy whose times are out of order is refused, with the field',
  async () => {
    const city = await vetoed();
    const clerk = await city.linkIn(CLERK, /can override/);
    await city.atDay(30.1);
    expect(await asked(city)).toMatchObject({ status: 'refused', ended: { because: 'veto-stands' } });
    expect(await city.submit(`${clerk}/meeting`, { meetingDate: city.clock.dateAt(40) })).toMatchObject({ status: 409 });

    const { status, json } = await city.admin('POST', '/v1/policy', {
      policy: policyWith({ notBefore: 'P30D', notAfter: 'P21D' }),
    });
    expect(status).toBe(422);
    expect(JSON.stringify(json)).toContain('/override/within/notBefore');
  },
  PATIENCE_MS,
);
