import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitmentsOf } from '../../../../domain/feature/eventFacts.ts';
import { redactionStream } from '../../../../domain/redaction/decide.ts';
import { featureAggregate } from '../../../../functions/gate/aggregates.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { makeLink } from '../../../../functions/gate/links.ts';
import { orderRedaction, readRedaction, redactionsOf } from '../../../../functions/gate/redactions.ts';
import { readText } from '../../../../functions/gate/texts.ts';
import { NamedTexts } from '../../../../functions/log/verify/texts.ts';
import { consume } from '../../../../functions/platform/feed/consume.ts';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { eventsOf } from '../../../../functions/platform/store/load.ts';
import { redactor } from '../../../../functions/reactions/adoption/redactor.ts';
import { type City, certificate, decision, openCity, PEOPLE } from './support/city.ts';

const WORDS = 'Ms. Example of 5 Elm Street called me.';
let city: City;
let change: Received;
let mayor: string;

const veto = () => city.post(mayor, decision(change, { decision: 'refuse', comment: WORDS }));
/** The words of a page, without its elements. */
const page = async (path: string): Promise<string> => (await (await city.get(path)).text()).replaceAll(/<[^>]+>/g, '');

/** The commitment that the mayor's veto names. */
const named = async (): Promise<string> => {
  const commits = await city.ports.store.history('feature/acme', {});
  const [commitment] = commits.flatMap((commit) => eventsOf(featureAggregate, commit).flatMap(commitmentsOf));
  return commitment ?? '';
};
const order = async () => ({
  key: 'acme',
  commitment: await named(),
  by: 'token:records',
  authority: 'Records Act',
  fileNumber: '26-0017',
});
const withhold = async (reason: 'personal-data' | 'mistake' = 'personal-data', ports = city.ports) =>
  orderRedaction(ports, { ...(await order()), action: 'withhold', reason });
const disclose = async () => orderRedaction(city.ports, { ...(await order()), action: 'disclose' });
const askDisposal = async (person: string | null = null) =>
  orderRedaction(city.ports, { ...(await order()), action: 'dispose', reason: 'personal-data', person });
const texts = async () => (await city.ports.sideStore.list('text')).map(({ id }) => id);

/** The link by which a clerk, or somebody else, confirms the disposal that waits. */
const confirmLink = async (who: keyof typeof PEOPLE = 'clerk'): Promise<string> => {
  const { ports, deps } = city;
  const commitment = await named();
  const request = (await readRedaction(ports.store, commitment))?.request?.name ?? '';
  const target = { purpose: 'confirm-disposal', ...PEOPLE[who], commitment, request } as const;
  return `/d/${await makeLink({ ...ports, linkKey: deps.keys.linkKey }, target)}`;
};
const dispose = async () => city.post(await confirmLink(), {});

beforeEach(async () => {
  city = await openCity();
  change = await city.notify();
  const clerk = await city.link('clerk', 'council', change);
  mayor = await city.link('mayor', 'mayor', change);
  expect((await city.post(clerk, certificate(change))).status).toBe(303);
  expect((await veto()).status).toBe(303);
});
afterEach(() => city.close());

describe('a withheld text', () => {
  test('is on no page, which name the order instead, and is kept', async () => {
    expect(await page('/changes/acme/1')).toContain('5 Elm Street');
    expect(await withhold()).toMatchObject({ ok: true, redaction: { status: 'withheld', change: 1, version: 3 } });
    for (const path of ['/changes/acme/1', mayor]) {
      const shown = await page(path);
      expect(shown).not.toContain('5 Elm Street');
      expect(shown).toContain(
        'Withheld by Records Act, file 26-0017, since March 3, 2026. It named private facts about a person.',
      );
    }
    expect(await page('/changes/acme/1?lang=es')).toContain('Retenido por Records Act, expediente 26-0017, desde el');
    expect(await texts()).toEqual([await named()]);
    const [commit] = await city.ports.store.history(redactionStream(await named()), {});
    expect(Buffer.from(commit?.bytes ?? []).toString()).not.toContain('Elm Street');
    expect((await redactionsOf(city.ports, 'acme')).get(await named())).toMatchObject({
      status: 'withheld',
      reason: 'personal-data',
    });
  });

  test('is shown again by another order', async () => {
    await withhold();
    expect(await disclose()).toMatchObject({ ok: true, redaction: { status: 'disclosed' } });
    expect(await page('/changes/acme/1')).toContain('5 Elm Street');
    expect(await redactionsOf(city.ports, 'acme')).toEqual(new Map());
  });

  test('the same order again is the same answer and no new commit; another is refused', async () => {
    const first = await withhold();
    expect(await withhold()).toEqual(first);
    expect(await withhold('mistake')).toMatchObject({ ok: false, rejection: { code: 'already-redacted' } });
    expect((await city.ports.store.history(redactionStream(await named()), {})).length).toBe(1);
  });

  test('sent again, it stays hidden', async () => {
    await withhold();
    expect((await veto()).status).toBe(303);
    expect(await page('/changes/acme/1')).not.toContain('5 Elm Street');
    await disclose();
    expect(await page('/changes/acme/1')).toContain('5 Elm Street');
  });

  test('of a commitment that no event of the feature names there is none', async () => {
    const unknown = { ok: false, rejection: { code: 'no-such-text' } };
    const mistake = { ...(await order()), action: 'withhold', reason: 'mistake' } as const;
    expect(await orderRedaction(city.ports, { ...mistake, commitment: `sha256:${'0'.repeat(64)}` })).toMatchObject(unknown);
    expect(await orderRedaction(city.ports, { ...mistake, key: 'acme.other' })).toMatchObject(unknown);
  });
});

describe('a disposal', () => {
  test('hides the text at once and destroys it when the clerk confirms, as the page says in both languages', async () => {
    expect(await askDisposal()).toMatchObject({ ok: true, redaction: { status: 'disposal-requested', confirmed: null } });
    expect(await texts()).toEqual([await named()]);
    expect(await page('/changes/acme/1')).toContain('It will be destroyed once a second person confirms it.');
    const link = await confirmLink();
    const asks = await page(link);
    expect(asks).toContain('Destroy this text for good?');
    expect(asks).toContain('26-0017');
    expect(asks).not.toContain('Elm Street');
    expect(await page(`${link}?lang=es`)).toContain('¿Destruir este texto para siempre?');
    expect(await texts()).toEqual([await named()]);
    expect((await city.post(link, {})).headers.get('location')).toBe(link);
    expect(await texts()).toEqual([]);
    expect(await page(link)).toContain('Confirmed. The text is destroyed.');
    const shown = await page('/changes/acme/1');
    expect(shown).toContain('Destroyed by Records Act, file 26-0017, on March 3, 2026, by two persons.');
    expect(await page('/changes/acme/1?lang=es')).toContain('Destruido por Records Act, expediente 26-0017,');
    expect(shown).not.toContain('Elm Street');
    expect((await city.post(link, {})).status).toBe(303);
  });

  test('is not confirmed by the person who asked, by who is no clerk, by a field too many, or from elsewhere', async () => {
    await askDisposal('hc');
    const own = await confirmLink();
    expect(await page(own)).toContain('You asked for it, so someone else must confirm it.');
    expect(await (await city.post(own, {})).json()).toMatchObject({ status: 409, type: expect.stringContaining('own-disposal') });
    const stranger = await confirmLink('mayor');
    expect(await page(stranger)).toContain('Only the clerk confirms this.');
    expect(await (await city.post(stranger, {})).json()).toMatchObject({
      status: 409,
      type: expect.stringContaining('not-the-clerk'),
    });
    expect((await city.post(own, { decision: 'confirm' })).status).toBe(422);
    expect((await city.post(own, {}, { origin: 'https://other.example' })).status).toBe(403);
    expect(await texts()).toEqual([await named()]);
  });

  test('that was taken back cannot be confirmed', async () => {
    await askDisposal();
    const link = await confirmLink();
    await disclose();
    expect(await page(link)).toContain('Nothing waits for you here');
    expect((await city.post(link, {})).status).toBe(409);
    expect(await page('/changes/acme/1')).toContain('5 Elm Street');
  });

  test('is for good: no order shows the text again, and sent again it does not come back', async () => {
    await askDisposal();
    await dispose();
    expect(await disclose()).toMatchObject({ ok: false, rejection: { code: 'already-redacted' } });
    expect((await veto()).status).toBe(303);
    expect(await texts()).toEqual([]);
  });

  test('confirmed while the text is being kept, it does not stay either', async () => {
    await askDisposal();
    const { sideStore } = city.ports;
    const link = await confirmLink();
    let isFirst = true;
    const racing = {
      ...sideStore,
      put: async (...args: Parameters<typeof sideStore.put>) => {
        if (args[0] === 'text' && isFirst) {
          isFirst = false;
          await city.post(link, {});
        }
        await sideStore.put(...args);
      },
    };
    Object.assign(city.deps.ports, { sideStore: racing });
    expect((await veto()).status).toBe(303);
    expect((await readRedaction(city.ports.store, await named()))?.status).toBe('disposed');
    expect(await sideStore.list('text')).toEqual([]);
  });
});

describe('a crash between the confirmation and the deed', () => {
  const failingOnce = async () => {
    await askDisposal();
    const { sideStore } = city.ports;
    const link = await confirmLink();
    Object.assign(city.deps.ports, { sideStore: { ...sideStore, erase: () => Promise.reject(new Error('down')) } });
    expect((await city.post(link, {})).status).toBe(500);
    Object.assign(city.deps.ports, { sideStore });
    expect(await texts()).toEqual([await named()]);
    expect(await page('/changes/acme/1')).not.toContain('5 Elm Street');
    return link;
  };

  test('is healed by the consumer of the feed', async () => {
    await failingOnce();
    const ports = { ...city.ports, logger: () => undefined, isReleased: RELEASED_AT_ONCE, wallMs: Date.now };
    await consume(ports, redactor(ports), redactionStream(await named()));
    expect(await texts()).toEqual([]);
    expect((await redactionsOf(city.ports, 'acme')).get(await named())?.status).toBe('disposed');
  });

  test('is healed by the same confirmation sent again', async () => {
    const link = await failingOnce();
    expect((await city.post(link, {})).status).toBe(303);
    expect(await texts()).toEqual([]);
  });
});

test('a text that is missing is distinguished from one that was disposed of, also while it is withheld', async () => {
  const counted = async () => {
    const found = new NamedTexts();
    for (const { stream } of (await city.ports.store.feed(undefined, 100)).items)
      for (const { version, bytes } of await city.ports.store.history(stream, {}))
        if (version > 0)
          found.take({ stream, version, events: (JSON.parse(Buffer.from(bytes).toString()) as { events: [] }).events });
    return { ...found.count, missing: await found.missing(city.ports) };
  };
  const commitment = await named();
  const missing = [{ commitment, namedBy: 'feature/acme@3' }];
  expect(await counted()).toEqual({ commitments: 1, withheld: 0, disposed: 0, missing: [] });
  await withhold();
  expect(await counted()).toEqual({ commitments: 1, withheld: 1, disposed: 0, missing: [] });
  await city.ports.sideStore.remove('text', commitment);
  expect(await counted()).toEqual({ commitments: 1, withheld: 1, disposed: 0, missing });
  await disclose();
  expect(await readText(city.ports, commitment)).toBe(undefined);
  expect(await counted()).toEqual({ commitments: 1, withheld: 0, disposed: 0, missing });
  await askDisposal();
  await dispose();
  expect(await counted()).toEqual({ commitments: 1, withheld: 0, disposed: 1, missing: [] });
});
