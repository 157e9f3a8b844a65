import { expect, test } from 'vitest';
import { isLoggedBefore } from '../../../functions/log/health.ts';
import { hold } from '../../../functions/log/sequencer/logIndex.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { bench } from './sequencer/ports.ts';

/** All commits here are of this instant. */
const NOON = '2026-03-02T12:00:00.000Z';
const AFTER_NOON = '2026-03-02T12:00:00.001Z';

test('a commit from before the instant that is not in the log, be it the last of many', async () => {
  const ports = bench();
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(true);
  await ports.write('feature/acme', 250);
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(false);
  await sequence(ports);
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(true);
  await ports.write('feature/acme');
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(false);
  expect(await isLoggedBefore(ports, NOON)).toBe(true);
});

test('one of a stream that the sequencer holds is not waited for, one before it is', async () => {
  const ports = bench();
  await ports.write('feature/acme', 2);
  await hold(ports.sideStore, { stream: 'feature/acme', version: 2, problem: 'not what the judge takes' });
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(false);
  await hold(ports.sideStore, { stream: 'feature/acme', version: 1, problem: 'not what the judge takes' });
  expect(await isLoggedBefore(ports, AFTER_NOON)).toBe(true);
});
