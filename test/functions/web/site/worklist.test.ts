import { beforeEach, describe, expect, test } from 'vitest';
import type { Task } from '../../../../domain/derived/record.ts';
import { observationStream } from '../../../../domain/observation/decide.ts';
import { observationAggregate } from '../../../../functions/gate/aggregates.ts';
import { endToken } from '../../../../functions/gate/tokens.ts';
import { eventsOf } from '../../../../functions/platform/store/load.ts';
import { DERIVED } from '../../../../functions/register/derived/records.ts';
import { readChange } from '../../../../functions/register/project.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { STYLE } from '../../../../functions/web/site/assets.ts';
import { announced, seen } from '../../../domain/derived/known.ts';
import { expectIn, expectNotIn } from '../../../support/texts.ts';
import { keyRecord, putKeyRecord, putTask, task } from '../../register/derived/derivedCity.ts';
import { cityForEach, decision, refusalOf } from './support/city.ts';

type Fields = Readonly<Record<string, string>>;

let token: string;
const city = cityForEach();
const make = (given: Partial<Parameters<typeof createToken>[1]>) =>
  createToken(city.ports, { name: 'it', scopes: ['observe'], ...given });
beforeEach(async () => {
  ({ token } = await make({ scopes: ['state:read', 'observe'], person: 'h1' }));
});

const acme = (key: string, over: Partial<Task> = {}): Task => task({ key, vendor: 'acme', ...over });
const NO_CHANGE = { change: null, digest: null };
const OFF = acme('acme.share', { kind: 'switch-off', because: 'never-announced', ...NO_CHANGE, urgent: true });
const OPT_OUT = acme('acme.lpr', {
  because: 'not-stated',
  change: 'acme.lpr/1',
  digest: announced().digest,
  how: 'Settings, <AI>, off.',
  by: '2026-04-01T06:00:00.000Z',
});
const ON = acme('acme', { kind: 'switch-on', because: 'approved', by: null, change: 'acme/1' });
const LOOK = acme('acme.zoom', { kind: 'look', because: 'takes-effect', by: '2026-03-20T06:00:00.000Z' });

const open = async (...tasks: readonly Task[]) => {
  await Promise.all(tasks.map((each) => putTask(city.ports.sideStore, each)));
};
const know = (key: string, over: Parameters<typeof keyRecord>[0]) =>
  putKeyRecord(city.ports.sideStore, keyRecord({ key, ...over }));

const asked = (query = '', sent = token) => city.get(`/worklist${query}`, { authorization: `Bearer ${sent}` });
const shown = async (sent = token) => (await asked('', sent)).text();
const keysIn = (page: string) => [...page.matchAll(/<code>([^<]+)<\/code><\/a>/g)].map(([, key]) => key);

const field = (page: string, key: string, name: string) => {
  const card = page.split('<li class="card">').find((each) => each.includes(`>${key}</code></a>`)) ?? '';
  return new RegExp(` name="(${name}\\.[0-9a-f]{12})"`).exec(card)?.[1] ?? `no ${name} of ${key}`;
};
const hiddenOf = (page: string): Fields =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="(about\.[0-9a-f]{12})" value="([^"]*)">/g)].map(([, ...pair]) => pair),
  );

/** Sends the form of the page with what is entered for some keys, as a browser does. */
const sendForm = async (entered: Readonly<Record<string, Fields>>, sent = token) => {
  const page = await shown(sent);
  const fields = Object.entries(entered).flatMap(([key, values]) =>
    Object.entries(values).map(([name, value]) => [field(page, key, name), value] as const),
  );
  const body = { ...hiddenOf(page), ...Object.fromEntries(fields), token: sent, step: 'record' };
  return city.post('/worklist', body, { accept: 'text/html' });
};

const oneTask = (about: string, act: string, more: Fields = {}, ref = '0123456789ab') =>
  Object.fromEntries(Object.entries({ about, act, ...more }).map(([name, value]) => [`${name}.${ref}`, value]));
const record = (fields: Fields) => city.post('/worklist', { token, step: 'record', ...fields });

const reported = async (source = 'worklist') => {
  const commits = await city.ports.store.history(observationStream('acme', source, false), { after: 0, limit: 50 });
  return commits.flatMap((commit) => eventsOf(observationAggregate, commit));
};

describe('what is to be done', () => {
  test('urgent first, then by day, then what may go on; each with why, by when, how and what was seen', async () => {
    await city.approve(await city.notify());
    await open(ON, OPT_OUT, OFF, LOOK);
    const reports = [
      seen(true, '2026-03-02T15:00:00.000Z', { source: 'audit <1>' }),
      // A vendor’s “off” counts only where no other source looked, as on the page of the feature.
      seen(false, '2026-03-03T15:00:00.000Z', { source: 'acme', kind: 'vendor', attested: true }),
    ];
    await know('acme.lpr', { changes: [announced()], reports });
    const page = await shown();
    const keys = ['acme.share', 'acme.zoom', 'acme.lpr', 'acme'];
    expect(keysIn(page)).toEqual(keys);
    expect(await (await asked('?format=json')).json()).toMatchObject({ items: keys.map((key) => ({ key })), next: null });
    expectIn(
      page,
      'FreeForm search',
      'Ask the vendor, and opt out if you can',
      'Settings, &lt;AI&gt;, off.',
      '<time datetime="2026-03-02T15:00:00.000Z">',
      'audit &lt;1&gt;',
      'Acme Cameras',
      '(file 26-0412)',
    );
    expectNotIn(page, token, 'Seen off');
  });

  test('who confirmed the record of a vote is not named among those who decided', async () => {
    const vetoed = await city.notify();
    await city.certify(vetoed);
    await city.refuse(vetoed);
    city.passDays(1);
    await city.certify(vetoed, { purpose: 'override', meetingDate: '2026-03-03', fileNumber: '26-9' });
    await city.post(await city.link('h4', 'council', vetoed), decision(vetoed, { decision: 'confirm' }));
    await open(ON);
    expect(await shown()).toMatch(/Decided by: City Council \(file 26-0412\) and City Council \(file 26-9\)\./);
  });

  test('a source that is silent: nothing to record, nor where there is nothing to do', async () => {
    expect(await shown()).not.toContain('value="record"');
    await open(task({ key: null, kind: 'look', vendor: 'acme', source: 'round', because: 'silent', ...NO_CHANGE }));
    const page = await shown();
    expect(page).toContain('round');
    expect(page).not.toContain('value="record"');
  });

  test('as CSV, with the next part in a header; of one vendor; a bad address is refused', async () => {
    await open(OFF, LOOK, OPT_OUT, task({ key: 'zeta', vendor: 'zeta' }));
    const answer = await asked('?format=csv&limit=2&vendor=acme');
    const [head, first] = (await answer.text()).split('\r\n');
    expect(head?.split(',')).toHaveLength(22);
    expect(first).toContain('"switch-off","true","acme","acme.share"');
    const [, next = ''] = /^<(\/worklist\?[^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? [];
    const rest = await city.get(next, { authorization: `Bearer ${token}` });
    expect((await rest.text()).split('\r\n')).toHaveLength(3);
    expect(rest.headers.get('link')).toBeNull();
    for (const bad of ['cursor=!', 'limit=0']) expect((await asked(`?format=json&${bad}`)).status).toBe(400);
  });

  test('more than fit: the page goes on by a form of its own, which takes the token again', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `acme.s${String(n).padStart(2, '0')}`);
    await open(...names.map((key) => acme(key)));
    const page = await shown();
    expect(keysIn(page)).toEqual(names.slice(0, 15));
    expect(page.length + STYLE.length).toBeLessThan(60 * 1024);
    expect(page).toContain('Record what you marked first.');
    const [, cursor = ''] = /<input type="hidden" name="cursor" value="([^"]+)">/.exec(page) ?? [];
    const police = await make({ scopes: ['state:read', 'observe'], person: 'h1', agencies: ['police'] });
    expect((await city.post('/worklist', { token: police.token, cursor })).status).toBe(400);
    const rest = await city.answered('/worklist', { token, cursor });
    expect(keysIn(rest)).toEqual(names.slice(15));
    expect(rest).not.toContain('id="token-more"');
    // With a fault, the same tasks come again.
    const [form = ''] = /<form method="post" action="\/worklist">.*?<\/form>/s.exec(rest) ?? [];
    expect(form).toContain(`<input type="hidden" name="cursor" value="${cursor}">`);
    const entered = { ...hiddenOf(rest), [field(rest, 'acme.s17', 'sha256')]: 'no digest', token, cursor, step: 'record' };
    const faulty = await city.post('/worklist', entered, { accept: 'text/html' });
    const again = await faulty.text();
    expect([faulty.status, keysIn(again)]).toEqual([422, names.slice(15)]);
    expect(again).toContain('value="no digest"');
    expect(await refusalOf(city.post('/worklist', { token, cursor, limit: '5' }))).toEqual([422, '/limit']);
  });

  test('of one vendor, on every further page too; says how many there are in all', async () => {
    await city.notify();
    await open(
      ...Array.from({ length: 20 }, (_, n) => acme(`acme.s${n}`)),
      task({ key: 'other', vendor: 'other', urgent: true }),
    );
    await city.ports.sideStore.put(DERIVED.figures, 'only', { openCases: 0, pastCases: 0, tasks: 21, urgentTasks: 1 });
    const page = await city.answered('/worklist', { token, vendor: 'acme' });
    expectIn(page, 'In the whole city: 21. Urgent: 1.', '<option value="acme" selected>Acme Cameras</option>');
    expect(page.match(/<input type="hidden" name="vendor" value="acme">/g)).toHaveLength(2);
    const [, cursor = ''] = /<input type="hidden" name="cursor" value="([^"]+)">/.exec(page) ?? [];
    expect([...keysIn(page), ...keysIn(await city.answered('/worklist', { token, vendor: 'acme', cursor }))]).toHaveLength(20);
    const acts = oneTask('acme.s1', 'on', {}, field(page, 'acme.s1', 'act').slice(4));
    for (const sent of [{}, { ...acts, step: 'record' }])
      expect((await city.post('/worklist', { token, ...sent, vendor: 'A/' })).status).toBe(400);
    expect(await reported()).toEqual([]);
  });

  test('what is marked is not lost by a token that is misspelt', async () => {
    await open(OFF);
    const entered = {
      ...oneTask('acme.share', 'on', { note: 'Seen <here>' }, field(await shown(), 'acme.share', 'act').slice(4)),
    };
    const asks = await city.answered('/worklist', { ...entered, token: 'ald_x', step: 'record' });
    const kept = Object.fromEntries(
      [...asks.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, ...pair]) => pair),
    );
    expect(Object.keys(kept).sort()).toEqual(Object.keys(entered).sort());
    expectIn(await city.answered('/worklist', { ...entered, token }), 'value="on" checked', 'Seen &lt;here&gt;');
    expect(await reported()).toEqual([]);
  });

  test('a token of some agencies sees what concerns them, also where a form is shown again', async () => {
    const police = await make({ scopes: ['state:read', 'observe'], person: 'h1', agencies: ['police'] });
    await open({ ...OFF, agencies: ['police', 'fire'] }, { ...LOOK, agencies: ['fire'] });
    const items = [{ key: 'acme.share', agencies: ['police'] }];
    expect(await (await asked('?format=json', police.token)).json()).toMatchObject({ items, next: null });
    const again = await sendForm({ 'acme.share': { act: 'on-for', agencies: '' } }, police.token);
    expect([again.status, keysIn(await again.text())]).toEqual([422, ['acme.share']]);
  });
});

describe('what was done or seen', () => {
  test('several at once, with a note, a file, agencies and a version: a report for each note and file', async () => {
    await open(OFF, LOOK, OPT_OUT, acme('acme.zoom2', { kind: 'look' }));
    const file = { note: 'console <b>', file: 'console.png', sha256: `SHA256:${'AB'.repeat(32)}` };
    const answer = await sendForm({
      'acme.share': { act: 'on-for', agencies: 'police\r\n fire \r\n', version: '2026.4', ...file },
      'acme.zoom': { act: 'off', ...file },
      'acme.zoom2': { act: 'on', version: '7' },
      'acme.lpr': { act: 'nothing', note: 'not sent' },
    });
    expect(answer.status).toBe(303);
    expect(await reported()).toMatchObject([
      {
        features: { 'acme.share': { on: true, agencies: ['police', 'fire'], version: '2026.4' }, 'acme.zoom': false },
        note: 'console <b>',
        evidence: { sha256: 'ab'.repeat(32), title: 'console.png' },
      },
      { features: { 'acme.zoom2': { on: true, version: '7' } }, note: null, evidence: null },
    ]);
    const receipt = await city.page(answer.headers.get('location') ?? '');
    expect(receipt.match(/<code>acme\.(?:share|zoom2?)<\/code>/g)).toHaveLength(3);
    expect(receipt).not.toContain('acme.lpr');
  });

  test('a token with a source reports as that', async () => {
    const own = await make({ person: 'h2', source: 'night round' });
    await open(OFF);
    const sent = await sendForm({ 'acme.share': { act: 'on' } }, own.token);
    expect(sent.headers.get('location')).toBe('/worklist?recorded=observation%2Facme%2Fnight%2520round');
    expect(await reported('night round')).toMatchObject([{ person: 'h2', features: { 'acme.share': true } }]);
  });

  test('the same again within the hour is on record where another saw it otherwise meanwhile', async () => {
    await open(OFF);
    const say = async (minutesOn: number) => {
      city.passDays(minutesOn / 1_440);
      expect((await sendForm({ 'acme.share': { act: 'off' } })).status).toBe(303);
      return (await reported()).map(({ observedAt }) => observedAt.slice(11, 16));
    };
    const own = seen(false, '2026-03-03T15:00:00.000Z', { source: 'worklist' });
    const other = seen(true, '2026-03-03T15:20:00.000Z', { source: 'audit' });
    expect(await say(0)).toEqual(['15:00']);
    await know('acme.share', { reports: [own] });
    expect(await say(10)).toEqual(['15:00']);
    await know('acme.share', { reports: [own, other] });
    expect(await say(30)).toEqual(['15:00', '15:40']);
  });

  test('a key with others beneath: those that its task stands for, if it is said of them', async () => {
    for (const key of ['acme.share.a', 'acme.share.c', 'acme.shared']) await know(key, { countsFor: 'acme.share' });
    await know('acme.share.b', { countsFor: null });
    await open({ ...OFF, below: 2 });
    for (const said of [{ act: 'off', below: 'yes' }, { act: 'off' }, { act: 'on', below: 'yes' }] as readonly Fields[]) {
      await sendForm({ 'acme.share': said });
      city.passDays(1);
    }
    expect((await reported()).map(({ features }) => features)).toEqual([
      { 'acme.share': false, 'acme.share.a': false, 'acme.share.c': false },
      { 'acme.share': false },
      { 'acme.share': true },
    ]);
  });

  test('as many beneath as the page showed: if others follow it by then, nothing is recorded of it', async () => {
    for (const key of ['acme.share.a', 'acme.share.c']) await know(key, { countsFor: 'acme.share' });
    await open({ ...OFF, below: 2 });
    expect((await sendForm({ 'acme.share': { act: 'off', below: 'on' } })).status).toBe(422);
    await know('acme.share.d', { countsFor: 'acme.share' });
    const late = await sendForm({ 'acme.share': { act: 'off', below: '2' } });
    expect([late.status, await late.text()]).toEqual([
      409,
      expect.stringContaining('acme.share: What you decided on has changed'),
    ]);
    expect(await reported()).toEqual([]);
    expect((await sendForm({ 'acme.share': { act: 'off', below: '3' } })).status).toBe(303);
    expect((await reported()).map(({ features }) => Object.keys(features).length)).toEqual([4]);
  });

  test('what is said of a key itself counts, wherever it stands in the form, and not what is said of all beneath another', async () => {
    await know('acme.share.a', { countsFor: 'acme.share' });
    await open({ ...LOOK, key: 'acme.share.a' }, { ...OFF, below: 1, by: '2026-04-01T06:00:00.000Z', urgent: false });
    const above = { act: 'off', below: 'yes' };
    await sendForm({ 'acme.share.a': { act: 'on' }, 'acme.share': above });
    city.passDays(1);
    await sendForm({ 'acme.share.a': { act: 'on', note: 'still there' }, 'acme.share': above });
    expect((await reported()).map(({ features }) => features)).toEqual([
      { 'acme.share': false, 'acme.share.a': true },
      { 'acme.share.a': true },
      { 'acme.share': false },
    ]);
  });

  test('two answers about one key that contradict each other: the form again, and nothing is recorded', async () => {
    const twice = (one: string, other: string) =>
      record({ ...oneTask('acme.share', one), ...oneTask('acme.share', other, {}, 'ba9876543210') });
    for (const answer of [twice('on', 'off'), twice('off', 'on')])
      expect(await refusalOf(answer)).toEqual([422, '/act.ba9876543210']);
    expect(await reported()).toEqual([]);
    expect((await twice('off', 'off')).status).toBe(303);
  });

  describe('opted out', () => {
    const announcedTask = async () => {
      const { change, revision, digest } = await city.notify({ feature: 'acme.lpr', effectiveAt: '2026-06-01' });
      await know('acme.lpr', { changes: [announced({ revision, digest, at: city.now() })] });
      await open({ ...OPT_OUT, change, digest });
    };
    const optOutOf = async () => (await readChange(city.ports, 'acme.lpr', 1))?.view.optOut;

    test('an act on the wording in the name of the person, and a receipt; the same again is the same', async () => {
      await announcedTask();
      const said = { act: 'opted-out', note: 'Settings, AI', file: 'a.png', sha256: 'ab'.repeat(32) };
      const answer = await sendForm({ 'acme.lpr': said });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/worklist?recorded=acme.lpr%2F1']);
      await city.shows('/worklist?recorded=acme.lpr%2F1', '<code>acme.lpr/1</code>');
      expect((await sendForm({ 'acme.lpr': said })).status).toBe(303);
      const evidence = { sha256: 'ab'.repeat(32), title: 'a.png' };
      expect(await optOutOf()).toMatchObject({ standing: 'counts', records: [{ person: 'h1', evidence }] });
      expect(await reported()).toEqual([]);
    });

    test('without saying where it was set: the form again', async () => {
      await announcedTask();
      const answer = await sendForm({ 'acme.lpr': { act: 'opted-out' } });
      expect([answer.status, await optOutOf()]).toEqual([422, null]);
    });

    test('the vendor has revised it: refused; what else was sent is on record, and both are said', async () => {
      await announcedTask();
      await open(OFF);
      await city.notify({ feature: 'acme.lpr', revises: 1, title: 'Other words' });
      const answer = await sendForm({ 'acme.lpr': { act: 'opted-out', note: 'x' }, 'acme.share': { act: 'off' } });
      expect([answer.status, await optOutOf()]).toEqual([409, null]);
      expect(await answer.text()).toContain('<code>acme.share</code> off');
      expect(await reported()).toHaveLength(1);
    });

    test('a token without a person is not offered it, and is refused', async () => {
      await announcedTask();
      const { token: nobodys } = await make({});
      expect(await shown(nobodys)).not.toContain('value="opted-out"');
      const answer = await sendForm({ 'acme.lpr': { act: 'opted-out', note: 'x' } }, nobodys);
      expect([answer.status, await optOutOf()]).toEqual([409, null]);
    });

    test.each([
      ['a change that is not there', `acme.x;7;1;${OPT_OUT.digest}`, 409],
      ['no change', 'acme.x', 422],
    ])('of %s: refused', async (_, about, status) => {
      expect((await record(oneTask(about, 'opted-out', { note: 'x' }))).status).toBe(status);
    });
  });

  test.each<[string, Fields, string]>([
    ['nothing chosen', {}, 'act'],
    ['no such choice', { act: 'maybe' }, 'act'],
    ['on for nobody', { act: 'on-for' }, 'agencies'],
    ['off for some', { act: 'off', agencies: 'police' }, 'agencies'],
    ['an agency too long', { act: 'on-for', agencies: 'x'.repeat(81) }, 'agencies'],
    ['a version too long', { act: 'on', version: 'x'.repeat(101) }, 'version'],
    ['a note too long', { act: 'on', note: 'x'.repeat(501) }, 'note'],
    ['a file without a name', { act: 'on', sha256: 'ab'.repeat(32) }, 'file'],
    ['a file without its SHA-256', { act: 'on', file: 'a.png' }, 'sha256'],
  ])('%s: the form again with what is wrong and what was entered; nothing is recorded', async (_, entered, wrong) => {
    await open(OFF, LOOK);
    const answer = await sendForm({ 'acme.share': entered, 'acme.zoom': { note: 'kept' } });
    const page = await answer.text();
    expect([answer.status, await reported()]).toEqual([422, []]);
    expect(page).toMatch(new RegExp(`<a href="#(w-${wrong}-[0-9a-f]{12})">[\\s\\S]* id="\\1"`));
    expect(page).toContain('value="kept"');
    expect(page).not.toContain(token);
  });

  test('a program is answered as one', async () => {
    expect(await refusalOf(record({}))).toEqual([422, '/step']);
    expect((await record({ ...oneTask('acme', 'off'), x: '1' })).status).toBe(422);
    const unknown = oneTask(`acme.x;7;1;${OPT_OUT.digest}`, 'opted-out', { note: 'x' });
    const both = { step: 'record', ...unknown, ...oneTask('acme.share', 'off', {}, 'ba9876543210') };
    const refused = await city.post('/worklist', both, { authorization: `Bearer ${token}` });
    expect(await refused.json()).toMatchObject({
      status: 409,
      type: 'urn:aldergate:problem:unknown-change',
      detail: 'recorded: observation/acme/worklist; refused: there is no change acme.x/7',
    });
    expect(await reported()).toHaveLength(1);
  });

  test.each(['Acme', 'aldergate.policy'])('of %s, which no vendor could own: the form again', async (about) => {
    expect((await record(oneTask(about, 'off'))).status).toBe(422);
    expect(await city.ports.store.head(observationStream('aldergate', 'worklist', false))).toBeUndefined();
  });

  test('more than a report holds: refused, and said', async () => {
    const agencies = Array.from({ length: 40 }, (_, n) => `${n} ${'x'.repeat(70)}`).join('\n');
    const fields = Array.from({ length: 25 }, (_, n) =>
      oneTask(`acme.s${n}`, 'on-for', { agencies }, String(n).padStart(12, '0')),
    );
    const answer = await record(Object.assign({}, ...fields) as Fields);
    expect([answer.status, await reported()]).toEqual([409, []]);
  });

  test('a receipt names only what is on record', async () => {
    const invented = '?recorded=observation%2Facme%2Fworklist&recorded=feature%2Facme&recorded=x';
    await city.hides(`/worklist${invented}`, 'Recorded');
  });
});

describe('who may', () => {
  const signIn = (sent: string, headers: Record<string, string> = {}) =>
    city.post('/worklist', { token: sent }, { accept: 'text/html', ...headers });

  test('a browser is asked for a token, which is in no address, no cookie and on no page', async () => {
    const form = await city.get('/worklist');
    expect([form.status, form.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer/)]);
    expect(await form.text()).toMatch(/<title>Worklist[\s\S]*<input type="password" id="token" name="token" required/);
    const page = await signIn(token);
    expect(page.status).toBe(200);
    expect(page.headers.get('set-cookie')).toBeNull();
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    expect(await page.text()).not.toContain(token);
  });

  test('a token that is missing, misspelt, of another scope or revoked', async () => {
    const other = await make({ scopes: ['notice'], person: 'h2' });
    const statuses = await Promise.all(['', 'ald_x', other.token].map(async (sent) => (await signIn(sent)).status));
    expect(statuses).toEqual([401, 401, 403]);
    expect((await signIn('', { 'x-api-key': token })).status).toBe(200);
    const ended = await make({ scopes: ['state:read'] });
    await endToken(city.ports, ended.id);
    for (const headers of [{}, { 'x-api-key': ended.token }])
      expect((await city.get('/worklist?format=json', { ...headers, accept: 'application/json' })).status).toBe(401);
  });

  test('a token that reads sees the tasks and cannot record; one that observes can do both', async () => {
    await open(OFF);
    const reader = await make({ scopes: ['state:read'] });
    expect(await shown(reader.token)).not.toContain('value="record"');
    expect((await record({ token: reader.token, ...oneTask('acme.share', 'off') })).status).toBe(403);
    expect(await reported()).toEqual([]);
    expect((await sendForm({ 'acme.share': { act: 'off' } }, (await make({})).token)).status).toBe(303);
    expect(await reported()).toMatchObject([{ person: null }]);
  });
});
