import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitmentNamed } from '../../../../domain/feature/events.ts';
import { redactionStream } from '../../../../domain/redaction/decide.ts';
import { orderRedaction, readText } from '../../../../functions/gate/redactions.ts';
import { NamedTexts } from '../../../../functions/log/verify/replay.ts';
import { certificate, decision, openCity } from './support/city.ts';

let vetoed: Awaited<ReturnType<typeof openVetoedCity>>;
beforeEach(async () => {
  vetoed = await openVetoedCity();
});
afterEach(() => vetoed.city.close());

describe('a withheld text', () => {
  test('is on no public page, which name the order instead, and is shown to those who decide, marked as withheld', async () => {
    expect(await vetoed.page('/changes/acme/1')).toContain('5 Elm Street');
    expect(await vetoed.withhold()).toMatchObject({ ok: true, redaction: { status: 'withheld', change: 1, version: 3 } });
    expect(await vetoed.page('/changes/acme/1')).not.toContain('5 Elm Street');
    for (const path of [vetoed.mayor, vetoed.clerk]) expect(await vetoed.page(path)).toContain('5 Elm Street');
    for (const path of ['/changes/acme/1', vetoed.mayor, vetoed.clerk])
      expect(await vetoed.page(path)).toContain(
        'Withheld from the public by Records Act, file 26-0017, since March 3, 2026. It named private facts about a person.',
      );
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    const [commit] = await vetoed.city.ports.store.history(redactionStream(vetoed.commitment), {});
    expect(Buffer.from(commit?.bytes ?? []).toString()).not.toContain('Elm Street');
  });

  test('is shown again by another order', async () => {
    await vetoed.withhold();
    expect(await vetoed.disclose()).toMatchObject({ ok: true, redaction: { status: 'disclosed' } });
    expect(await vetoed.page('/changes/acme/1')).toContain('5 Elm Street');
  });

  test('sent again, it stays hidden', async () => {
    await vetoed.withhold();
    expect((await vetoed.veto()).status).toBe(303);
    expect(await vetoed.page('/changes/acme/1')).not.toContain('5 Elm Street');
    await vetoed.disclose();
    expect(await vetoed.page('/changes/acme/1')).toContain('5 Elm Street');
  });

  test('of a commitment that no event of the feature names there is none', async () => {
    const unknown = { ok: false, rejection: { code: 'not-found' } };
    const mistake = { ...vetoed.order, action: 'withhold', everywhere: false, reason: 'mistake' } as const;
    expect(await orderRedaction(vetoed.city.ports, { ...mistake, commitment: `sha256:${'0'.repeat(64)}` })).toMatchObject(
      unknown,
    );
    for (const place of [{ key: 'acme.other' }, { change: 2 }, { revision: 2 }])
      expect(await orderRedaction(vetoed.city.ports, { ...mistake, ...place })).toMatchObject(unknown);
    expect(await orderRedaction(vetoed.city.ports, { ...mistake, revision: 1 })).toMatchObject({ ok: true });
  });
});

test('a text that is missing is found, also while it is withheld', async () => {
  const counted = async () => {
    const found = new NamedTexts();
    for (const { stream } of (await vetoed.city.ports.store.feed(undefined, 100)).items)
      for (const { version, bytes } of await vetoed.city.ports.store.history(stream, {}))
        if (version > 0)
          found.take({ stream, version, events: (JSON.parse(Buffer.from(bytes).toString()) as { events: [] }).events });
    return { ...found.count, missing: await found.missing(vetoed.city.ports) };
  };
  const commitment = vetoed.commitment;
  const missing = [{ commitment, namedBy: 'feature/acme@3' }];
  expect(await counted()).toEqual({ commitments: 1, withheld: 0, files: 0, missing: [] });
  await vetoed.withhold();
  expect(await counted()).toEqual({ commitments: 1, withheld: 1, files: 0, missing: [] });
  await vetoed.city.ports.sideStore.remove('text', commitment);
  expect(await counted()).toEqual({ commitments: 1, withheld: 1, files: 0, missing });
  await vetoed.disclose();
  expect(await readText(vetoed.city.ports, { ...vetoed.order, audience: 'officials' })).toBe(undefined);
  expect(await counted()).toEqual({ commitments: 1, withheld: 0, files: 0, missing });
});

const WORDS = 'Ms. Example of 5 Elm Street called me.';

/** A city whose mayor has vetoed a change with words about a person, and the orders about those words. */
const openVetoedCity = async () => {
  const city = await openCity();
  const change = await city.notify();
  const clerk = await city.link('clerk', 'council', change);
  const mayor = await city.link('mayor', 'mayor', change);
  const veto = () => city.post(mayor, decision(change, { decision: 'refuse', comment: WORDS }));
  for (const { status } of [await city.post(clerk, certificate(change)), await veto()])
    if (status !== 303) throw new Error(`a decision was answered with ${status}`);
  /** The commitment that the veto names. */
  const [commitment = ''] = (await city.events()).flatMap((event) => commitmentNamed(event) ?? []);
  const order = {
    key: 'acme',
    change: 1,
    revision: null,
    commitment,
    by: 'token:records',
    authority: 'Records Act',
    fileNumber: '26-0017',
  };
  return {
    city,
    clerk,
    mayor,
    veto,
    commitment,
    order,
    /** The words of a page, without its elements. */
    page: async (path: string): Promise<string> => (await city.page(path)).replaceAll(/<[^>]+>/g, ''),
    withhold: (reason: 'personal-data' | 'mistake' = 'personal-data') =>
      orderRedaction(city.ports, { ...order, action: 'withhold', everywhere: false, reason }),
    disclose: () => orderRedaction(city.ports, { ...order, action: 'disclose' }),
    /** The commitments of the texts that are stored. */
    texts: async () => (await city.ports.sideStore.list('text')).map(({ id }) => id),
  };
};
