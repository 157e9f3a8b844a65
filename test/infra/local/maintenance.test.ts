import { expect, test } from 'vitest';
import { IMPACTS } from '../../../domain/policy/schema.ts';
import { searchNotice, servedPlace, settle } from './cityProcess.ts';

const UNCHANGED = Object.fromEntries(IMPACTS.map((impact) => [impact, 'unchanged']));
const fix = (feature: string) => searchNotice(feature, { kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED });

test('on a running gate maintenance leaves a feature on until an official contests it by link, or IT by token', async () => {
  const place = await servedPlace();
  const city = await settle(place);
  const terms = { maintenance: 'yes' };
  for (const feature of ['acme', 'acme.lpr']) await city.approve(await city.hold(searchNotice(feature)), terms);
  const [top, below] = [await city.hold(fix('acme')), await city.hold(fix('acme.lpr'))];
  for (const key of ['acme', 'acme.lpr']) expect(await city.answer(key)).toMatchObject({ value: true });

  const contest = await city.api('POST', `/v1/changes/${below.change}/contest`, { reason: 'It stores faces.' });
  expect(contest.status).toBe(200);
  expect(await contest.json()).toMatchObject({ change: below.change, contested: { by: { token: 'it' } } });
  expect(await city.answer('acme.lpr')).toMatchObject({ value: false, variant: 'outdated' });
  expect(await city.answer('acme')).toMatchObject({ value: true });

  const link = await city.linkOf('hc', top);
  expect((await city.submit(`${link}/contest`, { reason: 'It shares more than before.' })).status).toBe(303);
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'outdated' });
  const heard = async () =>
    (await city.mails()).filter(({ change, links }) => change === top.change && links.length === 0).length;
  await expect.poll(heard).toBeGreaterThan(3);

  const again = await city.hold(searchNotice('acme', { kind: 'update', title: 'What the fix is', optOut: 'no' }));
  await city.approve(again, terms);
  expect(await city.answer('acme')).toMatchObject({ value: true });
});
