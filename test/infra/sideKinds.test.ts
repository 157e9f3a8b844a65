import { expect, test } from 'vitest';
import { REGISTER_KIND, SIDE_KINDS } from '../../functions/platform/store/sideStore.ts';
import { CONSUMER_KINDS, FUNCTIONS, type FunctionPlan } from '../../infra/aws/constructs/functions.ts';

// That no kind is used which the table does not have is checked by the compiler: the side store takes no other.
test('every kind of the table is written by a function, so that none stands there that the code no longer has', () => {
  const plans: readonly FunctionPlan[] = Object.values(FUNCTIONS);
  const written = new Set<string>([...CONSUMER_KINDS, REGISTER_KIND, ...plans.flatMap(({ access }) => access?.writes ?? [])]);
  // Operators' programs write the others: they subscribe, rebuild the register, and import.
  expect(Object.keys(SIDE_KINDS).filter((kind) => !written.has(kind))).toEqual(['subscription', 'register-edition', 'stage']);
});
