import { beforeEach, expect, test } from 'vitest';
import { makeLink } from '../../functions/gate/links.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import { getChange, getRegister, putChange, putRegister } from '../../functions/register/documents.ts';
import { catchUp } from '../../functions/register/project.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { siteApp } from '../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../functions/web/site/deps.ts';
import { IS_PROOF } from '../support/proof.ts';
import { countCalls, counts, dynamo, keyOf, NOTHING, openCounted, type Stores, sqlite, take } from './countedGate.ts';

beforeEach(countCalls);

const FEW = 60;
const MANY = 130;

/** The reads of a page, at most. */
const PAGES_MOST = {
  '/': 76,
  '/numbers': 13,
  '/?q=update': 76,
  '/?status=pending': 76,
  '/?vendor=acme': 76,
  // With two lists of tasks: those that are urgent, and those of the days to come.
  '/calendar': 10,
  '/calendar.ics': 10,
  '/feed.atom': 154,
  '/worklist': 70,
  inbox: 296,
  desk: 354,
};
type Page = keyof typeof PAGES_MOST;

/** Registers features and a change of each, like those that the gate has, without their commits: half of them wait, half are on. */
const registerLike = async (sideStore: SideStore, keys: readonly string[]): Promise<void> => {
  const models = await Promise.all(
    [keyOf(0), keyOf(1)].map(async (key) => ({
      register: await getRegister(sideStore, key),
      change: await getChange(sideStore, key, 1),
    })),
  );
  for (const [index, key] of keys.entries()) {
    const { register, change } = models[index % models.length] ?? {};
    if (register === undefined || change === undefined) throw new Error('the models are registered');
    await putRegister(sideStore, { ...register, key, state: { ...register.state, key } });
    await putChange(sideStore, { ...change, view: { ...change.view, key } });
  }
};

/** Returns what counts the reads of the pages that are made of every feature, among so many of them: of more each time. */
const openPages = async (openStores: (folder: string) => Promise<Stores>) => {
  const { gate, register } = await openCounted(openStores);
  const ports = { ...gate.ports, register };
  for (const key of ['acme', keyOf(0), keyOf(1)]) {
    const { change, digest } = await gate.notice({ feature: key });
    if (key !== keyOf(0)) {
      await gate.certify(change, digest);
      await gate.sign(change, digest);
    }
    await catchUp(ports, key);
  }
  const keys = { linkKey: new Uint8Array(32).fill(1), textKey: new Uint8Array(32).fill(2) };
  const { token } = await createToken(ports, { name: 'it', scopes: ['state:read'] });
  const clerk = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
  const decides = { purpose: 'decide', ...clerk, requirement: 'council', key: keyOf(0), n: 1, revision: 1 } as const;
  const link = await makeLink({ ...ports, linkKey: keys.linkKey }, decides);
  const app = siteApp({
    ports,
    keys,
    logger: () => undefined,
    checkpoint: () => undefined,
    vkey: () => undefined,
    verifier: async () => undefined,
    outbox: NO_OUTBOX,
  });
  const paths = { inbox: `/d/${link}/inbox`, desk: `/d/${link}/desk` };
  let registered = 2;
  return async (features: number) => {
    const others = Array.from({ length: features - registered }, (_, index) => keyOf(index + registered));
    await registerLike(ports.sideStore, others);
    registered = features;
    const counted = new Map<Page, ReturnType<typeof take>>();
    const get = (path: string) =>
      app.request(`${ports.url}${path}`, { headers: { accept: 'text/html', authorization: `Bearer ${token}` } });
    // Fills the index in memory.
    await (await get('/')).text();
    for (const name of Object.keys(PAGES_MOST) as Page[]) {
      const path = name === 'inbox' || name === 'desk' ? paths[name] : name;
      Object.assign(counts, NOTHING);
      const answer = await get(path);
      await answer.text();
      expect(answer.status, name).toBe(200);
      counted.set(name, take());
    }
    return counted;
  };
};

test.each([
  ['SQLite', sqlite, true],
  ['DynamoDB', dynamo, IS_PROOF],
] as const)('on %s a page made of all features reads what it shows, however many there are', async (_, openStores, isGrowing) => {
  const costsAmong = await openPages(openStores);
  const few = await costsAmong(FEW);
  for (const [page, { reads, writes }] of few) {
    expect(reads, page).toBeLessThanOrEqual(PAGES_MOST[page]);
    expect(writes, page).toBe(0);
  }
  // What was once read of a feature is kept, so each page is asked for twice.
  const again = isGrowing ? await costsAmong(FEW) : few;
  if (isGrowing) await costsAmong(MANY);
  expect(isGrowing ? await costsAmong(MANY) : few).toEqual(again);
});
