import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscribeFromNow } from '../../../functions/reactions/webhooks/deliver.ts';
import { ROSTER } from '../../functions/web/site/support/city.ts';
import { actorsOf, certificateOf, POLICY } from '../../infra/aws/support/actors.ts';
import type { Played } from '../../infra/aws/support/firstDecision.ts';
import { openGateOnAws, openTables } from '../../infra/aws/support/gateOnAws.ts';
import { beginStage, published, settle as settleGate, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { passkeysIn } from '../../infra/aws/support/passkeys.ts';
import { printed } from '../../infra/local/cityProcess.ts';
import { cliOn } from '../../infra/local/process.ts';
import type { SoftwareKey } from '../../support/authenticator.ts';
import { folderOfFile } from '../../support/folders.ts';
import { listening } from '../../support/listening.ts';

// A stage is lost, and its city goes on in another one, whose secrets and keys are others.

let lost: Played;
let next: Played;
const folder = folderOfFile('people');
const at = (name: string) => join(folder, name);

withGateOnAws((opened) => {
  lost = opened;
});
beforeAll(async () => {
  const gate = await openGateOnAws();
  gate.cloud.secrets.set('CommitKeySecret', Buffer.alloc(32, 'of the other stage').toString('base64'));
  next = { gate, actors: actorsOf(gate, lost.actors.signer) };
});
afterAll(async () => {
  const { denied } = next.gate.cloud;
  await next.gate.stop();
  await subscriber.close();
  expect(denied).toStrictEqual([]);
});

const heard: string[] = [];
let subscriber: Awaited<ReturnType<typeof listening>>;

const settle = ({ gate }: Played) => settleGate(gate);

const see = ({ gate }: Played, path: string) => gate.request('GET', path, undefined, { accept: 'text/html' });
/** The mails of both stages are in one inbox, those of the first before the others. */
let mailedByLost = 0;
const inboxOf = async (stage: Played) => {
  const mails = await stage.gate.cloud.inbox();
  return stage === lost ? mails : mails.slice(mailedByLost);
};
const linksTo = async (stage: Played, id: string): Promise<readonly string[]> =>
  (await inboxOf(stage))
    .filter(({ destination: { to } }) => to.includes(`${id}@city.example`))
    .flatMap(({ body: { text = '' } }) => [...text.matchAll(/^https:\/\/gate\.example(\/d\/[A-Za-z0-9_-]{43})$/gm)])
    .map(([, link = '']) => link);

let clerkKey: SoftwareKey;
let mayorKey: SoftwareKey;
let waiting: string;
let recipient: string;
let oldLinks: readonly string[];

describe('a stage with people', () => {
  test('has passkeys, texts, a subscriber, a mail that came back, and decisions that wait', async () => {
    const { gate, actors } = lost;
    await beginStage(gate, actors, { ...POLICY, passkeys: 'required' });
    subscriber = await listening();
    subscriber.serve(({ headers }) => {
      heard.push(headers.get('webhook-id') ?? '');
      return new Response(null, { status: 204 });
    });
    const tables = openTables(gate.engine);
    await subscribeFromNow(tables, `${subscriber.url}/events`);
    tables.client.destroy();
    await settle(lost);
    expect((await actors.vendor('acme')).status).toBe(202);
    await settle(lost);
    const { json: change } = await actors.operator('GET', '/v1/changes/acme/1');
    const { enrol, act } = passkeysIn(lost);
    clerkKey = await enrol(await actors.linkOf('hc'));
    await act(await actors.linkOf('hc'), clerkKey, certificateOf(change.digest));
    mayorKey = await enrol(await actors.linkOf('hm'));
    const signed = { revision: '1', digest: change.digest, decision: 'approve', comment: 'For a year, and no longer.' };
    await act(await actors.linkOf('hm'), mayorKey, signed);
    expect(await actors.isOn('acme')).toBe(true);

    waiting = (await actors.vendor('acme.search')).json.digest;
    await settle(lost);
    const bounced = { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'h1@city.example' }] };
    await gate.invoke('notify', { source: 'aws.ses', detail: { eventType: 'Bounce', bounce: bounced } });
    mailedByLost = (await inboxOf(lost)).length;
    oldLinks = [...(await linksTo(lost, 'hc')), ...(await linksTo(lost, 'hm'))];
    expect(oldLinks.length).toBeGreaterThan(2);
    expect(heard.length).toBeGreaterThan(5);
  });

  test('is exported by one command, its private part to a key of the operator', async () => {
    const identity = await generateX25519Identity();
    writeFileSync(at('identity'), `# created by age-keygen\n${identity}\n`);
    writeFileSync(at('seen'), (await lost.gate.request('GET', '/log/checkpoint')).body);
    writeFileSync(at('key'), (await lost.gate.request('GET', '/log/vkey')).body);
    recipient = await identityToRecipient(identity);
    await lost.gate.operate('archive.ts', 'export', at('city.ndjson'), '--to', recipient);
    const encrypted = readFileSync(at('city.ndjson.private.age'), 'latin1');
    for (const secret of ['hm@city.example', 'no longer', 'whsec_']) expect(encrypted).not.toContain(secret);
  });
});

const imported = (...more: readonly string[]) => {
  const trust = ['--expect', at('seen'), '--old-key', readFileSync(at('key'), 'utf8').trim()];
  const besides = ['--private', at('city.ndjson.private.age')];
  return next.gate.operate('archive.ts', 'import', at('city.ndjson'), ...trust, ...besides, ...more);
};

describe('brought into another stage, whose functions had started with its own keys', () => {
  const secrets = () => new Map(next.gate.cloud.secrets);

  test('takes the keys of texts and addresses, and keeps its own for links', async () => {
    await settle(next);
    for (const path of ['/', '/d/no-such-link', '/d/no-such-link/passkey', '/v1/roster']) await see(next, path);
    const before = secrets();
    await expect(imported()).rejects.toThrow('is encrypted');
    expect(secrets()).toStrictEqual(before);
    expect(await imported('--identity', at('identity'))).toMatch(/^imported \d+ commits and \d+ private records$/);
    const bytes = (stage: Played, name: string) => Buffer.from(stage.gate.cloud.secrets.get(name) ?? '', 'base64');
    for (const name of ['TextKeySecret', 'RosterSaltSecret']) expect(bytes(next, name)).toStrictEqual(bytes(lost, name));
    for (const name of ['LinkKeySecret', 'CommitKeySecret']) expect(secrets().get(name)).toBe(before.get(name));
    next.gate.lose();
    heard.length = 0;
    next.actors.hasToken(lost.actors.token());
    await settle(next);
  });

  test('everyone who acts is mailed new links, once; the old ones are gone', async () => {
    const mailed = next.gate.cloud.mails.length;
    const mails = await inboxOf(next);
    expect(mails.map(({ destination, subject }) => [destination.to[0], subject])).toStrictEqual([
      ['hc@city.example', 'New links: the old ones no longer work'],
      ['hm@city.example', 'New links: the old ones no longer work'],
    ]);
    await settle(next);
    expect(next.gate.cloud.mails).toHaveLength(mailed);
    for (const link of oldLinks) expect((await see(next, link)).statusCode).toBe(404);
    // The same roster, set again, is no handover.
    const { status, json } = await next.actors.operator('PUT', '/v1/roster', ROSTER);
    expect({ status, json }).toMatchObject({ status: 200, json: { waits: null, warning: null } });
    await settle(next);
    expect(await inboxOf(next)).toHaveLength(2);
  });

  test('the clerk and the mayor decide by the new links with the passkeys of before, and switch off what was on', async () => {
    const { actors } = next;
    const { act } = passkeysIn(next);
    expect(await actors.isOn('acme')).toBe(true);
    const [certify = '', off = ''] = await linksTo(next, 'hc');
    expect(off).not.toBe('');
    await act(certify, clerkKey, certificateOf(waiting));
    const mayor = (await linksTo(next, 'hm')).at(-1) ?? '';
    await act(mayor, mayorKey, { revision: '1', digest: waiting, decision: 'approve' });
    expect(await actors.isOn('acme.search')).toBe(true);
    const [switchOff = ''] = await linksTo(next, 'hm');
    expect((await actors.submit(`${switchOff}/revoke`, { reason: 'Enough.' })).statusCode).toBe(303);
    expect(await actors.isOn('acme')).toBe(false);
  });

  test('a vendor is known by its key, a subscriber hears what is new, texts and the mail that came back are shown', async () => {
    const known = [...heard];
    expect(known.length).toBeGreaterThan(0);
    expect(new Set(known).size).toBe(known.length);
    const news = published(next.gate).map(({ id }) => id);
    expect(known.toSorted()).toStrictEqual(news.toSorted());
    expect((await next.actors.vendor('acme.map')).status).toBe(202);
    expect((await see(next, '/changes/acme/1')).body).toContain('For a year, and no longer.');
    const [clerk = ''] = await linksTo(next, 'hc');
    expect((await see(next, `${clerk}/desk`)).body).toContain('The last mail to Council member, District 1 came back.');
  });
});

test('brought from there to one machine, it keeps its addresses and tokens, and signs its log with a key of its own', async () => {
  const [data, file] = [at('data'), at('back.ndjson')];
  await settle(next);
  writeFileSync(at('seen'), (await next.gate.request('GET', '/log/checkpoint')).body);
  const key = (await next.gate.request('GET', '/log/vkey')).body.trim();
  await next.gate.operate('archive.ts', 'export', file, '--to', recipient);
  const trust = ['--identity', at('identity'), '--expect', at('seen'), '--old-key', key];
  expect(await cliOn(data, 'import', file, '--private', `${file}.private.age`, ...trust)).toMatchObject({ code: 0 });
  writeFileSync(at('roster.json'), JSON.stringify(ROSTER));
  expect(await cliOn(data, 'roster', 'set', at('roster.json'), '--json')).toMatchObject(printed('"waits": null'));
  expect(await cliOn(data, 'token', 'list')).toMatchObject(printed('operator'));
  expect(await cliOn(data, 'fsck')).toMatchObject({ code: 0 });
});
