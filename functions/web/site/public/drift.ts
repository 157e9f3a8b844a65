import { mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { evaluateKeys } from '../../../gate/heads.ts';
import type { SiteDeps } from '../deps.ts';
import { seenOn } from './seen.ts';

/** What was seen on at the vendors and is not allowed to be, judged on the heads, with when it was seen last. */
export const driftOf = async (deps: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const seen = await seenOn(deps, vendors);
  const evaluations = await evaluateKeys(deps.ports, [...seen.keys()], {});
  return new Map([...seen].filter(([key]) => !mayBeOn(evaluations.get(key)?.variant ?? 'unknown')));
};
