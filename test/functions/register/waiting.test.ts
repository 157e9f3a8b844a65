import { expect, test } from 'vitest';
import { catchUp } from '../../../functions/register/project.ts';
import { WAITING_ACTS } from '../../../functions/register/waiting.ts';
import { openGate } from '../openGate.ts';

test('of what ends in one hour the contract comes first, however late it was entered; else what ends first', async () => {
  const gate = await openGate();
  for (const [feature, at] of [
    ['acme.early', '12:59:59'],
    ['acme.lpr.search', '13:40:00'],
    ['acme.lpr', '13:40:01'],
    ['acme', '13:59:59'],
  ] as const) {
    gate.at(`2026-03-02T${at}.000Z`);
    await gate.notice({ feature });
    await catchUp(gate.ports, feature);
  }
  const groups = await gate.ports.register.facet(WAITING_ACTS, { now: gate.ports.clock() });
  expect([...groups.values()].flat().map(({ key }) => key)).toEqual(['acme.early', 'acme', 'acme.lpr', 'acme.lpr.search']);
});
