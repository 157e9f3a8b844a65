import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import type { Provenance } from '../../../../../domain/feature/events.ts';
import { featureStream } from '../../../../../domain/feature/keys.ts';
import type { Notice } from '../../../../../domain/feature/notice.ts';
import type { JsonValue } from '../../../../../domain/kernel/json.ts';
import type { Policy } from '../../../../../domain/policy/schema.ts';
import { featureAggregate } from '../../../../../functions/gate/aggregates.ts';
import { attachDocument } from '../../../../../functions/gate/documents.ts';
import { orderFeature } from '../../../../../functions/gate/feature.ts';
import { evaluateKey } from '../../../../../functions/gate/heads.ts';
import { intake, type Received } from '../../../../../functions/gate/intake.ts';
import { type LinkTarget, makeLink } from '../../../../../functions/gate/links.ts';
import { confirmProposal, setRoster } from '../../../../../functions/gate/rosters.ts';
import { addVendor } from '../../../../../functions/gate/vendors.ts';
import { eventsOf } from '../../../../../functions/platform/store/load.ts';
import { MemoryIndex } from '../../../../../functions/register/memoryIndex.ts';
import { catchUp, readChange } from '../../../../../functions/register/project.ts';
import { latestOf } from '../../../../../functions/register/views/changeJson.ts';
import { siteApp } from '../../../../../functions/web/site/app.ts';
import { NO_OUTBOX, type SiteDeps } from '../../../../../functions/web/site/deps.ts';
import { ACME_PUBLIC_KEY, signedByAcme } from '../../../../support/fixtures/vendor.ts';
import { folderUntil } from '../../../../support/folders.ts';
import { permitted } from '../../../../support/permitted.ts';
import type { AtEnd } from '../../../../support/shared.ts';
import { expectIn, expectNotIn } from '../../../../support/texts.ts';
import { failing, mustBe, openGate } from '../../../openGate.ts';
import { plainOf, textOf } from './readers.ts';

export const ORIGIN = 'https://gate.example';
const DAY_MS = 86_400_000;

export const SEATS = ['district-1', 'district-2', 'district-3', 'at-large'] as const;

const holder = (id: string, name: string, body: string, seat: string, language = 'en') => ({
  id,
  name,
  body,
  seat,
  from: '2023-01-01',
  email: `${id}@city.example`,
  language,
});

export const ROSTER = {
  bodies: {
    council: { name: { en: 'City Council', es: 'Concejo Municipal' }, seats: [...SEATS], attestedBy: 'clerk' },
    mayor: { name: 'Mayor', seats: ['mayor'] },
    clerk: { name: 'City Clerk', seats: ['clerk'] },
    board: { name: 'Privacy Board', seats: ['chair', 'member'] },
  },
  holders: [
    holder('h1', 'Council member, District 1', 'council', 'district-1'),
    holder('h2', 'Council member, District 2', 'council', 'district-2'),
    holder('h3', 'Council member, District 3', 'council', 'district-3', 'es'),
    holder('h4', 'Council member, At Large', 'council', 'at-large'),
    holder('hm', 'The Mayor', 'mayor', 'mayor'),
    holder('hc', 'The City Clerk', 'clerk', 'clerk'),
    holder('b1', 'Chair of the board', 'board', 'chair'),
  ],
};

export const NOTICE: Notice = {
  feature: 'acme',
  kind: 'new-feature',
  title: 'FreeForm search for vehicles',
  summary: 'Officers describe a vehicle in plain words and the system searches all camera images for it.',
  description: 'Searches run on image content, not on plates.\n\n**Early access.**',
  version: '2026.3',
  effectiveAt: '2026-04-01T00:00:00Z',
  optOut: 'yes',
  withoutAction: 'off',
  impact: { purpose: 'changed', manner: 'changed', location: 'unchanged', sharing: 'unchanged' },
  documents: [{ title: 'Release note', kind: 'release-note', url: 'https://vendor.example/notes', sha256: 'ab'.repeat(32) }],
};

const CITY = { name: 'Test City', contact: 'City clerk, clerk@city.example' };

export interface CityOptions {
  readonly policy?: unknown;
  readonly roster?: typeof ROSTER;
  readonly url?: string;
  readonly zone?: string;
}

/** A city with its site, and a clock that counts from the morning of March 3; `path`: the file of its commits. */
export const openCity = async ({ policy = POLICY, roster = ROSTER, url = ORIGIN, zone = 'America/Denver' }: CityOptions = {}) => {
  const writes = { commits: 0, sideStore: 0 };
  const ends: (() => unknown)[] = [];
  const atEnd: AtEnd = (end) => ends.unshift(end);
  const path = join(folderUntil('site', atEnd), 'store.db');
  let nowMs = Date.parse('2026-03-03T15:00:00.000Z');
  const clock = () => new Date(nowMs).toISOString();
  const gate = await openGate({
    rules: policy as Policy | null,
    officials: roster as unknown as JsonValue,
    zone,
    begins: clock(),
    path,
    honest: false,
    city: CITY,
    vendors: [],
    storeOf: (store) => counted(store, writes, 'commits'),
    sideStoreOf: (sideStore) => counted(sideStore, writes, 'sideStore'),
    atEnd,
  });
  const own = { ...gate.ports, url };
  const { store, sideStore, logger } = own;
  const ports = { ...own, register: new MemoryIndex(own, logger) };
  const keys = {
    linkKey: new Uint8Array(32).fill(1),
    textKey: new Uint8Array(32).fill(2),
    rosterSalt: new Uint8Array(32),
  };
  const deps: SiteDeps = {
    ports,
    keys,
    logger,
    checkpoint: () => undefined,
    vkey: () => undefined,
    verifier: async () => undefined,
    outbox: NO_OUTBOX,
  };
  const [vendorKey] = (await mustBe(addVendor(ports, 'acme', 'Acme Cameras', ACME_PUBLIC_KEY))).keys;
  const app = siteApp({ ...deps, ports: permitted('site', ports) });

  let [deliveries, cursor]: [number, string | undefined] = [0, undefined];
  const keysSeen = new Set<string>();
  /** Has the register follow what was committed about features that were announced. */
  const follow = async () => {
    for (let done = false; !done; ) {
      const page = await store.feed(cursor, 500);
      ({ done, next: cursor } = page);
      const streams = new Set(page.items.map(({ stream }) => stream));
      for (const key of keysSeen) if (streams.has(featureStream(key))) await catchUp(ports, key);
    }
  };
  /** `came`: how the notice came, where it was not signed. */
  const notify = async (change: Partial<Notice> = {}, came: Partial<Provenance> = {}): Promise<Received> => {
    const notice: Notice = { ...NOTICE, ...change };
    const body = new TextEncoder().encode(JSON.stringify(notice));
    deliveries += 1;
    const deliveryId = `d${deliveries}`;
    const provenance = { ...signedByAcme(deliveryId, clock(), body, vendorKey?.id), ...came };
    const delivery = {
      vendor: 'acme',
      deliveryId,
      actor: 'vendor:acme',
      body,
      notice,
      provenance,
      attachments: [],
      counted: null,
    };
    const { received } = await mustBe(intake(ports, delivery));
    keysSeen.add(notice.feature);
    await catchUp(ports, notice.feature);
    return received;
  };

  const linkTo = async (target: LinkTarget) =>
    `/${target.purpose === 'weekly' ? 'm' : 'd'}/${await makeLink({ store, sideStore, linkKey: keys.linkKey }, target)}`;
  const link = (person: keyof typeof PEOPLE, requirement: string, { change, revision }: Received) => {
    const [key = '', n = '1'] = change.split('/');
    return linkTo({ purpose: 'decide', ...PEOPLE[person], requirement, key, n: Number(n), revision });
  };

  const toClerk = (change: Received) => link('clerk', 'council', change);
  const toMayor = (change: Received) => link('mayor', 'mayor', change);
  const linksTo = async (change: Received) => ({ clerk: await toClerk(change), mayor: await toMayor(change) });

  const get = async (path: string, headers: Record<string, string> = {}) =>
    app.request(`${url}${path}`, { headers: { accept: 'text/html', ...headers } });
  const page = async (path: string, headers?: Record<string, string>) => (await get(path, headers)).text();

  const post = async (path: string, fields: Record<string, string | readonly string[]>, headers: Record<string, string> = {}) => {
    const body = new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]) =>
        (typeof value === 'string' ? [value] : value).map((each): [string, string] => [name, each]),
      ),
    );
    const answer = await app.request(`${url}${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', origin: url, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: body.toString(),
    });
    await follow();
    return answer;
  };

  const certify = async (change: Received, fields: Record<string, string> = {}) =>
    post(await toClerk(change), certificate(change, fields));
  const sign = async (change: Received, fields: Record<string, string> = {}) =>
    post(await toMayor(change), decision(change, fields));
  const status = async (key = 'acme') => (await evaluateKey(ports, key, {})).variant;
  /** Returns its name. */
  const putForward = async (holders: readonly object[]) =>
    (await mustBe(setRoster(ports, { ...roster, holders } as unknown as JsonValue, keys.rosterSalt))).state.proposal?.sha256 ??
    '';

  return {
    app,
    deps,
    path,
    ports,
    writes,
    notify,
    link,
    linkTo,
    linksTo,
    toClerk,
    toMayor,
    get,
    post,
    page,
    answered: async (path: string, fields: Parameters<typeof post>[1]) =>
      (await post(path, fields, { accept: 'text/html' })).text(),
    /** The text of a page, each element a space. */
    text: async (path: string) => textOf(await page(path)),
    plain: async (path: string) => plainOf(await page(path)),
    /** Expects texts in a page as it is sent, or none of them; the same of its text. */
    shows: async (path: string, ...texts: readonly string[]) => expectIn(await page(path), ...texts),
    hides: async (path: string, ...texts: readonly string[]) => expectNotIn(await page(path), ...texts),
    says: async (path: string, ...texts: readonly string[]) => expectIn(textOf(await page(path)), ...texts),
    omits: async (path: string, ...texts: readonly string[]) => expectNotIn(textOf(await page(path)), ...texts),
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
    certify,
    sign,
    refuse: (change: Received) => sign(change, { decision: 'refuse' }),
    approve: async (change: Received, terms: Record<string, string> = {}) => {
      for (const decide of [certify, sign]) expect((await decide(change, terms)).status).toBe(303);
    },
    withdraw: async ({ change, digest }: Received) => {
      const [key = '', n = ''] = change.split('/');
      const provenance = signedByAcme(`w/${change}`, clock(), new TextEncoder().encode('{}'));
      const request = { type: 'withdraw', change: Number(n), digest, provenance } as const;
      await mustBe(orderFeature(ports, { key, commandId: `w/${change}`, actor: 'vendor:acme', request }));
      await catchUp(ports, key);
    },
    putForward,
    replaceHolders: async (holders: readonly object[], ...by: readonly (keyof typeof PEOPLE)[]) => {
      const sha256 = await putForward(holders);
      for (const person of by) await mustBe(confirmProposal(ports, { sha256, ...PEOPLE[person] }));
    },
    events: async (key = 'acme') =>
      (await store.history(featureStream(key), {})).flatMap((commit) => eventsOf(featureAggregate, commit)),
    attach: async (key: string, content: Uint8Array, { title = 'Report', mediaType = 'text/plain' } = {}) => {
      const reading = await readChange(ports, key, 1);
      if (reading === undefined) throw new Error(`no change ${key}/1`);
      const sent = { kind: 'impact-report', title, mediaType, content, actor: 'operator', counted: null };
      await mustBe(attachDocument(ports, { key, n: 1, revision: latestOf(reading.view) }, sent));
      await catchUp(ports, key);
    },
    now: clock,
    passDays: (days: number) => {
      nowMs += days * DAY_MS;
      gate.at(clock());
    },
    status,
    is: async (expected: Awaited<ReturnType<typeof status>>, key?: string) => expect(await status(key)).toBe(expected),
    close: async () => {
      for (const end of ends) await end();
    },
  };
};
export type City = Awaited<ReturnType<typeof openCity>>;

/** Stands for the city that is open, from before a test, or all tests of a file, until after. */
const standing = (options: CityOptions | undefined, begin: typeof beforeAll, end: typeof afterAll): City => {
  let city: City | undefined;
  begin(async () => {
    city = await openCity(options);
  });
  end(() => city?.close());
  return new Proxy({} as City, { get: (_, name) => city?.[name as keyof City] });
};

export const cityForEach = (options?: CityOptions): City => standing(options, beforeEach, afterEach);
export const cityForAll = (options?: CityOptions): City => standing(options, beforeAll, afterAll);

export const cityForTest = async (options?: CityOptions): Promise<City> => {
  const city = await openCity(options);
  onTestFinished(city.close);
  return city;
};

export const refusalOf = async (answer: Response | Promise<Response>): Promise<readonly (number | string)[]> => {
  const { status, errors = [] } = (await (await answer).json()) as { status: number; errors?: { pointer: string }[] };
  expect((await answer).status).toBe(status);
  return [status, ...errors.map(({ pointer }) => pointer)];
};

export const PEOPLE = {
  clerk: { holder: 'hc', body: 'clerk', seat: 'clerk' },
  mayor: { holder: 'hm', body: 'mayor', seat: 'mayor' },
  chair: { holder: 'b1', body: 'board', seat: 'chair' },
  h1: { holder: 'h1', body: 'council', seat: 'district-1' },
  h2: { holder: 'h2', body: 'council', seat: 'district-2' },
  h3: { holder: 'h3', body: 'council', seat: 'district-3' },
  h4: { holder: 'h4', body: 'council', seat: 'at-large' },
} as const;

/** A roll call by seat: `yes` of the first seats, `no` of the rest. */
export const roll = (yes: number): Record<string, string> =>
  Object.fromEntries(SEATS.map((seat, index) => [`vote.${seat}`, index < yes ? 'yes' : 'no']));

export const certificate = ({ revision, digest }: Received, change: Record<string, string> = {}): Record<string, string> => ({
  purpose: 'adopt',
  revision: String(revision),
  digest,
  fileNumber: '26-0412',
  meetingDate: '2026-03-03',
  ...roll(3),
  ...change,
});

/** Three changes on which one may decide together. */
export const threeIn = async (city: City): Promise<readonly [Received, Received, Received]> => [
  await city.notify({ title: 'Camera contract' }),
  await city.notify({ feature: 'acme.lpr', title: 'Plate reader' }),
  await city.notify({ feature: 'acme.drone', title: 'Drone' }),
];

export const FILLED = {
  feature: 'acme.lpr',
  kind: 'new-feature',
  title: 'FreeForm search for vehicles',
  summary: 'Officers describe a vehicle in plain words.',
  optOut: 'yes',
  optOutBy: '2026-05-20',
  optOutHow: 'In the console, under Features.',
  withoutAction: 'on',
  'impact.purpose': 'changed',
  'impact.sharing': 'unchanged',
  'docTitle.2': 'Release note',
  'docKind.2': 'release-note',
  'docUrl.2': 'https://vendor.example/notes',
  nonce: '00000000-0000-4000-8000-000000000001',
};

/** The changes that one vote or signature is about, as a form names them: each with its exact words. */
export const wordsOf = (changes: readonly Received[]): Readonly<Record<string, string | readonly string[]>> => ({
  change: changes.map(({ change }) => change),
  ...Object.fromEntries(
    changes.flatMap(({ change, revision, digest }) => [
      [`revision.${change}`, String(revision)],
      [`digest.${change}`, digest],
    ]),
  ),
});

export const decision = ({ revision, digest }: Received, change: Record<string, string> = {}): Record<string, string> => ({
  decision: 'approve',
  revision: String(revision),
  digest,
  ...change,
});

const WRITES = { commits: ['append'], sideStore: ['put', 'putIfAbsent', 'remove'] } as const;

/** Counts what is written, to show that looking writes nothing. */
const counted = <T extends object>(target: T, writes: Record<keyof typeof WRITES, number>, which: keyof typeof WRITES): T =>
  failing(target, (method) => {
    if (WRITES[which].some((each) => each === method)) writes[which] += 1;
    return undefined;
  });

export const COUNCIL = {
  id: 'council',
  body: 'council',
  instrument: 'certification',
  threshold: { yes: 'majority', of: 'seats' },
  quorum: 3,
};
export const MAYOR = {
  id: 'mayor',
  body: 'mayor',
  instrument: 'signature',
  after: ['council'],
  deadline: 'P5D',
  override: { requirement: 'council', yes: 3, within: 'P30D', confirmedBy: 'council/at-large' },
};

export const BOARD = { id: 'board', body: 'board', instrument: 'advice' };
export const RULE = { id: 'all', when: {}, require: [COUNCIL, MAYOR, BOARD], window: 'P90D', term: 'P1Y' };

/** Council by certification, then the mayor; a board is heard. */
export const POLICY = {
  name: 'Council and mayor',
  version: '1',
  authority: { kind: 'ordinance', number: '26-1', url: 'https://city.example/26-1' },
  rules: [RULE],
};

export const requiring = (...require: readonly object[]) => ({ ...POLICY, rules: [{ ...RULE, require }] });

export const holdersWith = (id: string, over: object) =>
  ROSTER.holders.map((each) => (each.id === id ? { ...each, ...over } : each));

export const WITH_PASSKEYS = {
  ...POLICY,
  passkeys: 'when-enrolled',
  rules: [
    { ...RULE, id: 'sharing', when: { kind: ['data-sharing'] }, documents: ['impact-report'] },
    {
      ...RULE,
      require: [COUNCIL, { ...MAYOR, override: { ...MAYOR.override, within: { notBefore: 'P2D', notAfter: 'P21D' } } }, BOARD],
    },
  ],
};

/** Each member by an own link, and the mayor beside them. */
export const BALLOTS = {
  name: 'By ballots',
  version: '1',
  rules: [
    {
      id: 'all',
      when: {},
      require: [
        { id: 'council', body: 'council', instrument: 'ballots', threshold: { yes: 'majority', of: 'seats' } },
        { id: 'mayor', body: 'mayor', instrument: 'signature' },
      ],
      notice: 'P0D',
      window: 'P60D',
    },
  ],
};

const DISTRICTS = Array.from({ length: 12 }, (_, index) => index + 1);

/** The seats of a council of thirteen, of which district 12 has no holder. */
export const SEATS_OF_13 = [...DISTRICTS.map((n) => `district-${n}`), 'at-large'] as const;

export const ROSTER_OF_13: typeof ROSTER = {
  bodies: { ...ROSTER.bodies, council: { ...ROSTER.bodies.council, seats: [...SEATS_OF_13] as never } },
  holders: [
    ...ROSTER.holders,
    ...DISTRICTS.slice(3, 11).map((n) => holder(`d${n}`, `Council member, District ${n}`, 'council', `district-${n}`)),
  ],
};
