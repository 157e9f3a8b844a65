import { expect, test } from 'vitest';
import { LINES_MAX, linesAt } from '../../../functions/register/documents.ts';
import { readFeature } from '../../../functions/register/project.ts';
import { NOON, openGate } from '../openGate.ts';

const feature = async (gate: Awaited<ReturnType<typeof openGate>>) => {
  const known = await readFeature(gate.ports, 'acme');
  if (known === undefined) throw new Error('cannot be read');
  return known;
};

test('a line follows its change, and what time alone has done', async () => {
  const gate = await openGate();
  const { change, digest } = await gate.notice({ effectiveAt: '2026-05-01T00:00:00Z' });
  await gate.notice({ title: 'Another' });
  const waiting = await feature(gate);
  expect(waiting.lines).toEqual([
    {
      n: 1,
      title: 'A new way to search',
      summary: 'Says what it does in plain words.',
      kind: 'new-feature',
      status: 'pending',
      since: NOON,
      at: NOON,
      wordings: 1,
      scheme: 'v1a',
      channel: 'webhook',
      effectiveAt: '2026-05-01T00:00:00.000Z',
      approved: null,
      contested: null,
      wrong: null,
      ended: null,
    },
    expect.objectContaining({ n: 2, title: 'Another' }),
  ]);
  const lapsed = linesAt(waiting.lines, waiting.state, '2026-12-01T00:00:00.000Z');
  expect(lapsed.map(({ status, ended }) => [status, ended])).toEqual([
    ['lapsed', '2026-05-31T12:00:00.000Z'],
    ['lapsed', '2026-05-31T12:00:00.000Z'],
  ]);
  await gate.certify(change, digest);
  await gate.sign(change, digest);
  const approved = await feature(gate);
  expect(approved.lines[0]).toMatchObject({ status: 'approved', approved: NOON });
  const ended = linesAt(approved.lines, approved.state, '2027-12-01T00:00:00.000Z')[0];
  expect(ended).toMatchObject({ status: 'expired', approved: NOON, ended: '2027-03-02T12:00:00.000Z' });
});

test('of very many changes the newest keep their lines', async () => {
  const gate = await openGate();
  for (let n = 1; n <= LINES_MAX + 5; n += 1) {
    await gate.notice({ title: `Number ${n}` });
    await gate.withdraw(`acme/${n}`);
  }
  const { lines } = await feature(gate);
  expect(lines).toHaveLength(LINES_MAX);
  expect([lines[0]?.n, lines.at(-1)?.n]).toEqual([6, LINES_MAX + 5]);
});
