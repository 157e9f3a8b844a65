import { expect, test } from 'vitest';
import type { Observing } from '../../../../domain/policy/schema.ts';
import { openCity, POLICY } from './support/city.ts';
import { textOf } from './support/readers.ts';

const rulesOf = async (observe?: Observing): Promise<string> => {
  const city = await openCity({ policy: { ...POLICY, ...(observe !== undefined && { observe }) } });
  const text = textOf(await city.page('/rules'));
  await city.close();
  return text;
};

const SOURCES = {
  'IT <round>': { kind: 'city', every: 'P7D' },
  portal: { kind: 'vendor', every: 'P1D' },
  auditor: { kind: 'audit', every: 'P1Y' },
} as const;

test('rules that name no source say that nobody checks', async () => {
  expect(await rulesOf()).toContain('These rules name no one who checks what is really on.');
});

test('who looks how often, when others hear of it, and what silence means', async () => {
  const page = await rulesOf({ sources: SOURCES });
  for (const line of [
    'IT <round>: the city looks at least once in 7 days.',
    'portal: the vendor reports at least once in 1 day.',
    'auditor: independent auditors look at least once in 1 year.',
    'If something stays on without permission for 1 day, everyone who must say yes gets a mail.',
    'When an approval ends and it stays on, the first mail goes out at once.',
    'If a source says nothing for longer, the city does not know what is on.',
  ])
    expect(page).toContain(line);
});

test('a grace and no wait', async () => {
  const page = await rulesOf({ sources: SOURCES, membersAfter: 'P0D', grace: 'P2D' });
  expect(page).toContain('everyone who must say yes gets a mail at once.');
  expect(page).toContain('the first mail about it waits 2 days.');
});
