import { expect, test } from 'vitest';
import { presentChange, readChange } from '../../../functions/register/project.ts';
import { atOnce, type Gate, NOON, openGate } from '../openGate.ts';

const statusAt = async ({ ports }: Gate, n: number, now: string) => {
  const reading = await readChange(ports, 'acme', n);
  if (reading === undefined) throw new Error('not there');
  return presentChange(reading.view, reading.state, now);
};

const approved = async (gate: Gate, change: Parameters<Gate['notice']>[0] = {}): Promise<string> => {
  const { change: id, digest } = await gate.notice(change);
  await gate.certify(id, digest);
  await gate.sign(id, digest);
  return id;
};

test('the standing change is removed from the instant a removal takes effect', async () => {
  const gate = await openGate();
  await approved(gate);
  await gate.notice({ kind: 'removal', effectiveAt: '2026-04-01T00:00:00Z' });
  expect((await statusAt(gate, 1, '2026-03-31T23:59:59.999Z')).status).toBe('approved');
  expect(await statusAt(gate, 1, '2026-04-01T00:00:00.000Z')).toMatchObject({
    status: 'removed',
    ended: { at: '2026-04-01T00:00:00.000Z', because: 'removal' },
  });
  expect((await statusAt(gate, 1, '2028-01-01T00:00:00.000Z')).status).toBe('removed');
  expect((await statusAt(gate, 2, NOON)).status).toBe('removed');
});

test('what had ended before a removal stays as it ended', async () => {
  const gate = await openGate({ rules: { ...atOnce, rules: atOnce.rules.map((rule) => ({ ...rule, term: 'P1D' })) } });
  await approved(gate);
  await gate.notice({ kind: 'removal', effectiveAt: '2026-04-01T00:00:00Z' });
  expect((await statusAt(gate, 1, '2026-05-01T00:00:00.000Z')).status).toBe('expired');
  const revoked = await openGate();
  await approved(revoked);
  await revoked.revoke('acme/1');
  await revoked.notice({ kind: 'removal' });
  expect((await statusAt(revoked, 1, '2026-05-01T00:00:00.000Z')).status).toBe('revoked');
});
