import { expect, test } from 'vitest';
import { council, rule } from '../../../support/fixtures/city.ts';
import { cityForTest, POLICY } from './support/city.ts';

/** Opens a city whose contract ends with a day, and the clock at noon of it or so many days before. */
const cityBefore = async (endsAt: string) => {
  const city = await cityForTest();
  const contract = await city.notify({ kind: 'contract', title: 'The <camera> contract', endsAt });
  await city.approve(contract);
  const daysTo = (day: string) => Math.round((Date.parse(day) - Date.parse(city.now().slice(0, 10))) / 86_400_000);
  const until = (day: string) => city.passDays(daysTo(day));
  const countdown = async (path: string) =>
    /<section aria-labelledby="contracts-heading">.*?<\/section>/s
      .exec(await city.page(`${path}${path.includes('?') ? '&' : '?'}lang=en`))?.[0]
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim();
  return { ...city, contract, until, countdown };
};

test('a contract is counted down from ninety days before its last day to that day, by the city’s calendar', async () => {
  const { countdown, until, says, omits } = await cityBefore('2026-06-30');
  until('2026-03-31');
  expect(await countdown('/')).toBeUndefined();
  until('2026-04-01');
  for (const path of ['/', '/vendors/acme']) {
    expect(await countdown(path), path).toBe(
      'Contracts that end soon The &lt;camera&gt; contract acme 90 days left. In force until the end of June 30, 2026 . Then all that stands beneath it is off, too.',
    );
  }
  until('2026-06-29');
  expect(await countdown('/')).toContain('acme 1 day left');
  until('2026-06-30');
  expect(await countdown('/')).toContain('acme Today is the last day.');
  until('2026-07-01');
  expect(await countdown('/')).toBeUndefined();
  await says('/changes/acme/1', 'Ended: the end of June 30, 2026');
  await omits('/features/acme', 'without an end date');
});

test('only of the contracts asked for, not of other vendors, and not once it was switched off', async () => {
  const { countdown, until, post, link, contract } = await cityBefore('2026-06-30');
  until('2026-06-01');
  expect(await countdown('/?prefix=acme')).toContain('29 days left');
  for (const path of ['/?prefix=other', '/vendors/other']) expect(await countdown(path)).toBeUndefined();
  await post(`${await link('mayor', 'mayor', contract)}/revoke`, { reason: 'Enough.' });
  expect(await countdown('/')).toBeUndefined();
});

test('a contract that the next one follows is not counted down, and one that is no longer on is not', async () => {
  const { countdown, until, notify, certify, sign } = await cityBefore('2026-06-30');
  until('2026-06-01');
  expect(await countdown('/')).toContain('29 days left');
  const next = await notify({ kind: 'contract', title: 'The next contract', endsAt: '2027-06-30' });
  const from = { from: '2026-06-20' };
  await certify(next, { ...from, meetingDate: '2026-06-01' });
  await sign(next, from);
  expect(await countdown('/')).toBeUndefined();
  until('2026-06-21');
  expect(await countdown('/')).toBeUndefined();
  until('2027-05-01');
  expect(await countdown('/')).toContain('The next contract');
  await notify({ kind: 'terms', title: 'Other terms', optOut: 'no', effectiveAt: '2027-05-03' });
  until('2027-05-02');
  expect(await countdown('/')).toContain('The next contract');
  until('2027-05-03');
  expect(await countdown('/')).toBeUndefined();
});

test('a contract renewed from the day on which it ends does not end: not in the register, the calendar or beneath it', async () => {
  const { countdown, until, notify, approve, json, plain, status } = await cityBefore('2026-06-30');
  await approve(await notify({ feature: 'acme.lpr', title: 'Readers' }));
  const next = { kind: 'contract', title: 'The next contract', effectiveAt: '2026-07-01', endsAt: '2027-06-30' } as const;
  await approve(await notify(next));
  until('2026-06-01');
  expect(await countdown('/')).toBeUndefined();
  expect((await plain('/')).match(/June 30, 2026/g)).toBeNull();
  const { items } = await json<{ items: readonly { what: string; change: string; at: string }[] }>('/calendar?format=json');
  const ends = items.filter(({ what }) => what === 'expires').map(({ change, at }) => `${change} ${at.slice(0, 10)}`);
  expect(ends).toEqual(['acme.lpr/1 2027-03-03', 'acme/2 2027-03-03']);
  until('2026-07-01');
  expect(await status('acme.lpr')).toBe('enabled');
});

test.each(['UTC', 'America/Denver'])('a contract of the year 9999 can be read and decided in %s', async (zone) => {
  const rules = [rule([council({ quorum: 3 }), { id: 'mayor', body: 'mayor', instrument: 'signature' }])];
  const city = await cityForTest({ zone, policy: { ...POLICY, rules } });
  const contract = await city.notify({ kind: 'contract', title: 'For ever', endsAt: '9999-12-31' });
  for (const path of ['/calendar', `/changes/${contract.change}`, await city.link('clerk', 'clerk', contract)])
    await city.says(path, 'For ever');
  await city.says(`/changes/${contract.change}`, 'the end of December 31, 9999');
  await city.approve(contract);
  await city.says('/calendar', 'For ever');
});
