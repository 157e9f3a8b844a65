import type { Evaluation } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { reasonsAgainst } from '../../support/reading.ts';

/** One key of a chain: what happened to it by the reader of consent, and what the gate answers about it. */
export interface Asked {
  readonly key: string;
  readonly happened: readonly FeatureEvent[];
  readonly answer: Evaluation;
}

const text = (value: unknown) => JSON.stringify(value) ?? '';

/**
 * Returns what speaks against an answer `true` at `t`: no consent along the chain, or not to this audience, these conditions or
 * this end.
 */
export const against = (chain: readonly Asked[], t: string): readonly string[] => {
  const approvals = chain.flatMap(({ happened, answer: { change, revision } }) =>
    happened
      .filter((event) => event.type === 'ChangeApproved' && event.change === change && event.revision === revision)
      .slice(-1),
  );
  const terms = approvals.flatMap((event) => (event.type === 'ChangeApproved' ? [event] : []));
  const named = terms.flatMap(({ terms: { audience } }) => (audience === null ? [] : [audience]));
  const audience = named[0]?.filter((agency) => named.every((each) => each.includes(agency))) ?? null;
  const conditions = terms.flatMap((each) => each.terms.conditions ?? []);
  const ends = terms.flatMap(({ validUntil }) => validUntil ?? []).sort();
  const answer = chain.at(-1)?.answer;
  const [end] = ends;
  return [
    ...chain.flatMap(({ key, happened, answer: shown }) =>
      reasonsAgainst(happened, t, shown).map((reason) => `${key} at ${t}: ${reason}`),
    ),
    ...(text(answer?.audience) === text(audience) ? [] : [`the audience is ${text(audience)}, not ${text(answer?.audience)}`]),
    ...(text(answer?.conditions) === text(conditions) ? [] : [`the conditions are ${text(conditions)}`]),
    ...(end === undefined || (answer?.effectiveUntil ?? '~') <= end ? [] : [`it ends at ${end}, not ${answer?.effectiveUntil}`]),
  ];
};
