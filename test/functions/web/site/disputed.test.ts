import { expect, test } from 'vitest';
import { certificate, cityForEach, decision, POLICY } from './support/city.ts';

const [RULE] = POLICY.rules;
const [COUNCIL, MAYOR, BOARD] = RULE?.require ?? [];
const city = cityForEach({
  policy: { ...POLICY, rules: [{ ...RULE, require: [{ ...COUNCIL, confirmedBy: 'council/at-large' }, MAYOR, BOARD] }] },
});

test('a disputed certificate is the clerk’s alone: who advises is still asked for advice', async () => {
  const change = await city.notify();
  const chair = await city.link('chair', 'board', change);
  const h4 = await city.link('h4', 'council', change);
  const clerk = await city.link('clerk', 'council', change);
  expect((await city.post(clerk, certificate(change, {}))).status).toBe(303);
  const answer = await city.post(h4, decision(change, { decision: 'dispute', comment: 'wrong' }));
  expect([answer.status, await answer.text()]).toEqual([303, '']);
  expect(await city.page(`${clerk}/inbox`)).toContain('is disputed');
  const inbox = await city.page(`${chair}/inbox`);
  expect(inbox).toContain('Your advice');
  expect(inbox).not.toContain('is disputed');
});
