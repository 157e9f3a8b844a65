import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS, problemType } from '../../../../../functions/web/http/problems.ts';
import { notified, openWorld, type Signer, vendor, type World } from '../world.ts';
import { administered } from './administered.ts';
import { entered } from './entered.ts';
import { flags } from './flags.ts';
import { notices } from './notices.ts';
import { questions } from './questions.ts';
import type { Row } from './row.ts';
import { withdrawals } from './withdrawals.ts';

const groups = { notices, withdrawals, entered, questions, flags, administered };

let world: World;
let acme: Signer;
let token: string;
let before: readonly string[];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  world = await openWorld({ keep: (close) => void closing.push(close) });
  acme = await vendor(world, 'acme');
  await vendor(world, 'zeta');
  await notified(world, acme);
  token = await world.token('admin');
  before = await world.streams();
});
afterAll(async () => {
  for (const close of closing) await close();
});

const credentials = ({ as, body = '' }: Row): Readonly<Record<string, string>> => {
  if (as === 'vendor') return acme.headers(body);
  return as === 'token' ? { authorization: `Bearer ${token}` } : {};
};

const send = (row: Row): Response | Promise<Response> => {
  const method = row.method ?? 'POST';
  const headers = { 'content-type': 'application/json', ...credentials(row), ...row.headers };
  return world.app.request(row.path, { method, headers, ...(row.body !== undefined && { body: row.body as string }) });
};

test('there are rows enough', () => {
  expect(Object.values(groups).flat().length).toBeGreaterThanOrEqual(60);
});

describe.each(Object.entries(groups))('%s', (_group, rows) => {
  test.each(rows)('$name: $code', async (row) => {
    const response = await send(row);
    const problem = (await response.json()) as Record<string, unknown>;
    const status = row.status ?? PROBLEMS[row.code].status;
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problem).toMatchObject({ type: problemType(row.code), title: PROBLEMS[row.code].title, status: response.status });
    expect(problem.detail).toMatch(/\S/);
    if (row.pointer !== undefined) {
      const errors = problem.errors as readonly { pointer: string; detail: string }[];
      expect(errors.map(({ pointer }) => pointer)).toContain(row.pointer);
      expect(errors.every(({ detail }) => /\S/.test(detail))).toBe(true);
    }
    if (row.code === 'method-not-allowed') expect(response.headers.get('allow')).toMatch(/GET|POST/);
    expect(await world.streams(), 'nothing was stored').toStrictEqual(before);
    expect(world.logged, 'nothing went wrong on our side').toStrictEqual([]);
  });
});
