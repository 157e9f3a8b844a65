import { expect, test } from 'vitest';
import { removeText } from '../../../../functions/gate/redactions.ts';
import { commitText, withText } from '../../../../functions/web/site/official/decide/order.ts';
import { certificate, cityForEach, decision, PEOPLE } from './support/city.ts';

const city = cityForEach();

/** The texts of officials that are kept. */
const kept = async (): Promise<readonly string[]> =>
  (await city.ports.sideStore.list('text')).map(({ value }) => (value as { text: string }).text).sort();

test('a text is kept with the decision that names it, and none with a form that recorded nothing', async () => {
  const change = await city.notify();
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  const tooEarly = await city.post(mayor, decision(change, { comment: 'before my turn' }));
  expect([tooEarly.status, await kept()]).toStrictEqual([409, []]);
  await city.post(clerk, certificate(change, { comment: 'certified' }));
  const stale = await city.post(mayor, decision(change, { comment: 'on other words', digest: `sha256:${'0'.repeat(64)}` }));
  expect([stale.status, await kept()]).toStrictEqual([409, ['certified']]);
  await city.post(mayor, decision(change, { comment: 'signed' }));
  expect(await kept()).toStrictEqual(['certified', 'signed']);
});

test('a text that an act names stays, when the same text comes with another decision that is refused', async () => {
  const change = await city.notify();
  const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
  await city.post(clerk, certificate(change));
  await city.post(mayor, decision(change, { comment: 'in good order' }));
  const other = await city.post(mayor, decision(change, { decision: 'refuse', comment: 'in good order' }));
  expect([other.status, await kept()]).toStrictEqual([409, ['in good order']]);
});

test('the same form twice at once is one decision, and its text is there', async () => {
  const change = await city.notify();
  const clerk = await city.link('clerk', 'council', change);
  const form = certificate(change, { comment: 'at once' });
  const answers = await Promise.all([city.post(clerk, form), city.post(clerk, form)]);
  expect(answers.map(({ status }) => status)).toStrictEqual([303, 303]);
  expect(await kept()).toStrictEqual(['at once']);
});

test('what was recorded keeps its text, though the same form was refused in that very moment', async () => {
  await city.notify();
  const link = {
    purpose: 'decide',
    ...PEOPLE.clerk,
    requirement: 'council',
    key: 'acme',
    n: 1,
    revision: 1,
    generation: 1,
  } as const;
  const officialTexts = commitText(city.deps, link, 'at the same time', 0);
  const recorded = await withText(city.deps, link, officialTexts, async () => {
    await removeText(city.ports, officialTexts.comment ?? '');
    return { ok: true };
  });
  expect([recorded, await kept()]).toStrictEqual([{ ok: true }, ['at the same time']]);
});
