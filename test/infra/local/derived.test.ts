import { expect, test } from 'vitest';
import { readKeyRecord } from '../../../functions/register/derived/records.ts';
import { withTheMayor } from './runningCity.ts';

test('a running gate folds what follows from its log, also by time alone', async () => {
  const city = await withTheMayor();
  const { sideStore } = city.installation.ports;
  expect((await readKeyRecord(sideStore, 'northcam'))?.answer).toMatchObject({ variant: 'pending' });
  // Nobody does anything: the mayor's time to sign ends.
  await city.atDay(50);
  expect((await readKeyRecord(sideStore, 'northcam'))?.answer?.variant).not.toBe('pending');
});
