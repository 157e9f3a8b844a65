import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitmentsOf } from '../../../../domain/feature/eventFacts.ts';
import { redactionStream } from '../../../../domain/redaction/decide.ts';
import { featureAggregate } from '../../../../functions/gate/aggregates.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { readText } from '../../../../functions/gate/texts.ts';
import { NamedTexts } from '../../../../functions/log/verify/texts.ts';
import { consume } from '../../../../functions/platform/feed/consume.ts';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { eventsOf } from '../../../../functions/platform/store/load.ts';
import { type RedactionOrder, redactionsOf, redactor, redactText } from '../../../../functions/reactions/adoption/redactText.ts';
import { type City, certificate, decision, openCity } from './support/city.ts';

const WORDS = 'Ms. Example of 5 Elm Street called me.';
let city: City;
let change: Received;
let mayor: string;

const veto = () => city.post(mayor, decision(change, { decision: 'refuse', comment: WORDS }));
const page = async (path: string): Promise<string> => (await city.get(path)).text();

/** The commitment that the mayor's veto names. */
const named = async (): Promise<string> => {
  const commits = await city.ports.store.history('feature/acme', {});
  const [commitment] = commits.flatMap((commit) => eventsOf(featureAggregate, commit).flatMap(commitmentsOf));
  return commitment ?? '';
};
const order = async (over: Partial<RedactionOrder> = {}): Promise<RedactionOrder> => ({
  key: 'acme',
  commitment: await named(),
  reason: 'personal-data',
  by: 'token:clerk',
  authority: 'Records Act',
  fileNumber: '26-0017',
  ...over,
});
const texts = async () => (await city.ports.sideStore.list('text')).map(({ id }) => id);

beforeEach(async () => {
  city = await openCity();
  change = await city.notify();
  const clerk = await city.link('clerk', 'council', change);
  mayor = await city.link('mayor', 'mayor', change);
  expect((await city.post(clerk, certificate(change))).status).toBe(303);
  expect((await veto()).status).toBe(303);
});
afterEach(() => city.close());

test('the fact first, then text and salt go; pages say when and why instead', async () => {
  expect(await page('/changes/acme/1')).toContain('5 Elm Street');
  const commitment = await named();
  const done = await redactText(city.ports, await order());
  expect(done).toMatchObject({ ok: true, redaction: { change: 1, version: 3, commitment, by: 'token:clerk' } });
  expect(await texts()).toEqual([]);
  for (const path of ['/changes/acme/1', mayor]) {
    const shown = await page(path);
    expect(shown).not.toContain('5 Elm Street');
    expect(shown).toContain('It named private facts about a person.');
  }
  expect(await page('/changes/acme/1?lang=es')).toContain('Contenía datos privados de una persona.');
  const [commit] = await city.ports.store.history(redactionStream(commitment), {});
  expect(Buffer.from(commit?.bytes ?? []).toString()).not.toContain('Elm Street');
  expect(await redactionsOf(city.ports, 'acme')).toEqual(new Map([[commitment, { at: city.now(), reason: 'personal-data' }]]));
});

test('the same order again is the same answer and no new commit; another is refused', async () => {
  const first = await redactText(city.ports, await order());
  expect(await redactText(city.ports, await order())).toEqual(first);
  expect(await redactText(city.ports, await order({ reason: 'mistake' }))).toMatchObject({
    ok: false,
    rejection: { code: 'already-redacted' },
  });
  expect((await city.ports.store.history(redactionStream(await named()), {})).length).toBe(1);
});

test('a text that no event of the feature names cannot be redacted', async () => {
  const unknown = { ok: false, rejection: { code: 'no-such-text' } };
  expect(await redactText(city.ports, await order({ commitment: `sha256:${'0'.repeat(64)}` }))).toMatchObject(unknown);
  expect(await redactText(city.ports, await order({ key: 'acme.other' }))).toMatchObject(unknown);
  expect(await texts()).toEqual([await named()]);
});

test('sent again, a redacted text does not come back', async () => {
  await redactText(city.ports, await order());
  expect((await veto()).status).toBe(303);
  expect(await texts()).toEqual([]);
});

test('redacted while it is being kept, it does not stay either', async () => {
  const { sideStore } = city.ports;
  const racing = {
    ...sideStore,
    put: async (...args: Parameters<typeof sideStore.put>) => {
      if (args[0] === 'text') await redactText(city.ports, await order());
      await sideStore.put(...args);
    },
  };
  Object.assign(city.deps.ports, { sideStore: racing });
  expect((await veto()).status).toBe(303);
  expect((await city.ports.store.head(redactionStream(await named())))?.version).toBe(1);
  expect(await sideStore.list('text')).toEqual([]);
});

describe('a crash between the fact and the deed', () => {
  const failing = () => ({
    ...city.ports,
    sideStore: { ...city.ports.sideStore, remove: () => Promise.reject(new Error('down')) },
  });

  test('from the fact on nothing is shown, and the consumer of the feed takes the text away', async () => {
    await expect(redactText(failing(), await order())).rejects.toThrow('down');
    expect(await texts()).toEqual([await named()]);
    expect(await page('/changes/acme/1')).not.toContain('5 Elm Street');
    const ports = { ...city.ports, logger: () => undefined, isReleased: RELEASED_AT_ONCE, wallMs: Date.now };
    await consume(ports, redactor(ports), redactionStream(await named()));
    expect(await texts()).toEqual([]);
    expect((await redactionsOf(city.ports, 'acme')).size).toBe(1);
  });

  test('the order sent again finishes it', async () => {
    await expect(redactText(failing(), await order())).rejects.toThrow('down');
    expect(await redactText(city.ports, await order())).toMatchObject({ ok: true });
    expect(await texts()).toEqual([]);
  });
});

test('a text that is missing without a redaction is distinguished from a redacted one', async () => {
  const counted = async () => {
    const found = new NamedTexts();
    for (const { stream } of (await city.ports.store.feed(undefined, 100)).items)
      for (const { version, bytes } of await city.ports.store.history(stream, {}))
        found.take({ stream, version, events: (JSON.parse(Buffer.from(bytes).toString()) as { events: [] }).events });
    return { ...found.count, missing: await found.missing(city.ports) };
  };
  const commitment = await named();
  expect(await counted()).toEqual({ commitments: 1, redacted: 0, missing: [] });
  await city.ports.sideStore.remove('text', commitment);
  expect(await readText(city.ports, commitment)).toBe(undefined);
  expect(await counted()).toMatchObject({ missing: [{ commitment, namedBy: 'feature/acme@3' }] });
  await redactText(city.ports, await order());
  expect(await counted()).toEqual({ commitments: 1, redacted: 1, missing: [] });
});
