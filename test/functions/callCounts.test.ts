import { beforeEach, expect, test } from 'vitest';
import { putRegister } from '../../functions/register/documents.ts';
import { allFeatures, listChanges, listFeatures } from '../../functions/register/lists.ts';
import { catchUp, emptyRegister } from '../../functions/register/project.ts';
import { confirmedRows } from '../../functions/register/views/featureJson.ts';
import { countCalls, counts, dynamo, keyOf, NOTHING, openCounted, type Stores, sqlite, take } from './countedGate.ts';

beforeEach(countCalls);

/** What a notice, a decision and a page of eight features may cost, each with what follows from it: the register and the mails. */
const MOST = {
  notice: { reads: 36, writes: 10, mails: 2 },
  decision: { reads: 30, writes: 7, mails: 1 },
  // On DynamoDB five of the reads of every list ask what was written since the index in memory was brought up to date.
  page: { reads: 17, writes: 0, mails: 0 },
  byStatus: { reads: 5, writes: 0, mails: 0 },
  open: { reads: 14, writes: 0, mails: 0 },
  clock: { reads: 5, writes: 0, mails: 0 },
  whole: { reads: 5, writes: 0, mails: 0 },
};
type Act = keyof typeof MOST;
const FEW = 10;
const MANY = 110;
const SHOWN = 8;

/** Counts one notice and one decision, with what follows, and what a page, a list, a run of the clock and a search read, among so many other features. */
const costs = async (features: number, openStores: (folder: string) => Promise<Stores>) => {
  const { gate, register, follow } = await openCounted(openStores);
  const ports = { ...gate.ports, register };
  for (let n = 0; n < features; n += 1) {
    // Of the others only the register is made: what counts is how many there are.
    if (n >= FEW) await putRegister(ports.sideStore, { ...emptyRegister(keyOf(n)), version: 1 });
    else {
      await gate.notice({ feature: keyOf(n) });
      await catchUp(ports, keyOf(n));
    }
  }
  // A search, figures and dates look at every feature: in memory, which the process has filled once.
  await allFeatures(ports, { now: ports.clock() });
  Object.assign(counts, NOTHING);
  const { digest } = await gate.notice({ feature: 'acme.new' });
  await follow('acme.new');
  const notice = take();
  await gate.certify('acme.new/1', digest);
  await follow('acme.new');
  const decision = take();
  // An index in memory reads each commit once, whatever is shown afterwards.
  await allFeatures(ports, { now: ports.clock() });
  take();
  const page = await listFeatures(ports, { prefix: 'acme', limit: SHOWN, now: ports.clock() });
  const shown = await confirmedRows(ports, page?.items ?? [], { context: {}, checkpoint: undefined });
  expect(shown.map(({ key }) => key)).toEqual(Array.from({ length: SHOWN }, (_, n) => keyOf(n)));
  const costOf = async (read: () => Promise<unknown>) => {
    take();
    await read();
    return take();
  };
  const now = ports.clock();
  const counted = {
    notice,
    decision,
    page: take(),
    byStatus: await costOf(() => listFeatures(ports, { status: 'pending', limit: SHOWN, now })),
    open: await costOf(() => listChanges(ports, { status: 'pending', limit: SHOWN, now })),
    clock: await costOf(() => register.due(now, true)),
  };
  await allFeatures(ports, { now });
  return { ...counted, whole: await costOf(() => allFeatures(ports, { now })) } satisfies Record<Act, unknown>;
};

test.each([
  ['SQLite', sqlite],
  ['DynamoDB', dynamo],
] as const)(
  'on %s a notice, a decision, a page, a list, a run of the clock and a search cost the same with 10 and with 110 features',
  async (_, openStores) => {
    const few = await costs(FEW, openStores);
    expect(await costs(MANY, openStores)).toEqual(few);
    for (const act of Object.keys(MOST) as Act[])
      for (const what of ['reads', 'writes', 'mails'] as const)
        expect(few[act][what], `${what} of a ${act}`).toBeLessThanOrEqual(MOST[act][what]);
  },
);
