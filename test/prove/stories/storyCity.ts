// A city whose year is replayed: the real server on one machine, with its consumers, over HTTP alone; the clock stands where the
// story puts it.

import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { setVendorContact } from '../../../functions/gate/vendors.ts';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { type DemoCity, demoPolicy, openCity, request, requestFor } from '../../../infra/demo/city.ts';
import { certifyVote, signChange } from '../../../infra/demo/story.ts';
import { expectEveryDay, type Open } from './everyDay.ts';
import { type Mail, outboxReader } from './outbox.ts';

export const VENDOR = 'contact@northcam.example';
const DAY_MS = 86_400_000;
const DAYS = 430;
/** A Monday, early in the morning in Denver, before any mail of that morning. */
const BEGINS = Date.parse('2025-01-06T12:00:00.000Z');
const MORNING_HOUR = 9;
const ZONE = 'America/Denver';

/** Who looks for the city: three of its own, of which one does so each month, an audit, and what the vendor states itself. */
const SOURCES = {
  console: { kind: 'city', every: 'P400D' },
  field: { kind: 'city', every: 'P400D' },
  audit: { kind: 'audit', every: 'P400D' },
  statement: { kind: 'vendor', every: 'P400D' },
};

const hourFormat = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', hourCycle: 'h23' });

export const at = (date: string, hour = MORNING_HOUR): string => {
  const guess = Date.parse(`${date}T${String(hour).padStart(2, '0')}:00:00.000Z`);
  const found = [6, 7].map((offset) => guess + offset * 3_600_000).find((ms) => Number(hourFormat.format(ms)) === hour % 24);
  return new Date(found ?? guess).toISOString();
};

export const plusDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);

interface Look {
  readonly source: string;
  readonly features: Readonly<Record<string, boolean | JsonObject>>;
  readonly observedAt?: string;
  readonly evidence?: string;
  readonly person?: 'auditor' | 'clerk' | null;
}

const IMPACTS = ['purpose', 'manner', 'location', 'dataTypes', 'sharing', 'retention', 'integration', 'cost', 'oversight'];
const UNCHANGED = Object.fromEntries(IMPACTS.map((each) => [each, 'unchanged']));

const proofOf = (title: string) => ({ sha256: Buffer.from(title.padEnd(32, '.').slice(0, 32)).toString('hex'), title });

const tokensOf = async ({ installation: { ports } }: DemoCity) => {
  const make = (name: string, person: string | null) =>
    createToken(ports, { name, scopes: ['state:read', 'observe'], person }).then(({ token }) => token);
  return { none: await make('dashboard', null), auditor: await make('auditor', 'auditor'), clerk: await make('clerk', 'clerk') };
};

/**
 * Opens the city, on the morning of Monday, January 6, 2025. It is closed when the test is over. `more`: sources beside those of
 * every story.
 */
export const openStory = async (more: JsonObject = {}) => {
  const policy = { ...(demoPolicy() as JsonObject), observe: { sources: { ...SOURCES, ...more } } };
  const city = await openCity(DAYS, { presentMs: BEGINS + DAYS * DAY_MS, policy });
  onTestFinished(() => city.close());
  const { url, clock, settle } = city;
  const tokens = await tokensOf(city);
  await setVendorContact(city.installation.ports.sideStore, 'northcam', { email: VENDOR, language: 'en' });
  const mails = outboxReader(join(city.installation.settings.data, 'outbox'));
  let today = '2025-01-05';

  const data = async <T>(path: string): Promise<T> =>
    (await requestFor(200, 'GET', `${url}${path}`, { token: tokens.none })).json as T;
  const page = async (path: string) =>
    (await requestFor(200, 'GET', `${url}${path}`, { token: tokens.none, headers: { accept: 'text/html' } })).text;
  const open = async (): Promise<Open> => ({
    tasks: (await data<{ items: Open['tasks'] }>('/v1/tasks?limit=1000')).items,
    cases: (await data<{ items: Open['cases'] }>('/v1/drift?open=true&limit=1000')).items,
  });
  const days = expectEveryDay({ open, page, mails, zone: ZONE });

  /** Lets the days pass, each with its morning and what must be true of it. */
  const until = async (date: string) => {
    while (today < date) {
      today = plusDays(today, 1);
      clock.toDay((Date.parse(at(today)) - BEGINS + 0.25) / DAY_MS);
      await settle();
      await days.check(today, clock.now());
    }
  };
  /** The same day, at another hour: after the morning's mail. */
  const hour = async (of: number) => {
    clock.toDay((Date.parse(at(today, of)) - BEGINS + 0.25) / DAY_MS);
    await settle();
  };

  const post = async (notice: JsonObject) => {
    const body = { title: 'A feature', summary: 'What it does.', impact: UNCHANGED, ...notice };
    return ((await sent('/v1/notices', city.signMessage(JSON.stringify(body)), 202)) as { change: string }).change;
  };
  const approve = async (change: string, terms: Readonly<Record<string, string>> = {}) => {
    await certifyVote(city, change, { yes: 9, fileNumber: `R-${change.replaceAll(/[^a-z0-9]/g, '-')}`, ...terms });
    await signChange(city, 'mayor', change, terms);
    if (change.startsWith('northcam/')) await signChange(city, 'auditor', change);
  };
  /** The answer to IT for a key: its variant, after checking that only `enabled` is a yes. */
  const answer = async (key: string, context: JsonObject = {}) => {
    const { json } = await requestFor(200, 'POST', `${url}/ofrep/v1/evaluate/flags/${key}`, {
      token: tokens.none,
      json: { context },
    });
    const { value, variant } = json as { value: boolean; variant: string };
    expect({ key, value }).toEqual({ key, value: variant === 'enabled' });
    return variant;
  };
  const reportOf = ({ source, features, observedAt, evidence }: Look) => ({
    vendor: 'northcam',
    source,
    observedAt: observedAt ?? clock.now(),
    features,
    ...(evidence !== undefined && { evidence: proofOf(evidence) }),
  });
  /** Sends something that is taken, and lets what follows from it happen. */
  const sent = async (path: string, message: Parameters<typeof requestFor>[3], status = 200) => {
    const { json } = await requestFor(status, 'POST', `${url}${path}`, message);
    await settle();
    return json;
  };
  const look = (seen: Look) => sent('/v1/observations', { token: tokens[seen.person ?? 'none'], json: reportOf(seen) });
  const attest = (seen: Look) => sent('/v1/attestations', city.signMessage(JSON.stringify(reportOf(seen))));
  const mailed = (to: string, kind: Mail['kind']): readonly Mail[] =>
    mails().filter((mail) => mail.to === to && mail.kind === kind);
  const submit = async (link: string, fields: Readonly<Record<string, string>>) => {
    const headers = { origin: url, accept: 'text/html' };
    const { status, text } = await request('POST', link, { body: new URLSearchParams(fields), headers });
    expect(status, text.slice(0, 400)).toBe(303);
    await settle();
  };
  const linkTo = (address: string, subject: RegExp) => {
    const mail = mails().findLast(({ to, subject: about, links }) => to === address && links.length > 0 && subject.test(about));
    if (mail === undefined) throw new Error(`${address} has no mail with a link about ${subject}`);
    return mail.links[0] ?? '';
  };
  const withdraw = (change: string) =>
    sent(`/v1/changes/${change}/withdraw`, city.signMessage(JSON.stringify({ withdraw: change })));
  const begin = async (features: Readonly<Record<string, Readonly<Record<string, string>>>> = {}, contract: JsonObject = {}) => {
    await until('2025-01-06');
    const notice = { effectiveAt: '2025-01-06', endsAt: '2026-12-31', ...contract };
    const changes = [await post({ feature: 'northcam', kind: 'contract', ...notice })];
    for (const key of Object.keys(features))
      changes.push(await post({ feature: key, kind: 'new-feature', version: '1', effectiveAt: '2025-01-14', optOut: 'yes' }));
    await until('2025-01-14');
    for (const change of changes) await approve(change, features[change.replace(/\/1$/, '')]);
    const seen = Object.entries(features).map(([key, { audience }]) => [
      key,
      audience === undefined ? true : { on: true, agencies: [audience] },
    ]);
    await look({ source: 'console', features: Object.fromEntries(seen), person: 'auditor' });
    for (const key of Object.keys(features)) expect(await tasks(key)).toEqual([]);
  };
  const optOut = async (change: string, note: string, evidence?: string) => {
    const { revision, digest } = await data<{ revision: number; digest: string }>(`/v1/changes/${change}`);
    const json = { revision, digest, note, ...(evidence !== undefined && { evidence: proofOf(evidence) }) };
    await sent(`/v1/changes/${change}/opt-out`, { token: tokens.auditor, json });
  };
  const tasks = async (key?: string): Promise<readonly string[]> =>
    (await open()).tasks
      .filter((task) => key === undefined || task.key === key)
      .map(({ kind, because, urgent }) => `${kind}: ${because}${urgent ? ', urgent' : ''}`);
  return {
    city,
    tokens,
    url,
    now: clock.now,
    begin,
    until,
    hour,
    post,
    approve,
    answer,
    look,
    attest,
    mails,
    mailed,
    submit,
    linkTo,
    withdraw,
    optOut,
    tasks,
    open,
    data,
    page,
    goesOff: days.goesOff,
    /** Lets the days pass to the end of a story: nobody had more mails than is promised. */
    ends: async (date: string) => {
      await until(date);
      expect(days.overLimits()).toEqual([]);
    },
  };
};
export type Story = Awaited<ReturnType<typeof openStory>>;

export const recordOnWorklist = async (
  { page, url, tokens, submit }: Story,
  key: string,
  said: Readonly<Record<string, string>>,
): Promise<void> => {
  const shown = await page('/worklist');
  const card = shown.split('<li class="card">').find((each) => each.includes(`>${key}</code></a>`)) ?? '';
  const [, ref = ''] = / name="about\.([0-9a-f]{12})"/.exec(card) ?? [];
  const [, about = ''] = / name="about\.[0-9a-f]{12}" value="([^"]*)"/.exec(card) ?? [];
  const fields = Object.fromEntries(Object.entries({ about, ...said }).map(([name, value]) => [`${name}.${ref}`, value]));
  await submit(`${url}/worklist`, { ...fields, token: tokens.auditor, step: 'record' });
};
