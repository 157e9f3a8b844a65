import { beforeEach, describe, expect, test } from 'vitest';
import { commitmentNamed } from '../../../../domain/feature/events.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { placeName, redactionStream } from '../../../../domain/redaction/decide.ts';
import { recordOptOut, recordRevocation } from '../../../../functions/gate/feature.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { orderRedaction, readRedactions, readText, removeText } from '../../../../functions/gate/redactions.ts';
import { NamedTexts } from '../../../../functions/log/verify/replay.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';
import { hidingBytes, placesOf } from '../../../../functions/register/documents.ts';
import { commitText, withText } from '../../../../functions/web/site/official/decide/order.ts';
import { certificate, cityForEach, decision, holdersWith, PEOPLE, POLICY, ROSTER, RULE } from './support/city.ts';

// The texts of officials, and what an operator withholds: hidden from the public at the place that the order names, never from those who
// decide.

const WORDS = 'Searches run on image content, not on plates.';
const REPORT = Buffer.from('What the cameras change.');
const report = digestOf(REPORT);
const NOTE = 'Withheld from the public by Records Act, file 26-0017, since March 3, 2026.';

const asking = { ...RULE, id: 'asking', when: { key: ['acme.lpr', 'acme.maps'] }, documents: ['impact-report'] };
/** The chair of the board leaves at the end of April. */
const holders = holdersWith('b1', { to: '2026-04-30' });
const city = cityForEach({ policy: { ...POLICY, rules: [asking, RULE] }, roster: { ...ROSTER, holders } });

const kept = async () => (await city.ports.sideStore.list('text')).map(({ value }) => (value as { text: string }).text).sort();

const orderOf = (key: string, commitment: string) =>
  ({ key, change: 1, revision: null, commitment, by: 'token:records', authority: 'Records Act', fileNumber: '26-0017' }) as const;
const withhold = (key: string, commitment: string, over: { revision?: number; change?: number; everywhere?: boolean } = {}) => {
  const order = { ...orderOf(key, commitment), action: 'withhold', everywhere: false, reason: 'confidential', ...over } as const;
  return orderRedaction(city.ports, order);
};
const expectShown = async (paths: readonly string[], text: string) => {
  for (const path of paths) expect(await city.plain(path), path).toContain(text);
};
const expectHidden = async (paths: readonly string[], text: string) => {
  for (const path of paths) expect(await city.plain(path), path).not.toContain(text);
};

describe('an open notice', () => {
  test('is withheld from the public, and stays on the pages of those who decide, marked as withheld', async () => {
    const change = await city.notify();
    const links = Object.values(await city.linksTo(change));
    const open = ['/changes/acme/1', '/packet?change=acme/1'];
    await expectShown([...open, ...links], WORDS);
    expect(await withhold('acme', change.digest)).toMatchObject({ ok: true });
    await expectHidden([...open, '/changes/acme/1?format=json', '/changes/acme/1?revision=1'], WORDS);
    await expectShown([...open, ...links], NOTE);
    await expectShown(links, WORDS);
    expect(await hidingBytes(city.ports, 'notice', change.digest)).toMatchObject({ fileNumber: '26-0017' });
  });

  test('of an earlier revision is compared with the next one for those who decide alone', async () => {
    const first = await city.notify();
    const next = await city.notify({ description: 'Searches run on faces.', revises: 1 });
    expect(await withhold('acme', first.digest, { revision: 1 })).toMatchObject({ ok: true });
    const mayor = await city.toMayor(next);
    for (const text of ['not on plates', NOTE]) await expectShown([mayor], text);
    await expectShown(['/changes/acme/1'], 'Searches run on faces.');
    await expectHidden(['/changes/acme/1'], 'not on plates');
  });

  test('sent again word for word as another change is hidden only where the order says', async () => {
    const first = await city.notify();
    await city.notify({ description: 'Other words.', revises: 1 });
    const { digest, change } = await city.notify();
    expect(digest).toBe(first.digest);
    await withhold('acme', digest);
    expect(await hidingBytes(city.ports, 'notice', digest)).toBe(undefined);
    await expectHidden(['/changes/acme/1'], 'not on plates');
    await expectShown([`/changes/${change}`], WORDS);
    const orders = await readRedactions(city.ports.store, digest);
    const places = await placesOf(city.ports, 'notice', orders, digest);
    expect(places.map(placeName)).toStrictEqual(['acme/1/1', `${change}/1`]);
    await withhold('acme', digest, { everywhere: true });
    await expectHidden([`/changes/${change}`], WORDS);
    expect(await hidingBytes(city.ports, 'notice', digest)).toMatchObject({ everywhere: true });
  });
});

describe('a document that two changes have', () => {
  beforeEach(async () => {
    for (const feature of ['acme.lpr', 'acme.maps']) {
      await city.notify({ feature });
      await city.attach(feature, REPORT);
    }
  });

  test('is hidden at one of them alone: the other shows it, and its bytes stay public', async () => {
    expect(await withhold('acme.lpr', report)).toMatchObject({ ok: true });
    await expectShown(['/changes/acme.lpr/1'], NOTE);
    await expectHidden(['/changes/acme.maps/1'], NOTE);
    await city.shows('/changes/acme.maps/1', `href="/log/document/${report.slice(7)}"`);
    expect(await hidingBytes(city.ports, 'document', report)).toBe(undefined);
    await withhold('acme.maps', report, { revision: 1 });
    expect(await hidingBytes(city.ports, 'document', report)).toMatchObject({ key: 'acme.lpr' });
  });

  test('is given to an official by the link to its change, and by no other', async () => {
    const mayor = await city.toMayor({ change: 'acme.lpr/1', revision: 1 } as Received);
    const other = await city.toMayor(await city.notify({ feature: 'acme.faces' }));
    await withhold('acme.lpr', report, { everywhere: true });
    const address = `/document/${report.slice(7)}`;
    await city.shows(mayor, `href="${mayor}${address}"`);
    await expectShown([mayor], NOTE);
    const given = await city.get(`${mayor}${address}`);
    expect([given.status, Buffer.from(await given.arrayBuffer())]).toStrictEqual([200, REPORT]);
    expect(given.headers.get('content-disposition')).toBe('attachment');
    expect(given.headers.get('cache-control')).toBe('no-store');
    for (const wrong of [`${other}${address}`, `${mayor}/document/${'0'.repeat(64)}`])
      expect((await city.get(wrong)).status).toBe(404);
  });
});

test('what is withheld is shown to nobody who has left the office', async () => {
  const shown = await city.notify({ feature: 'acme.lpr' });
  await city.attach('acme.lpr', REPORT);
  const links = [await city.link('chair', 'council', shown), await city.toMayor(shown)];
  await withhold('acme.lpr', shown.digest);
  await withhold('acme.lpr', report, { revision: 1 });
  const addresses = links.map((link) => `${link}/document/${report.slice(7)}`);
  const statuses = async () => Promise.all(addresses.map(async (address) => (await city.get(address)).status));
  await expectShown(links, WORDS);
  expect(await statuses()).toStrictEqual([200, 200]);
  city.passDays(60);
  await expectHidden(links.slice(0, 1), WORDS);
  await expectShown(links.slice(1), WORDS);
  await expectShown(links, NOTE);
  await city.hides(links[0] ?? '', String(addresses[0]));
  expect(await statuses()).toStrictEqual([404, 200]);
});

describe('a text', () => {
  let change: Received;
  let clerk: string;
  let mayor: string;
  beforeEach(async () => {
    change = await city.notify();
    ({ clerk, mayor } = await city.linksTo(change));
  });
  const linkOf = (who: 'clerk' | 'mayor') =>
    ({ purpose: 'decide', ...PEOPLE[who], key: 'acme', n: 1, revision: 1, generation: 1 }) as const;
  const certify = (comment?: string) => city.post(clerk, certificate(change, comment === undefined ? {} : { comment }));
  const sign = async (comment: string, over: Record<string, string> = {}) =>
    (await city.post(mayor, decision(change, { comment, ...over }))).status;

  test('is kept with the decision that names it, and none with a form that recorded nothing', async () => {
    expect([await sign('before my turn'), await kept()]).toStrictEqual([409, []]);
    await certify('certified');
    const other = { digest: `sha256:${'0'.repeat(64)}` };
    expect([await sign('on other words', other), await kept()]).toStrictEqual([409, ['certified']]);
    await sign('signed');
    // It stays, when the same text comes with another decision that is refused.
    expect([await sign('signed', { decision: 'refuse' }), await kept()]).toStrictEqual([409, ['certified', 'signed']]);
  });

  test('is there once, when the same form comes twice at once', async () => {
    const answers = await Promise.all([certify('at once'), certify('at once')]);
    expect([...answers.map(({ status }) => status), await kept()]).toStrictEqual([303, 303, ['at once']]);
  });

  test('of what was recorded is kept, though the same form was refused in that very moment', async () => {
    const link = { ...linkOf('clerk'), requirement: 'council' };
    const officialTexts = commitText(city.deps, link, 'at the same time');
    const recorded = await withText(city.deps, link, officialTexts, async () => {
      await removeText(city.ports, officialTexts.comment ?? '');
      return { ok: true };
    });
    expect([recorded, await kept()]).toStrictEqual([{ ok: true }, ['at the same time']]);
  });

  test('of what is recorded while the same text of a refused form is taken away is kept', async () => {
    const remove: SideStore['remove'] = async (...record) => {
      expect((await certify('meanwhile')).status).toBe(303);
      await city.ports.sideStore.remove(...record);
    };
    const deps = { ...city.deps, ports: { ...city.deps.ports, sideStore: { ...city.ports.sideStore, remove } } };
    const link = { ...linkOf('clerk'), requirement: 'council' };
    await withText(deps, link, commitText(deps, link, 'meanwhile'), async () => ({ ok: false }));
    expect(await kept()).toStrictEqual(['meanwhile']);
  });

  test('of a revocation that was recorded while the roster could not be read is kept, when the form comes again and is refused', async () => {
    const link = { ...linkOf('mayor'), requirement: 'mayor' };
    const committed = commitText(city.deps, link, 'not this');
    const office = { ...PEOPLE.mayor, requirement: 'mayor', fileNumber: null };
    const order = { ...office, key: 'acme', change: 1, reason: committed.comment };
    const done = await withText(city.deps, link, committed, () => recordRevocation(city.ports, 'revocation/1', order));
    expect([done.ok, await kept()]).toStrictEqual([true, ['not this']]);
    expect((await city.post(`${mayor}/revoke`, { reason: 'not this' })).status).toBe(409);
    expect(await kept()).toStrictEqual(['not this']);
  });

  test('of who confirmed an opt-out, and that is withheld, is shown to nobody who has left the office', async () => {
    await city.approve(change);
    const update = { kind: 'update', optOut: 'yes', withoutAction: 'on', effectiveAt: '2026-03-10T07:00:00Z' } as const;
    const { digest } = await city.notify({ ...update, title: 'Faces, too' });
    city.passDays(14);
    const evidence = { sha256: 'ab'.repeat(32), title: 'Screen' };
    const report = { key: 'acme', n: 2, revision: 1, digest, note: 'Console.', evidence, caller: { name: 'it', person: 'hm' } };
    expect(await recordOptOut(city.ports, report, null)).toMatchObject({ ok: true });
    const confirming = (who: 'chair' | 'clerk' | 'mayor') =>
      city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[who], key: 'acme', n: 2, revision: 1 });
    const form = { decision: 'confirm', of: 'opt-out', reason: 'I saw it.' };
    expect((await city.post(await confirming('clerk'), form)).status).toBe(303);
    const event = (await city.events()).at(-1);
    const commitment = event === undefined ? null : commitmentNamed(event);
    expect(await withhold('acme', commitment ?? '', { change: 2 })).toMatchObject({ ok: true });
    const [chair, another] = [await confirming('chair'), await confirming('mayor')];
    await expectShown([chair, another], form.reason);
    city.passDays(60);
    await expectHidden([chair], form.reason);
    await expectShown([another], form.reason);
  });

  describe('of a veto, about a person', () => {
    const PRIVATE = 'Ms. Example of 5 Elm Street called me.';
    const veto = () => sign(PRIVATE, { decision: 'refuse' });
    let commitment: string;
    beforeEach(async () => {
      expect([(await certify()).status, await veto()]).toEqual([303, 303]);
      [commitment = ''] = (await city.events()).flatMap((event) => commitmentNamed(event) ?? []);
    });
    const hide = () => orderRedaction(city.ports, { ...order(), action: 'withhold', everywhere: false, reason: 'personal-data' });
    const disclose = () => orderRedaction(city.ports, { ...order(), action: 'disclose' });
    const order = () => orderOf('acme', commitment);

    test('is on no public page, which name the order instead, and is shown to those who decide; sent again, it stays hidden', async () => {
      await expectShown(['/changes/acme/1'], '5 Elm Street');
      expect(await hide()).toMatchObject({ ok: true, redaction: { status: 'withheld', change: 1, version: 3 } });
      expect(await veto()).toBe(303);
      await expectHidden(['/changes/acme/1'], '5 Elm Street');
      await expectShown([mayor, clerk], '5 Elm Street');
      await expectShown(['/changes/acme/1', mayor, clerk], `${NOTE} It named private facts about a person.`);
      expect(await kept()).toEqual([PRIVATE]);
      const [commit] = await city.ports.store.history(redactionStream(commitment), {});
      expect(Buffer.from(commit?.bytes ?? []).toString()).not.toContain('Elm Street');
      expect(await disclose()).toMatchObject({ ok: true, redaction: { status: 'disclosed' } });
      await expectShown(['/changes/acme/1'], '5 Elm Street');
    });

    test('is withheld only where an event of the feature names it', async () => {
      const unknown = { ok: false, rejection: { code: 'not-found' } };
      expect(await withhold('acme', `sha256:${'0'.repeat(64)}`)).toMatchObject(unknown);
      expect(await withhold('acme.other', commitment)).toMatchObject(unknown);
      for (const over of [{ change: 2 }, { revision: 2 }])
        expect(await withhold('acme', commitment, over)).toMatchObject(unknown);
      expect(await withhold('acme', commitment, { revision: 1 })).toMatchObject({ ok: true });
    });

    test('a text that is missing is found, also while it is withheld', async () => {
      const counted = async () => {
        const found = new NamedTexts();
        for (const { stream } of (await city.ports.store.feed(undefined, 100)).items)
          for (const { version, bytes } of await city.ports.store.history(stream, {}))
            found.take({ stream, version, events: (JSON.parse(Buffer.from(bytes).toString()) as { events: [] }).events });
        return { ...found.count, missing: await found.missing(city.ports) };
      };
      const missing = [{ commitment, namedBy: 'feature/acme@3' }];
      expect(await counted()).toEqual({ commitments: 1, withheld: 0, files: 0, missing: [] });
      await hide();
      expect(await counted()).toEqual({ commitments: 1, withheld: 1, files: 0, missing: [] });
      await city.ports.sideStore.remove('text', commitment);
      expect(await counted()).toEqual({ commitments: 1, withheld: 1, files: 0, missing });
      await disclose();
      expect(await readText(city.ports, { ...order(), audience: 'officials' })).toBe(undefined);
      expect(await counted()).toEqual({ commitments: 1, withheld: 0, files: 0, missing });
    });
  });
});
