import { expect, test } from 'vitest';
import { keptFlags } from '../../../../../functions/web/api/ofrep/keptFlags.ts';
import { openGate } from '../../../openGate.ts';
import { on } from './twoProcesses.ts';

test('a kept answer ends with its approval once anything was committed after that, though the clock is put back', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const flagFor = keptFlags(gate.ports);
  const ask = async (key: string): Promise<unknown> => JSON.parse(`${await flagFor(key, {})},"asOf":"now"}}`);
  // The approval ends after a year, at noon.
  gate.at('2027-03-02T11:58:00.000Z');
  for (let time = 0; time < 2; time += 1) expect(await ask('acme')).toMatchObject({ value: true });
  gate.at('2027-03-02T12:00:01.000Z');
  await gate.notice({ feature: 'other' });
  gate.at('2027-03-02T11:58:00.000Z');
  expect(await ask('acme')).toMatchObject({ value: false, variant: 'expired' });
});
