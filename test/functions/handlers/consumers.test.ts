import { expect, test } from 'vitest';
import { busConsumer } from '../../../functions/handlers/runtime/consumers.ts';
import { openGate } from '../openGate.ts';

test('of two runs that read a commit before it was handled, the second leaves it, also once the first has ended', async () => {
  const gate = await openGate();
  await gate.notice();
  const handled: number[] = [];
  const consumer = {
    name: 'listener',
    wants: (stream: string) => stream === 'feature/acme',
    handle: async ({ version }: { readonly version: number }) => void handled.push(version),
  };
  const first = busConsumer(gate.ports, consumer);
  const event = { detail: { source: 'aldergate', type: 'aldergate.feature.ChangeNotified.v1', subject: 'acme' } };
  const run = (of: ReturnType<typeof busConsumer>) => of(event as unknown as Parameters<typeof of>[0]);
  let isFirst = true;
  const late = busConsumer(
    {
      ...gate.ports,
      isReleased: async () => {
        if (isFirst) await run(first);
        isFirst = false;
        return true;
      },
    },
    consumer,
  );
  await run(late);
  expect(handled).toEqual([1]);
});
