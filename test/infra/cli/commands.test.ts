import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { listOutbox } from '../../../functions/platform/mail/localMailers.ts';
import { answersOf, asEnded } from '../../../infra/cli/commands/init.ts';
import { startConsumers } from '../../../infra/local/consumers.ts';
import { type Installation, mailerOf, openInstallation } from '../../../infra/local/installation.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import type { LocalServer } from '../../../infra/local/server.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import {
  addVendor,
  beginPlace,
  placeOfFile,
  placeOfTest,
  printed,
  refused,
  searchNotice,
  writeIn,
} from '../local/cityProcess.ts';
import { cli, cliJson, type Place, postNotice, serveHere } from '../local/process.ts';
import { unheard } from '../local/revokedCity.ts';

const place = await placeOfFile();
let server: LocalServer | undefined;
const file = (name: string, content: unknown) => writeIn(place, name, content);
const textIn = (name: string) => readFileSync(join(place.folder, name), 'utf8');

const within = async ({ env, folder }: Place, work: (installation: Installation) => Promise<unknown>) => {
  const installation = openInstallation(readSettings(env, join(folder, 'aldergate.config.json')));
  await work(installation);
  await installation.close();
};

afterAll(() => server?.close());

describe('a new installation', () => {
  test('init writes three files that the next commands take as they are, and never over what is there', async () => {
    expect(await cli(place, 'init')).toMatchObject(printed('npx aldergate roster set roster.json'));
    const config = textIn('aldergate.config.json');
    expect(await cli(place, 'init')).toMatchObject(printed('kept  roster.json'));
    expect(textIn('aldergate.config.json')).toBe(config);
    expect(await cliJson(place, 'roster', 'set', 'roster.json')).toMatchObject({ number: 1, waits: null });
    const early = await cli(place, 'policy', 'adopt', 'policy.json', '--document', 'review=roster.json');
    expect(early).toMatchObject(refused('nothing asks for --document: the first policy'));
    expect(await cliJson(place, 'policy', 'adopt', 'policy.json')).toMatchObject({ number: 1, waits: null });
  });

  test('init takes answers as options, asks for the others on a terminal, and writes the name of the log with the address', async () => {
    const folder = join(place.folder, 'answered');
    mkdirSync(folder);
    const there = { ...place, folder, env: { ...place.env, ALDERGATE_DATA: join(folder, 'data') } };
    const given = '--city Springfield --address https://Gate.Springfield.gov/ --time-zone America/Chicago --seats 50';
    const [contact, data] = ['555-0100', join(folder, 'kept')];
    const made = await cli(there, 'init', ...given.split(' '), '--contact', contact, '--data', data);
    expect(made).toMatchObject(printed(`as the user to whom ${data} belongs:\n\n  aldergate roster set roster.json`));
    expect(made.stdout).not.toMatch(/npx|npm/);
    expect(JSON.parse(textIn('answered/aldergate.config.json'))).toMatchObject({
      data,
      city: 'Springfield',
      contact: '555-0100',
      timeZone: 'America/Chicago',
      url: 'https://gate.springfield.gov',
      port: 8787,
      logOrigin: 'gate.springfield.gov/log',
    });
    expect(await cliJson(there, 'roster', 'set', 'roster.json')).toMatchObject({ number: 1 });
    expect(await cliJson(there, 'policy', 'adopt', 'policy.json')).toMatchObject({ number: 1 });
    const long = textIn('answered/roster.json').replaceAll('Council member', 'The honorable member of the council'.repeat(4));
    writeIn(there, 'long.json', JSON.parse(long));
    expect(await cli(there, 'roster', 'set', 'long.json')).toMatchObject(refused('it is longer than 13500 bytes without mail'));
    expect(await cli(there, 'policy', 'explain', 'acme')).toMatchObject(printed('26 yes of 50, quorum 26'));
    for (const wrong of ['--seats=2', '--time-zone=Mars/City', '--address=https://gate.gov/path', '--address=gate.gov'])
      expect(await cli(there, 'init', wrong), wrong).toMatchObject({ code: 2, stdout: '' });

    const here = { ...place, folder: join(place.folder, 'here') };
    mkdirSync(here.folder);
    expect(await cli(here, 'init', '--address', 'http://localhost:9321')).toMatchObject({ code: 0 });
    expect(JSON.parse(textIn('here/aldergate.config.json'))).toMatchObject({ port: 9321, url: 'http://localhost:9321' });

    const typed = ['gate.gov', 'https://gate.gov', '', '', '60', '5'];
    const asked: string[] = [];
    const answers = await answersOf({ city: 'Shelbyville' }, async (question) => {
      asked.push(question);
      return typed.shift() ?? expect.fail(question);
    });
    expect(answers).toEqual({
      city: 'Shelbyville',
      address: 'https://gate.gov',
      timeZone: 'UTC',
      contact: 'City clerk, clerk@city.example',
      seats: '5',
    });
    expect([asked.length, typed]).toEqual([6, []]);
    expect(asked[1]).toMatch(/^It must be http/);
    expect(() => asEnded(Object.assign(new Error('Aborted with Ctrl+C'), { code: 'ABORT_ERR' }))).toThrow('nothing was written');
  });

  test('a later policy is put to the vote, a later roster waits for an office-holder', async () => {
    file('policy-2.json', { ...JSON.parse(textIn('policy.json')), version: '2' });
    const adopted = await cliJson(place, 'policy', 'adopt', 'policy-2.json');
    expect(adopted).toMatchObject({ number: null, waits: { change: 'aldergate.policy/1', status: 'pending' } });
    const again = await cli(place, 'policy', 'adopt', 'policy-2.json', '--repin');
    expect(again).toMatchObject(printed('once it is in force, adopt it again with --repin'));
    const none = 'policy, version 1: 0 open changes are judged by it from now on\n';
    expect(await cli(place, 'policy', 'adopt', 'policy.json', '--repin')).toMatchObject({ stdout: none });
    expect(await cliJson(place, 'policy', 'show')).toMatchObject({ number: 1, policy: { version: '1' } });
    expect(await cli(place, 'policy', 'show')).toMatchObject(printed('aldergate.policy/1 waits for approval'));
    expect(await cliJson(place, 'policy', 'show', '--at', '2020-01-01')).toMatchObject({ number: null, policy: null });
    expect(await cli(place, 'policy', 'show', '--at', '2999-01-01')).toMatchObject(refused('--at is in the future', 2));
    const roster = file('roster-2.json', textIn('roster.json').replace('The Mayor', 'The other Mayor'));
    expect(await cliJson(place, 'roster', 'set', roster)).toMatchObject({ number: 1, waits: { number: 2 } });
  });

  test('one person with the command line adds no seat: the city votes on it with the policy, which names who sits in it', async () => {
    const { bodies, holders } = JSON.parse(textIn('roster.json'));
    const puppet = { ...holders.at(-1), id: 'puppet', seat: 'second-mayor', body: 'mayor', email: 'puppet@elsewhere.example' };
    const grown = {
      bodies: { ...bodies, mayor: { ...bodies.mayor, seats: ['mayor', 'second-mayor'] } },
      holders: [...holders, puppet],
    };
    const set = await cli(place, 'roster', 'set', file('grown.json', grown));
    for (const why of ['aldergate policy adopt FILE --roster FILE', 'mayor/second-mayor is a new seat'])
      expect(set).toMatchObject(refused(why));
    const named = await cliJson(place, 'policy', 'adopt', 'policy.json', '--roster', 'grown.json');
    expect(named).toMatchObject({ number: null, waits: { change: 'aldergate.policy/2', status: 'pending' } });
    expect(await cliJson(place, 'policy', 'show')).toMatchObject({ number: 1, bodies: { mayor: { seats: ['mayor'] } } });
  });

  test('doctor names a term that ends within sixty days without a successor, and fails no run by it', async () => {
    const soon = await placeOfTest();
    const roster = JSON.parse(textIn('roster.json'));
    const to = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    const holders = roster.holders.map((each: { id: string }) => (each.id === 'mayor' ? { ...each, to } : each));
    expect(await cli(soon, 'roster', 'set', writeIn(soon, 'roster.json', { ...roster, holders }))).toMatchObject({ code: 0 });
    expect(await cli(soon, 'doctor')).toMatchObject(printed(`The term of mayor in mayor/mayor ends ${to}`));
  });

  test('the policy names who would have to approve', async () => {
    const explain = ['policy', 'explain', 'acme.search'];
    expect(await cliJson(place, ...explain, '--kind', 'update', '--impact', 'sharing,cost')).toMatchObject({
      rule: 'everything-else',
      requirements: [
        { id: 'council', needed: 4 },
        { id: 'mayor', after: ['council'] },
      ],
      alarms: [],
    });
    expect(await cli(place, ...explain)).toMatchObject(printed('council: City Council by certification, 4 yes of 7'));
  });
});

describe('vendors and what the city hears', () => {
  test('a vendor gets a secret once; a rotation leaves the old one valid for a week', async () => {
    const added = await addVendor(place, 'acme', 'Acme Cameras');
    const rotated = await cliJson(place, 'vendor', 'rotate', 'acme');
    expect(rotated).toMatchObject({ id: 'acme', keys: [{ scheme: 'v1', secret: expect.stringMatching(/^whsec_/) }] });
    expect(JSON.stringify(rotated)).not.toContain(added.secret);
    const listed = await cliJson(place, 'vendor', 'list');
    const keys = expect.arrayContaining([
      expect.objectContaining({ validUntil: null }),
      expect.objectContaining({ validUntil: expect.any(String) }),
    ]);
    expect(listed).toMatchObject({ items: [{ id: 'acme', keys }] });
    expect(JSON.stringify(listed)).not.toContain('whsec_');
    const key = added.id;
    expect(await cliJson(place, 'vendor', 'revoke-key', 'acme', key)).toEqual({ id: 'acme', key, revoked: true });
    const contact = { vendor: 'acme', email: 'sales@acme.example' };
    const inLanguage = ['vendor', 'contact', 'acme', contact.email, '--language'];
    expect(await cliJson(place, ...inLanguage, 'es-419')).toEqual(contact);
    expect(await cli(place, ...inLanguage, 'xx')).toMatchObject(refused('aldergate: --language is none of en, es\n', 2));
    // To ask for an address must not take it away.
    expect(await cli(place, 'vendor', 'contact', 'acme')).toMatchObject(refused('or none', 2));
    expect(await cli(place, 'vendor', 'contact', 'acme', 'none')).toMatchObject(printed('acme gets no mail'));
  });

  test('forms by link, links and passkeys of officials are made and ended', async () => {
    const form = z.object({ id: z.string(), url: z.string() });
    const made = form.parse(await cliJson(place, 'vendor', 'form', 'acme', '--valid', 'P7D'));
    expect(made.url).toContain(`${place.url}/n/`);
    const forms = (await cli(place, 'vendor', 'forms', 'acme')).stdout;
    expect([forms.includes(made.id), forms.includes(made.url.split('/n/')[1] ?? '')]).toEqual([true, false]);
    expect(await cliJson(place, 'vendor', 'forms', 'acme', '--revoke')).toEqual({ vendor: 'acme', revoked: 1 });
    expect(await cliJson(place, 'link', 'reissue', 'clerk')).toEqual({ holder: 'clerk', reissued: true });
    expect(await cli(place, 'link', 'revoke', 'clerk')).toMatchObject(printed('new changes make new ones'));
    expect(await cliJson(place, 'passkey', 'reset', 'clerk')).toMatchObject({ holder: 'clerk' });
  });

  test.each([
    ['vendor', 'revoke-key', 'acme', 'k_none'],
    ['vendor', 'contact', 'nobody', 'sales@acme.example'],
    ['vendor', 'form', 'nobody'],
    ['link', 'reissue', 'nobody'],
    ['passkey', 'reset', 'nobody'],
  ])('%s %s %s %s is refused', async (...words) => expect((await cli(place, ...words)).code).toBe(1));

  test('entering the same notice twice makes one change; an inventory enters many', async () => {
    file('n.json', searchNotice('acme.search'));
    const args = ['notice', 'n.json', '--channel', 'phone call', '--heard-at', '2026-01-02T03:04:05Z'];
    const made = { change: 'acme.search/1', status: 'pending', missingAncestors: ['acme'] };
    expect(await cliJson(place, ...args)).toMatchObject(made);
    expect(await cliJson(place, ...args)).toMatchObject({ change: 'acme.search/1' });
    const inventory = file('inventory.json', [
      searchNotice('acme', { kind: 'contract', endsAt: '2030-01-01' }),
      searchNotice('acme.lpr'),
    ]);
    const entered = await cli(place, 'inventory', inventory, '--json');
    expect(JSON.parse(entered.stdout)).toMatchObject({ items: [{ change: 'acme/1' }, { change: 'acme.lpr/1' }] });
    // What follows from the last entry is over before the folder is closed.
    expect(entered.stderr).toBe('');
    expect((await cli(place, 'changes', '--status', 'pending')).stdout.match(/^acme/gm)).toHaveLength(3);
    const [first, bad] = [searchNotice('acme'), searchNotice('acme.Bad')];
    const stopped = await cli(place, 'inventory', file('bad.json', [first, bad, searchNotice('acme.last')]));
    expect(stopped).toMatchObject({ code: 1, stdout: '' });
    expect(stopped.stderr).toMatch(
      /entry 2 of the inventory, acme\.Bad, was not entered: .*feature[\s\S]*entered before it: acme\/2/,
    );
    file('bad.json', [first, searchNotice('acme.mended'), searchNotice('acme.last')]);
    expect(await cliJson(place, 'inventory', join(place.folder, 'bad.json'))).toMatchObject({
      items: [{ change: 'acme/2' }, { change: 'acme.mended/1' }, { change: 'acme.last/1' }],
    });
    expect(await cli(place, 'history', 'acme.search')).toMatchObject(printed('change notified (token:operator'));
  });
});

describe('the reference sender and another installation', () => {
  test('send signs a notice that the server takes', async () => {
    server = await serveHere(place);
    const { secret } = await addVendor(place, 'west');
    file('w.json', searchNotice('west.search'));
    const send = (vendor: string, by: string) =>
      cli(place, 'send', 'w.json', '--vendor', vendor, '--secret', by, '--url', place.url);
    const sent = await send('west', secret);
    expect(sent.code).toBe(0);
    expect(JSON.parse(sent.stdout)).toMatchObject({ change: 'west.search/1' });
    expect(await send('west', 'whsec_AAAA')).toMatchObject(
      refused('no key of west that counts now made this signature over webhook-id.webhook-timestamp.body'),
    );
    expect(await send('east', secret)).toMatchObject(refused('--vendor: west.search is a feature of west, not of east'));
    expect((await postNotice(place, secret, 'msg_1', searchNotice('west.other'))).status).toBe(202);
  });

  test('--url and --token work on another installation by the same routes', async () => {
    const created = await cliJson(place, 'token', 'create', '--name', 'ops', '--scope', 'admin', '--person', 'none');
    const { token, id } = created as { readonly token: string; readonly id: string };
    const away = ['--url', place.url, '--token', token];
    const { code, stdout } = await cli(place, 'status', 'west.search', ...away, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([1, expect.objectContaining({ enabled: false, status: 'pending' })]);
    expect(await cliJson(place, 'vendor', 'list', ...away)).toMatchObject({ items: [{ id: 'acme' }, { id: 'west' }] });
    const inventory = file('away.json', [searchNotice('acme.away')]);
    const byPerson = await cli(place, 'inventory', inventory, ...away);
    expect(byPerson).toMatchObject(printed('If they are the only clerk in office, no one can: put a second clerk in office.'));
    expect((await cli(place, 'inventory', inventory)).stdout).not.toContain('only clerk');
    expect((await cli(place, 'token', 'revoke', id)).code).toBe(0);
    await expect.poll(async () => (await cli(place, 'changes', ...away)).code).toBe(1);
  });
});

test('export and import keep every commit byte for byte, and rebuild agrees', async () => {
  const archive = join(place.folder, 'all.ndjson');
  expect((await cli(place, 'export', archive)).code).toBe(0);
  const other = { ...place, env: { ...place.env, ALDERGATE_DATA: join(place.folder, 'other') } };
  const none = { ...place, env: { ...place.env, ALDERGATE_DATA: join(place.folder, 'none') } };
  expect(await cli(none, 'import', 'absent.ndjson')).toMatchObject(refused('aldergate: absent.ndjson cannot be read'));
  expect(existsSync(join(place.folder, 'none'))).toBe(false);
  expect((await cli(other, 'import', archive)).code).toBe(0);
  // Only the adoption of policies, which handles few commits, walks the imported ones at the next start.
  const database = new DatabaseSync(join(place.folder, 'other', 'consumers.db'));
  const cursors = database.prepare("SELECT id, value FROM side WHERE kind = 'feed-cursor' ORDER BY id").all();
  database.close();
  expect(cursors.map(({ id }) => id)).toEqual(['derived', 'notify', 'projector', 'sequencer']);
  expect(new Set(cursors.map(({ value }) => value)).size).toBe(1);
  const again = join(place.folder, 'again.ndjson');
  await cli(other, 'export', again);
  expect(readFileSync(again, 'utf8')).toBe(readFileSync(archive, 'utf8'));
  expect(await cli(other, 'rebuild')).toMatchObject(printed('what is derived from the log agrees with it'));
  expect(await cli(other, 'status', 'west.search')).toMatchObject(printed('OFF (pending)', 1));
  await within(other, async (installation) => {
    const running = startConsumers({ installation, mailer: mailerOf(installation), logger: () => undefined, ...unheard });
    await running.settle();
    await running.stop();
  });
  // What was written about a change where it came from is not written again; the tasks of the morning may be.
  const written = await listOutbox(join(place.folder, 'other', 'outbox'));
  expect(written.filter(({ change }) => change !== null)).toEqual([]);
  // An import that was cut off is taken up by the same import once more.
  expect((await cli(other, 'import', archive)).code).toBe(0);
  expect((await cli(place, 'import', file('broken.ndjson', 'nonsense\n'))).code).toBe(1);
});

test.each([
  'vendor add x',
  'status acme --nonsense',
  'token create --name it --scope observe --scope state:read',
  'status acme acme.other',
  'notice n.json --channel mail',
  'status acme --url http://127.0.0.1:1',
])('wrong usage ends with exit code 2 and says how it is used: %s', async (words) => {
  const { code, stderr } = await cli(place, ...words.split(' '));
  expect(code).toBe(2);
  expect(stderr).toMatch(/--help|aldergate vendor add/);
});

test.each([
  [['policy', 'adopt', 'absent.json'], 'absent.json'],
  [['policy', 'adopt', 'policy.json', '--roster', 'list.json'], '/roster is not an object'],
  [['token', 'revoke', 'none'], 'no token'],
])('what cannot be done ends with exit code 1 and says why: %j', async (args, why) => {
  file('list.json', []);
  const { code, stderr } = await cli(place, ...args);
  expect(code).toBe(1);
  expect(stderr).toContain(why);
  expect(stderr).not.toContain('    at ');
});

const AT = '2026-01-05T11:00:00.000Z';
const LETTER_OF = { consumer: 'notify', stream: 'feature/acme', version: 1 };

const giveUp = ({ ports }: Installation) =>
  ports.sideStore.put('dead-letter', 'notify:feature/acme@1', { ...LETTER_OF, error: 'no', tries: 5, at: AT });

test('what a consumer gave up on is handled by one command once its cause is mended, by the mail server of the server that runs', async () => {
  const parked = await placeOfTest();
  await beginPlace(parked);
  writeIn(parked, 'acme.json', searchNotice('acme'));
  await cliJson(parked, 'notice', 'acme.json', '--channel', 'mail', '--heard-at', '2026-01-05T10:00:00Z');
  await within(parked, giveUp);

  expect(await cli(parked, 'replay', 'nobody')).toMatchObject(refused('projector', 2));
  // It was not judged yet.
  const early = await cli(parked, 'replay', '--json');
  expect(early.code).toBe(1);
  expect(JSON.parse(early.stdout)).toMatchObject({ handled: 0, failed: [{ ...LETTER_OF, error: 'not in the log yet' }] });
  await within(parked, (installation) => sequence(sequencerPorts(installation)));
  const running = await serveHere({ ...parked, env: { ...parked.env, ALDERGATE_SMTP_URL: 'smtp://127.0.0.1:1' } });
  const [replayed, seen] = [await cli(parked, 'replay', 'notify'), await cli(parked, 'doctor')];
  await running.close();
  expect(replayed).toMatchObject(printed('the mail server did not accept it', 1));
  expect(JSON.stringify(seen)).not.toContain('no-mail-server');
  expect(existsSync(join(parked.env['ALDERGATE_DATA'] ?? '', 'outbox'))).toBe(false);
  expect(await cli(parked, 'replay', 'notify')).toMatchObject(printed('no mail server is set: mails lie in outbox/'));
  await within(parked, giveUp);
  expect(await cliJson(parked, 'replay', 'notify')).toStrictEqual({ handled: 1, failed: [] });
  expect(await cliJson(parked, 'replay')).toStrictEqual({ handled: 0, failed: [] });
});
