import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRedaction, redactionsOf } from '../../../../functions/gate/redactions.ts';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { openVetoedCity } from './support/vetoedCity.ts';

let vetoed: Awaited<ReturnType<typeof openVetoedCity>>;
beforeEach(async () => {
  vetoed = await openVetoedCity();
});
afterEach(() => vetoed.city.close());

describe('a disposal', () => {
  test('hides the text at once and destroys it when the clerk confirms, as the page says in both languages', async () => {
    expect(await vetoed.askDisposal()).toMatchObject({ ok: true, redaction: { status: 'disposal-requested', confirmed: null } });
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    expect(await vetoed.page('/changes/acme/1')).toContain('It will be destroyed once a second person confirms it.');
    const link = await vetoed.confirmLink();
    const asks = await vetoed.page(link);
    expect(asks).toContain('Destroy this text for good?');
    expect(asks).toContain('26-0017');
    expect(asks).not.toContain('Elm Street');
    expect(await vetoed.page(`${link}?lang=es`)).toContain('¿Destruir este texto para siempre?');
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    expect((await vetoed.city.post(link, {})).headers.get('location')).toBe(link);
    expect(await vetoed.page(link)).toContain('Confirmed. The text is shown nowhere. It is destroyed for good within minutes.');
    expect(await vetoed.page(`${link}?lang=es`)).toContain('En unos minutos queda destruido para siempre.');
    await vetoed.redact();
    expect(await vetoed.texts()).toEqual([]);
    const shown = await vetoed.page('/changes/acme/1');
    expect(shown).toContain('Destroyed by Records Act, file 26-0017, on March 3, 2026, by two persons.');
    expect(await vetoed.page('/changes/acme/1?lang=es')).toContain('Destruido por Records Act, expediente 26-0017,');
    expect(shown).not.toContain('Elm Street');
    expect((await vetoed.city.post(link, {})).status).toBe(303);
  });

  test('is not confirmed by the person who asked, by who is no clerk, by a field too many, or from elsewhere', async () => {
    await vetoed.askDisposal('hc');
    const own = await vetoed.confirmLink();
    expect(await vetoed.page(own)).toContain('You asked for it, so someone else must confirm it.');
    expect(await (await vetoed.city.post(own, {})).json()).toMatchObject({
      status: 409,
      type: expect.stringContaining('own-disposal'),
    });
    const stranger = await vetoed.confirmLink('mayor');
    expect(await vetoed.page(stranger)).toContain('Only the clerk confirms this.');
    expect(await (await vetoed.city.post(stranger, {})).json()).toMatchObject({
      status: 409,
      type: expect.stringContaining('not-the-clerk'),
    });
    expect((await vetoed.city.post(own, { decision: 'confirm' })).status).toBe(422);
    expect((await vetoed.city.post(own, {}, { origin: 'https://other.example' })).status).toBe(403);
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
  });

  test('waits in the inbox of who can confirm it, and of nobody else, until it is confirmed or taken back', async () => {
    const { city, clerk, mayor } = vetoed;
    expect(await vetoed.page(`${clerk}/inbox`)).not.toContain('Confirm that a text is destroyed');
    await vetoed.askDisposal();
    const inbox = await vetoed.page(`${clerk}/inbox`);
    expect(inbox).toContain('2 things wait for you.');
    expect(inbox).toContain('Confirm that a text is destroyedSomeone asked for it on');
    expect(inbox).toContain('The order is in file 26-0017. acme/1');
    expect(await vetoed.page(`${clerk}/inbox?lang=es`)).toContain('Confirmar que se destruye un texto');
    expect(await vetoed.page(`${mayor}/inbox`)).not.toContain('destroyed');
    expect((await city.post(`${mayor}/inbox`, { disposal: vetoed.commitment })).status).toBe(404);
    const opened = await city.post(`${clerk}/inbox`, { disposal: vetoed.commitment });
    expect(opened.headers.get('location')).toBe(await vetoed.confirmLink());
    expect(await (await city.get(`${clerk}/inbox`)).text()).toContain(`<a class="go" href="${await vetoed.confirmLink()}"`);
    await vetoed.disclose();
    expect(await vetoed.page(`${clerk}/inbox`)).not.toContain('Confirm that a text is destroyed');
    await vetoed.askDisposal('hc');
    expect(await vetoed.page(`${clerk}/inbox`)).not.toContain('Confirm that a text is destroyed');
    await vetoed.disclose();
    await vetoed.askDisposal();
    await vetoed.dispose();
    expect(await vetoed.page(`${clerk}/inbox`)).not.toContain('Confirm that a text is destroyed');
  });

  test('that was taken back cannot be confirmed', async () => {
    await vetoed.askDisposal();
    const link = await vetoed.confirmLink();
    await vetoed.disclose();
    expect(await vetoed.page(link)).toContain('Nothing waits for you here');
    expect((await vetoed.city.post(link, {})).status).toBe(409);
    const page = await (await vetoed.city.post(link, {}, { accept: 'text/html' })).text();
    expect(page).toContain('<h1>Nothing was recorded</h1>');
    expect(page).not.toContain('address is not valid');
    expect(await vetoed.page('/changes/acme/1')).toContain('5 Elm Street');
  });

  test('is for good: no order shows the text again, and sent again it does not come back', async () => {
    await vetoed.askDisposal();
    await vetoed.dispose();
    await vetoed.redact();
    expect(await vetoed.disclose()).toMatchObject({ ok: false, rejection: { code: 'already-redacted' } });
    expect((await vetoed.veto()).status).toBe(303);
    expect(await vetoed.texts()).toEqual([]);
  });

  test('confirmed while the text is being kept, it does not stay either', async () => {
    await vetoed.askDisposal();
    const { sideStore } = vetoed.city.ports;
    const link = await vetoed.confirmLink();
    await sideStore.remove('text', vetoed.commitment);
    let isFirst = true;
    const racing = {
      ...sideStore,
      put: async (...args: Parameters<typeof sideStore.put>) => {
        if (args[0] === 'text' && isFirst) {
          isFirst = false;
          await vetoed.city.post(link, {});
          await vetoed.redact();
        }
        await sideStore.put(...args);
      },
    };
    Object.assign(vetoed.city.deps.ports, { sideStore: racing });
    expect((await vetoed.veto()).status).toBe(303);
    expect((await readRedaction(vetoed.city.ports.store, vetoed.commitment))?.status).toBe('disposed');
    expect(await sideStore.list('text')).toEqual([]);
  });
});

describe('a confirmed disposal', () => {
  test('destroys nothing before it is in the log, not even when the order it confirms is; then the text goes', async () => {
    await vetoed.askDisposal();
    await vetoed.dispose();
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    expect(await vetoed.page('/changes/acme/1')).not.toContain('5 Elm Street');
    await vetoed.redact(async () => false);
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    await vetoed.redact(async ({ version }) => version === 1);
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    await vetoed.redact();
    expect(await vetoed.texts()).toEqual([]);
    expect((await redactionsOf(vetoed.city.ports, 'acme')).get(vetoed.commitment)?.status).toBe('disposed');
  });

  test('is carried out again after the deed failed', async () => {
    await vetoed.askDisposal();
    await vetoed.dispose();
    const { sideStore } = vetoed.city.ports;
    Object.assign(vetoed.city.deps.ports, {
      sideStore: { ...sideStore, erase: () => Promise.reject(new StoreUnavailable('a reader')) },
    });
    await vetoed.redact();
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
    Object.assign(vetoed.city.deps.ports, { sideStore });
    await vetoed.redact(RELEASED_AT_ONCE, Date.now() + 60_000);
    expect(await vetoed.texts()).toEqual([]);
  });

  test('that is not in the log: the same words sent again stay as they are', async () => {
    await vetoed.askDisposal();
    await vetoed.dispose();
    expect((await vetoed.veto()).status).toBe(303);
    expect(await vetoed.texts()).toEqual([vetoed.commitment]);
  });
});
