import { expect, test, vi } from 'vitest';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { type Draft, post, sentAt } from '../../../../functions/reactions/notify/post.ts';
import { mailing } from './mailing.ts';

const drafted = (purpose: string, covers: readonly Draft[] = []): Draft => {
  const write = () => ({ subject: purpose, paragraphs: [] });
  return { to: { holder: 'clerk' }, event: 'e', purpose, covers, write };
};
const [one, other] = [drafted('one'), drafted('other')];
const several = drafted('several', [one, other]);

test('a mail is of when it was written, as its links are, however late it is taken', async () => {
  const { ports, wait } = await mailing();
  const at = ports.clock();
  await post({ ...ports, mailer: { ...ports.mailer, send: async () => wait(60_000) } }, '', [one]);
  expect(await sentAt(ports, one)).toBe(at);
});

test('of two runs one sends a mail; a mail for several that another run sent for one of them alone leaves the rest to be mailed', async () => {
  const { ports, sent } = await mailing();
  await Promise.all([post(ports, '', [one]), post(ports, '', [{ ...one, covers: [other] }])]);
  await post(ports, '', [other]);
  expect(sent.splice(0).map(({ subject }) => subject)).toEqual(['one', 'other']);
  const [third, fourth] = [drafted('third'), drafted('fourth')];
  const runs = [fourth, { ...third, covers: [fourth] }].map((each) => post(ports, '', [each]));
  expect(await Promise.all(runs)).toEqual([true, false]);
  expect(await post(ports, '', [third])).toBe(true);
  expect(sent.map(({ subject }) => subject)).toEqual(['fourth', 'third']);
});

test.each([
  ['one', one, several, 1],
  ['several', several, one, 3],
])(
  'a mail for %s that the server takes late is noted then, and told no more: no other ever says the same',
  async (_, first, second, records) => {
    const { gate, ports, sent, refuseIf, accept } = await mailing();
    const { promise: later, resolve } = Promise.withResolvers<void>();
    refuseIf(() => new NotSent('late', { unreachable: false, later }));
    await post(ports, '', [first]);
    accept();
    expect(await post(ports, '', [second])).toBe(false);
    expect(await gate.sideStore.list('sent')).toEqual([]);
    resolve();
    await vi.waitFor(async () => expect(await gate.sideStore.list('trouble')).toEqual([]));
    expect(await gate.sideStore.list('sent')).toHaveLength(records);
    await post(ports, '', [second]);
    expect(sent).toEqual([]);
  },
);

test('a mail that is taken while it is noted as not taken is not told as waiting for good', async () => {
  const { gate, ports, refuseIf } = await mailing();
  refuseIf(() => new NotSent('late', { unreachable: false, later: Promise.resolve() }));
  const put = gate.sideStore.put.bind(gate.sideStore);
  vi.spyOn(gate.sideStore, 'put').mockImplementation(async (...row) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    await put(...row);
  });
  await post(ports, '', [one]);
  await vi.waitFor(async () => expect(await gate.sideStore.list('sent')).toHaveLength(1));
  await vi.waitFor(async () => expect(await gate.sideStore.list('trouble')).toEqual([]));
});
