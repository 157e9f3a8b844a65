import * as z from 'zod';
import type { Variant } from '../../domain/feature/evaluate.ts';
import type { DemoCity } from './city.ts';
import { expectSame } from './expect.ts';
import { requestFor } from './http.ts';

/** One step of the story: the day, the act, and IT's answer before and after. */
export interface Step extends FlagQuestion {
  readonly day: number;
  readonly title: string;
  readonly was: Variant;
  readonly is: Variant;
  /** Absent if only time passes. Throws if the outcome is not the expected one. */
  readonly act?: (city: DemoCity) => Promise<unknown>;
}

const Evaluation = z.object({ key: z.string(), value: z.boolean(), variant: z.string() });

/** IT's question: a key, and for which agency. */
interface FlagQuestion {
  readonly key: string;
  readonly agency?: string;
}

/** Asks the gate by OFREP, as IT does, and checks the answer: `true` for `enabled`, an explicit `false` for anything else. */
export const expectAnswer = async (
  { url, itToken }: DemoCity,
  { key, agency }: FlagQuestion,
  variant: Variant,
): Promise<void> => {
  const { json } = await requestFor(200, 'POST', `${url}/ofrep/v1/evaluate/flags/${key}`, {
    token: itToken,
    json: { context: agency === undefined ? {} : { agency } },
  });
  const answer = Evaluation.parse(json);
  expectSame(`the answer for ${key}`, answer, { key, value: variant === 'enabled', variant });
};
