import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type PasskeyForm, passkeyFormIn } from '../../functions/web/passkeys/forms.ts';
import { type SoftwareKey, softwareKey } from '../../support/authenticator.ts';
import { cli, cliJson, makePlace, type Place, postNotice, type RunningServer, serve } from '../local/process.ts';

let place: Place;
let server: RunningServer;
let origin: string;

beforeAll(async () => {
  const made = await makePlace();
  // Browsers make passkeys for a name, not for an address of numbers.
  origin = `http://localhost:${made.port}`;
  place = { ...made, env: { ...made.env, ALDERGATE_URL: origin } };
  await cli(place, 'init');
  await cli(place, 'roster', 'set', 'roster.json');
  await cli(place, 'policy', 'adopt', 'policy.json');
  server = await serve(place);
});
afterAll(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
  rmSync(place.folder, { recursive: true, force: true });
});

const Mail = z.object({ to: z.string(), subject: z.string(), links: z.array(z.string()) });
type Mail = z.infer<typeof Mail>;

const mail = async (pick: (mail: Mail) => boolean): Promise<Mail> => {
  const found = async () =>
    z
      .array(Mail)
      .parse(await (await fetch(`${place.url}/dev/outbox.json`)).json())
      .find(pick);
  await expect.poll(found).toBeDefined();
  return (await found()) ?? expect.fail('no such mail');
};
const pathOf = (link: string | undefined): string => new URL(link ?? 'http://nowhere').pathname;
const see = (path: string) => fetch(`${place.url}${path}`, { headers: { accept: 'text/html' } });
const send = (path: string, fields: Record<string, string>) =>
  fetch(`${place.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin, accept: 'text/html' },
    body: new URLSearchParams(fields),
  });
const formOf = async (answer: Response): Promise<PasskeyForm> => {
  const form = passkeyFormIn(await answer.text());
  if (form === undefined) throw new Error(`no passkey is asked for (${answer.status})`);
  return form;
};
const fill = (form: PasskeyForm, key: SoftwareKey): Record<string, string> => ({
  ...form.fields,
  passkey: JSON.stringify(form.kind === 'create' ? key.create(form.challenge) : key.get(form.challenge)),
});
const enrol = async (link: string): Promise<SoftwareKey> => {
  const key = softwareKey(origin);
  const create = await formOf(await see(`${link}/passkey`));
  const prove = await formOf(await send(create.action, fill(create, key)));
  expect((await send(prove.action, fill(prove, key))).status).toBe(303);
  return key;
};

test('on one machine: set up, decide with it, verified by a stranger, reset by two persons after the operator asked', async () => {
  const { keys } = z
    .object({ keys: z.tuple([z.object({ secret: z.string() })]) })
    .parse(await cliJson(place, 'vendor', 'add', 'acme', '--name', 'Acme'));
  const feature = { feature: 'acme.lpr', kind: 'new-feature', title: 'A new search', summary: 'In plain words.' };
  const { digest } = z
    .object({ digest: z.string() })
    .parse(await (await postNotice(place, keys[0].secret, 'm1', feature)).json());
  const clerk = await mail(({ subject }) => subject.startsWith('Certify'));
  const link = pathOf(clerk.links[0]);
  const key = await enrol(link);
  expect(await mail(({ subject }) => subject === 'A passkey of yours was set up')).toMatchObject({ to: clerk.to });

  const page = await (await see(link)).text();
  const seats = [...page.matchAll(/name="(vote\.[^"]+)"/g)].map(([, name = '']) => [name, 'yes'] as const);
  const meetingDate = new Date().toISOString().slice(0, 10);
  const vote = { purpose: 'adopt', revision: '1', digest, fileNumber: '26-1', meetingDate, ...Object.fromEntries(seats) };
  const confirm = await formOf(await send(link, vote));
  expect((await send(confirm.action, fill(confirm, key))).status).toBe(303);

  const vkey = (await (await fetch(`${place.url}/log/vkey`)).text()).trim();
  const state = join(place.folder, 'seen.json');
  const verified = () => cliJson(place, 'verify', `${place.url}/log`, '--key', vkey, '--state', state);
  await expect.poll(verified).toMatchObject({ passkeys: { decisions: 1, signed: 1, keys: 1, gates: [origin] } });

  const holder = z.object({ roster: z.object({ holders: z.array(z.object({ id: z.string(), body: z.string() })) }) });
  const { roster } = holder.parse(await cliJson(place, 'roster', 'list'));
  const id = roster.holders.find(({ body }) => body === 'clerk')?.id ?? '';
  expect(await cliJson(place, 'passkey', 'reset', id)).toEqual({ holder: id, resets: 0, waits: true });
  for (const body of ['mayor', 'council']) {
    const holder = roster.holders.find((each) => each.body === body)?.id ?? '';
    const asked = await mail(({ subject, to }) => subject === 'Confirm that passkeys are reset' && to.includes(`${holder}@`));
    expect((await send(pathOf(asked.links[0]), { decision: 'confirm' })).status).toBe(303);
  }
  const reset = await mail(({ subject }) => subject === 'Your passkeys were reset');
  await enrol(pathOf(reset.links[0]));
  expect((await cli(place, 'passkey', 'reset', 'nobody')).code).toBe(1);
  expect((await cli(place, 'passkey', 'reset')).code).toBe(2);
});
