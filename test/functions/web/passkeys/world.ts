import { expect, onTestFinished } from 'vitest';
import { rosterAggregate } from '../../../../functions/gate/aggregates.ts';
import { resetPasskeysOf } from '../../../../functions/gate/rosters.ts';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import { passkeyApp } from '../../../../functions/web/passkeys/app.ts';
import { appOf } from '../../../../functions/web/routes/table.ts';
import { type Lies, type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { permitted } from '../../../support/permitted.ts';
import { type City, type CityOptions, ORIGIN, openCity, PEOPLE, POLICY } from '../site/support/city.ts';

type Fields = Readonly<Record<string, string>>;

/** A city whose policy speaks of passkeys, its mails, and people with passkeys in software. */
export const passkeyCity = async (
  passkeys: 'off' | 'when-enrolled' | 'required',
  { policy = POLICY, ...options }: CityOptions = {},
) => {
  const city: City = await openCity({ ...options, policy: { ...(policy as typeof POLICY), passkeys } });
  const mails: Message[] = [];
  const logged: LogEntry[] = [];
  const mail: { fault?: Error | undefined } = {};
  const app = passkeyApp({
    ...city.deps,
    ports: permitted('passkeys', city.deps.ports),
    logger: (entry) => void logged.push(entry),
    mailer: {
      send: async (message) => {
        if (mail.fault !== undefined) throw mail.fault;
        mails.push(message);
      },
      close: async () => {},
    },
  });
  /** The register follows what was decided, as it does in a running gate. */
  const caughtUp = async () => void (await city.post('/nothing', {}));
  const send = async (path: string, fields: Fields, headers: Record<string, string> = {}) => {
    const all = { accept: 'text/html', ...headers };
    if (appOf(path.split('?', 1)[0] ?? '') !== 'passkeys') return city.post(path, fields, all);
    const body = new URLSearchParams(fields).toString();
    const answer = await app.request(`${ORIGIN}${path}`, {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded', ...all },
      body,
    });
    await caughtUp();
    return answer;
  };
  const see = (path: string) => Promise.resolve(app.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } }));

  const answer = (form: PasskeyForm, key: SoftwareKey, lies: Lies = {}): Fields => ({
    ...form.fields,
    passkey: JSON.stringify(form.kind === 'create' ? key.create(form.challenge, lies) : key.get(form.challenge, lies)),
  });
  const formOf = async (response: Response | Promise<Response>) => {
    const page = await (await response).text();
    const form = passkeyFormIn(page);
    if (form === undefined)
      throw new Error(`no passkey is asked for: ${page.slice(page.indexOf('<main'), page.indexOf('</main'))}`);
    return form;
  };

  /** Returns the form that tries it. */
  const make = async (link: string, key: SoftwareKey) => {
    const create = await formOf(see(`${link}/passkey`));
    return formOf(send(create.action, answer(create, key)));
  };
  const enrol = async (link: string, key = softwareKey(ORIGIN)) => {
    const prove = await make(link, key);
    expect((await send(prove.action, answer(prove, key))).status).toBe(303);
    return key;
  };
  const another = async (link: string, key: SoftwareKey) => {
    const prove = await make(link, key);
    return formOf(send(prove.action, answer(prove, key)));
  };
  const letIn = async (link: string, before: SoftwareKey, key = softwareKey(ORIGIN)) => {
    const permit = await another(link, key);
    expect((await send(permit.action, answer(permit, before))).status).toBe(303);
    return key;
  };
  const ask = (link: string, fields: Fields) => formOf(send(link, fields));
  const decide = async (link: string, fields: Fields, key: SoftwareKey, lies: Lies = {}) => {
    const form = await ask(link, fields);
    return send(form.action, answer(form, key, lies));
  };
  const resetLink = (person: keyof typeof PEOPLE, resets: number) =>
    city.linkTo({ purpose: 'passkeys', ...PEOPLE[person], resets });
  const keysOf = new Map<string, SoftwareKey>();
  /** Confirms what is proposed for two persons, each by an own link and with an own passkey, which they set up if they have none. */
  const confirmByTwo = async (persons: readonly (keyof typeof PEOPLE)[], known: Record<string, SoftwareKey> = {}) => {
    const { proposal } = (await load(city.ports.store, rosterAggregate, 'roster')).state;
    for (const person of persons) {
      const link = await city.linkTo({ purpose: 'confirm-roster', ...PEOPLE[person], sha256: proposal?.sha256 ?? '' });
      const key = known[person] ?? keysOf.get(person) ?? (await enrol(link));
      keysOf.set(person, key);
      expect((await decide(link, { decision: 'confirm' }, key)).status).toBe(303);
    }
  };
  /** Resets a person's passkeys: proposed by the operator, confirmed by two others. */
  const resetByTwo = async (
    holder: string,
    persons: readonly (keyof typeof PEOPLE)[] = ['clerk', 'h1'],
    known: Record<string, SoftwareKey> = {},
  ) => {
    expect(await resetPasskeysOf(city.ports, { holder, by: null })).toMatchObject({ ok: true, waits: true });
    await confirmByTwo(persons, known);
  };
  return {
    ...city,
    confirmByTwo,
    resetByTwo,
    pages: app,
    caughtUp,
    mails,
    mail,
    logged,
    send,
    see,
    answer,
    formOf,
    enrol,
    another,
    letIn,
    ask,
    decide,
    resetLink,
  };
};
export type PasskeyCity = Awaited<ReturnType<typeof passkeyCity>>;

export const passkeyCityForTest = async (...options: Parameters<typeof passkeyCity>): Promise<PasskeyCity> => {
  const city = await passkeyCity(...options);
  onTestFinished(city.close);
  return city;
};

export const decidingCity = async () => {
  const city = await passkeyCity('required');
  const change = await city.notify();
  const { clerk, mayor } = await city.linksTo(change);
  return { city, change, clerk, mayor, clerkKey: await city.enrol(clerk), mayorKey: await city.enrol(mayor) };
};

export const commitsIn = async ({ ports }: PasskeyCity): Promise<number> =>
  (await ports.store.head('feature/acme'))?.version ?? 0;

const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#39;': "'" };
const plain = (text: string) => text.replaceAll(/&(?:quot|amp|lt|gt|#39);/g, (entity) => ENTITIES[entity] ?? entity);

export interface PasskeyForm {
  readonly action: string;
  readonly kind: string;
  readonly challenge: string;
  readonly options: { readonly challenge: string; readonly rpId?: string; readonly allowCredentials?: readonly { id: string }[] };
  readonly fields: Readonly<Record<string, string>>;
}

export const passkeyFormIn = (page: string): PasskeyForm | undefined => {
  const form = /<form class="passkey"[^>]* action="([^"]*)" data-options="([^"]*)">([\s\S]*?)<\/form>/.exec(page);
  if (form === null) return undefined;
  const [, action = '', options = '', inner = ''] = form;
  const fields = [...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
    ([, name = '', value = '']) => [plain(name), plain(value)] as const,
  );
  const parsed = JSON.parse(plain(options)) as PasskeyForm['options'];
  const kind = /data-passkey="([a-z]+)"/.exec(inner)?.[1] ?? '';
  return { action: plain(action), kind, challenge: parsed.challenge, options: parsed, fields: Object.fromEntries(fields) };
};
