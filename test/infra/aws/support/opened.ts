import { afterAll, beforeAll, expect } from 'vitest';
import { actorsOf } from './actors.ts';
import type { StartEnvironment } from './environment.ts';
import { type GateOnAws, openGateOnAws } from './gateOnAws.ts';

/** A synthesis makes all bundles, on a machine that may have other things to do. */
export const SYNTHESIS_MS = 300_000;

/**
 * Opens a gate for the tests of a file and its people to `take`. When they end, checks that no permission was missing, whichever
 * test needed it.
 */
export const withGateOnAws = (
  take: (opened: { readonly gate: GateOnAws; readonly actors: ReturnType<typeof actorsOf> }) => void,
  start?: StartEnvironment,
  aws?: { readonly isForeign: boolean },
): void => {
  let gate: GateOnAws;
  beforeAll(async () => {
    gate = await openGateOnAws(start, aws);
    take({ gate, actors: actorsOf(gate) });
  }, SYNTHESIS_MS);
  afterAll(async () => {
    const { denied } = gate.cloud;
    await gate.stop();
    expect(denied).toStrictEqual([]);
  });
};
