import { expect, test } from 'vitest';
import { DERIVED, listCases, listTasks, readKeyRecord } from '../../../functions/register/derived/records.ts';
import { runningCity, withTheMayor } from './runningCity.ts';

test('a running gate folds what follows from its log, also by time alone', async () => {
  const city = await withTheMayor();
  const { sideStore } = city.installation.ports;
  const seen = { vendor: 'northcam', source: 'audit', observedAt: city.clock.now(), features: { 'northcam.lpr': true } };
  const { json } = await city.admin('POST', '/v1/observations', seen);
  expect(json).toMatchObject({ drift: [{ key: 'northcam.lpr', kind: 'never-announced' }], closed: [] });
  expect(await listCases(sideStore, { open: true, limit: 9 })).toMatchObject({ items: [{ key: 'northcam.lpr', until: null }] });
  await city.admin('POST', '/v1/observations', { ...seen, features: { 'northcam.lpr': false } });
  expect(await listCases(sideStore, { open: true, limit: 9 })).toMatchObject({ items: [] });
  const waiting = await readKeyRecord(sideStore, 'northcam');
  expect(waiting?.answer).toMatchObject({ variant: 'pending' });
  // Nobody does anything: the mayor's time to sign ends.
  await city.atDay(50);
  const later = await readKeyRecord(sideStore, 'northcam');
  expect(later?.answer?.variant).not.toBe('pending');
  expect((await sideStore.list(DERIVED.event)).length).toBeGreaterThan(4);
  expect((await listTasks(sideStore, { limit: 9 }))?.items).toEqual(later?.tasks);
});

test('nothing is derived of a gate at which nothing happens', async () => {
  const city = await runningCity(1);
  await city.settle();
  expect(await city.installation.ports.sideStore.list(DERIVED.key)).toEqual([]);
});
