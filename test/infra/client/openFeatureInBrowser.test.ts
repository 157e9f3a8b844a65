import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { orderFeature } from '../../../functions/gate/feature.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { EventStreams, withStreams } from '../../../functions/web/api/ofrep/eventStreams.ts';
import { listening, story } from '../../functions/web/api/ofrep/story.ts';
import type { World } from '../../functions/web/api/world.ts';
import { sharedBrowser } from '../../support/browser.ts';
import { answering as serving } from '../../support/listening.ts';
import { ROOT, textOf } from '../../support/projectFiles.ts';

const POLL_MS = 300;
const LEASE_MS = 1_500;

type Way = 'answering' | 'hanging' | 'cut' | 304 | 401 | 500 | 'no JSON';

const documented = (name = 'browser') => {
  const block = new RegExp(`<!-- run: ${name} -->\\n\`\`\`ts\\n([\\s\\S]*?)\\n\`\`\``).exec(
    textOf('docs/fail-closed-clients.md'),
  )?.[1];
  if (block === undefined) throw new Error('the document has no block to run in a browser');
  return block;
};

/** The provider with its own settings. */
const AS_IT_COMES = `
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature } from '@openfeature/web-sdk';
const headers = [['X-API-Key', token]];
const provider = new OFREPWebProvider({ baseUrl: 'https://gate.city.example', headers, pollInterval: 10_000 });
const client = OpenFeature.getClient();
export const isOn = (key: string): boolean => client.getBooleanValue(key, false);
export const first = OpenFeature.setProviderAndWait(provider).then(() => isOn('acme'), () => isOn('acme'));
`;

const GATE = 'https://gate.city.example';
const TOKEN = 'ald_token_of_the_page';

const bundled = async (program: string) => {
  const contents = `const token = '${TOKEN}';\n${program.replace('10_000', String(POLL_MS))}`;
  const stdin = { contents, loader: 'ts', resolveDir: ROOT } as const;
  const made = await build({ stdin, bundle: true, write: false, format: 'iife', globalName: 'page', logLevel: 'silent' });
  return made.outputFiles[0]?.text ?? '';
};
const bundles = new Map<string, ReturnType<typeof bundled>>();

const scriptOf = async (program: string, gate: string, token: string) => {
  const bundle = bundles.get(program) ?? bundled(program);
  bundles.set(program, bundle);
  return (await bundle).replaceAll(GATE, gate).replaceAll(TOKEN, token);
};

const EXPOSED = { 'access-control-expose-headers': 'etag', etag: 'W/"a"' };
const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*', ...EXPOSED };

const wayTo = async (gate: string) => {
  let way: Way = 'answering';
  let asked = 0;
  const fail = (method: string | undefined, response: ServerResponse) => {
    if (way === 'cut') response.socket?.destroy();
    if (way === 'cut' || way === 'hanging') return;
    if (method === 'OPTIONS') response.writeHead(204, CORS).end();
    else if (way === 'no JSON') response.writeHead(200, { ...CORS, 'content-type': 'text/html' }).end('<p>on</p>');
    else
      response
        .writeHead(Number(way), { ...CORS, 'content-type': 'application/problem+json' })
        .end(way === 304 ? undefined : '{"title":"no"}');
  };
  const pass = (incoming: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = incoming;
    const outgoing = forward(`${gate}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  };
  const url = await serving((incoming, response) => {
    asked += 1;
    if (way === 'answering') pass(incoming, response);
    else fail(incoming.method, response);
  });
  const change = (next: Way) => {
    way = next;
  };
  return { url, asked: () => asked, change };
};

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

/** A gate that serves streams at the address of what stands in front of it. */
const streaming = async ({ deps }: World, url: () => string) => {
  const leaseSeconds = LEASE_MS / 1_000;
  const streams = new EventStreams({ ports: deps.ports, logger: deps.logger, leaseSeconds, url: '' });
  onTestFinished(() => streams.close());
  const app = apiApp({ ...deps, leaseSeconds, streams: { urlFor: (token) => `${url()}${streams.urlFor(token)}` } });
  const routed = getRequestListener((asked) => app.fetch(asked));
  return serving(withStreams(streams, (incoming, outgoing) => void routed(incoming, outgoing)));
};

const openPage = async (program: string, hasStreams = false) => {
  const { world, token, on } = await story();
  await on('acme');
  let front = '';
  const leased = { ...world, deps: { ...world.deps, leaseSeconds: LEASE_MS / 1_000 } };
  const way = await wayTo(hasStreams ? await streaming(world, () => front) : await listening(leased));
  front = way.url;
  const script = await scriptOf(program, way.url, token);
  const origin = await serving((incoming, response) => {
    const isScript = incoming.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : '<!doctype html><title>A page</title><script src="/page.js"></script>');
  });
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(origin);
  const isOn = () => page.evaluate('page.isOn("acme")');
  const revoke = async () => {
    const request = { type: 'revoke', change: 1, requirement: 'mayor', holder: 'mayor', reason: null, fileNumber: null } as const;
    const revoked = await orderFeature(world.deps.ports, { key: 'acme', commandId: 'revoked', actor: 'holder:mayor', request });
    expect(revoked).toMatchObject({ ok: true });
    await catchUp(world.deps.ports, 'acme');
  };
  await expect.poll(isOn).toBe(true);
  return { page, isOn, revoke, change: way.change, asked: way.asked };
};

const answersOf = async (isOn: () => Promise<unknown>): Promise<ReadonlySet<unknown>> => {
  const answers = new Set<unknown>();
  for (let asked = 0; asked < 15; asked += 1) {
    answers.add(await isOn());
    await new Promise((resolve) => setTimeout(resolve, POLL_MS / 5));
  }
  return answers;
};

const FAILURES: readonly Way[] = ['hanging', 'cut', 304, 401, 500, 'no JSON'];
/** What differs for a page that listens, or a client that reads its answers itself: `held.test.ts` has the others. */
const SOME: readonly Way[] = ['cut', 401];

/** One page for each way, all at once: they mostly wait. */
const whileGateIs = (ways: readonly Way[], name: string, watch: (way: Way) => Promise<void>) =>
  test(`${name}, while the gate is ${ways.join(', ')}`, async () => {
    await Promise.all(ways.map(watch));
  });

const says = (isOn: () => Promise<unknown>, answer: boolean, way: Way) =>
  expect.poll(isOn, { message: `while the gate is ${way}` }).toBe(answer);

describe('the documented set-up', () => {
  test('a revocation arrives in a page that stays open, and one that is loaded again never answers true', async () => {
    const { page, isOn, revoke } = await openPage(documented());
    await revoke();
    await expect.poll(isOn).toBe(false);
    await page.reload();
    expect(await answersOf(isOn)).toEqual(new Set([false]));
  });

  whileGateIs(
    FAILURES,
    'a page that is loaded again never says true, and one that stays open comes to say false',
    async (way) => {
      const { page, isOn, change } = await openPage(documented());
      change(way);
      await page.reload();
      expect(await answersOf(isOn), String(way)).toEqual(new Set([false]));
      change('answering');
      await says(isOn, true, way);
      change(way);
      await says(isOn, false, way);
      change('answering');
      await says(isOn, true, way);
    },
  );
});

describe('the documented set-up where the gate has streams', () => {
  test('a page that only listens stays true beyond a lease, as each event renews it, and hears of a revocation at once', async () => {
    const { isOn, revoke, asked } = await openPage(documented().replace('10_000', '600_000'), true);
    await expect.poll(asked).toBeGreaterThan(2);
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    expect(await isOn()).toBe(true);
    await revoke();
    await expect.poll(isOn, { interval: 20 }).toBe(false);
  });

  whileGateIs(SOME, 'a page that listens says false within the lease, and recovers with the gate', async (way) => {
    const { isOn, change } = await openPage(documented(), true);
    change(way);
    await says(isOn, false, way);
    change('answering');
    await says(isOn, true, way);
  });
});

describe('the client that comes along, in a page', () => {
  const held = `${documented('held').replaceAll('northcam.lpr', 'acme').replace('aldergate/client', './infra/client/gate.ts')}
export const isOn = (_key: string): boolean => mayRead();
`;

  test('hears of a revocation, and is false when it is loaded again', async () => {
    const { page, isOn, revoke } = await openPage(held);
    await revoke();
    await expect.poll(isOn).toBe(false);
    await page.reload();
    expect(await answersOf(isOn)).toEqual(new Set([false]));
  });

  test('listens where the gate has streams', async () => {
    const { isOn, revoke } = await openPage(held.replace("agency: 'police',", "agency: 'police', pollMs: 600_000,"), true);
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    expect(await isOn()).toBe(true);
    await revoke();
    await expect.poll(isOn).toBe(false);
  });

  whileGateIs(SOME, 'is false within the lease, and recovers with the gate', async (way) => {
    const { isOn, change } = await openPage(held.replace("agency: 'police',", "agency: 'police', pollMs: 1_500,"));
    change(way);
    await says(isOn, false, way);
    change('answering');
    await says(isOn, true, way);
  });
});

test('the provider with its defaults answers from before, as documented, after a reload and while the gate is away', async () => {
  const { page, revoke } = await openPage(AS_IT_COMES);
  await revoke();
  await page.reload();
  expect(await page.evaluate('page.first')).toBe(true);
  const away = await openPage(AS_IT_COMES);
  away.change('cut');
  await away.page.reload();
  await says(away.isOn, true, 'cut');
});
