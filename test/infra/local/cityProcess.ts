import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { POLICY, ROSTER, roll } from '../../functions/web/site/support/city.ts';
import { cli, cliJson, makePlace, type Place, postNotice, serveHere } from './process.ts';

const Issued = z.object({ keys: z.tuple([z.object({ id: z.string(), secret: z.string() })]) });
const Mail = z.object({
  to: z.string(),
  subject: z.string(),
  change: z.string().nullable(),
  revision: z.number().nullable(),
  links: z.array(z.string()),
});
const Held = z.object({ change: z.string(), revision: z.number(), digest: z.string() });
const Answered = z.object({ value: z.boolean(), variant: z.string() });
export type Held = z.infer<typeof Held>;

const ALL = ['state:read', 'observe', 'notice', 'admin'];

export const searchNotice = (feature: string, more: Readonly<Record<string, unknown>> = {}) => ({
  feature,
  kind: 'new-feature',
  title: 'A new search',
  summary: 'Officers search in another way.',
  ...more,
});

const removed = ({ folder }: Place) => rmSync(folder, { recursive: true, force: true });

/** Makes a place that is gone when the tests of the file, or of the `describe` around the call, are over. */
export const placeOfFile = async (): Promise<Place> => {
  const place = await makePlace();
  afterAll(() => removed(place));
  return place;
};

/** Makes a place that is gone when the test is over. */
export const placeOfTest = async (): Promise<Place> => {
  const place = await makePlace();
  onTestFinished(() => removed(place));
  return place;
};

/** Both are gone when the test is over. `env`: further settings. */
export const servedPlace = async (env: NodeJS.ProcessEnv = {}): Promise<Place> => {
  const made = await placeOfTest();
  const place = { ...made, env: { ...made.env, ...env } };
  onTestFinished((await serveHere(place)).close);
  return place;
};

/** Data as JSON; returns its path. */
export const writeIn = ({ folder }: Place, name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const like = (text: string | RegExp) => (typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text));

export const refused = (why: string | RegExp, code = 1) => ({ code, stderr: like(why) });
export const printed = (text: string | RegExp, code = 0) => ({ code, stdout: like(text) });

const enterRules = async (place: Place) => {
  expect(await cli(place, 'roster', 'set', 'roster.json')).toMatchObject({ code: 0 });
  expect(await cli(place, 'policy', 'adopt', 'policy.json')).toMatchObject({ code: 0 });
};

/** Enters the roster and the policy that `init` writes. */
export const beginPlace = async (place: Place): Promise<void> => {
  expect(await cli(place, 'init')).toMatchObject({ code: 0 });
  await enterRules(place);
};

/** Returns the secret of its key and the key's id. */
export const addVendor = async (place: Place, id: string, name = id) =>
  Issued.parse(await cliJson(place, 'vendor', 'add', id, '--name', name)).keys[0];

export const makeToken = async (place: Place, ...options: readonly string[]): Promise<string> =>
  z.object({ token: z.string() }).parse(await cliJson(place, 'token', 'create', '--name', 'it', ...options)).token;

/** Gives a running server a roster, a policy, a vendor and a token with every scope. `policy`: council, then the mayor, by default. */
export const settle = async (place: Place, policy: unknown = POLICY) => {
  writeIn(place, 'roster.json', ROSTER);
  writeIn(place, 'policy.json', policy);
  await enterRules(place);
  const { secret } = await addVendor(place, 'acme', 'Acme Cameras');
  const token = await makeToken(place, '--scope', ALL.join(','), '--person', 'none');
  const mails = async () => z.array(Mail).parse(await (await fetch(`${place.url}/dev/outbox.json`)).json());
  const api = (method: string, path: string, body?: unknown) =>
    fetch(`${place.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const submit = (link: string, fields: Readonly<Record<string, string>>) =>
    fetch(link, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: place.url, accept: 'application/json' },
      body: new URLSearchParams(fields),
    });
  const linkOf = async (person: string, { change, revision }: Held) => {
    const found = async () =>
      (await mails()).findLast((mail) => mail.to.includes(`${person}@`) && mail.change === change && mail.revision === revision)
        ?.links[0];
    await expect.poll(found).toBeDefined();
    return (await found()) ?? '';
  };
  let sent = 0;
  const notify = (notice: unknown) => {
    sent += 1;
    return postNotice(place, secret, `msg_${sent}`, notice);
  };
  const certificate = ({ revision, digest }: Held, fields: Readonly<Record<string, string>> = {}) => ({
    purpose: 'adopt',
    revision: String(revision),
    digest,
    fileNumber: '26-0412',
    meetingDate: localDateOf(new Date().toISOString(), 'UTC'),
    ...roll(3),
    ...fields,
  });
  return {
    secret,
    token,
    api,
    submit,
    mails,
    linkOf,
    notify,
    certificate,
    hold: async (notice: unknown) => {
      const answer = await notify(notice);
      expect(answer.status).toBe(202);
      return Held.parse(await answer.json());
    },
    answer: async (key: string) => Answered.parse(await (await api('POST', `/ofrep/v1/evaluate/flags/${key}`, {})).json()),
    approve: async (held: Held) => {
      expect((await submit(await linkOf('hc', held), certificate(held))).status).toBe(303);
      const signature = { decision: 'approve', revision: String(held.revision), digest: held.digest };
      expect((await submit(await linkOf('hm', held), signature)).status).toBe(303);
    },
  };
};
