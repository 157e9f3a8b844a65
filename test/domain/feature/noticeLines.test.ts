import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareLines, linesOfNotice, Notice } from '../../../domain/feature/notice.ts';
import { IMPACTS } from '../../../domain/policy/schema.ts';
import { facts } from './support.ts';

const document = { title: 'Release note', kind: 'release-note', url: 'https://vendor.example/notes', sha256: 'a'.repeat(64) };
const BASE = facts({ documents: [document] });
const OTHER = {
  kind: 'update',
  title: 'Another',
  summary: 'Says something else.',
  version: null,
  effectiveAt: '2026-05-01T00:00:00.000Z',
  endsAt: '2027-05-01T00:00:00.000Z',
  optOut: 'no',
  optOutBy: '2026-04-20T00:00:00.000Z',
  optOutHow: 'In the console, under Features.',
  withoutAction: 'on',
} as const;

test('whatever a notice states otherwise than before is a line with both, and nothing else is', () => {
  const impacts = fc.uniqueArray(fc.constantFrom(...IMPACTS));
  const edits = fc.record({
    names: fc.uniqueArray(fc.constantFrom(...(Object.keys(OTHER) as (keyof typeof OTHER)[]))),
    impacts,
    documents: fc.constantFrom(
      [document],
      [{ ...document, sha256: 'b'.repeat(64) }],
      [],
      [document, { ...document, title: 'More' }],
    ),
  });
  fc.assert(
    fc.property(edits, ({ names, impacts: changed, documents }) => {
      const after = facts({
        ...BASE,
        ...Object.fromEntries(names.map((name) => [name, OTHER[name]])),
        impact: { ...BASE.impact, ...Object.fromEntries(changed.map((name) => [name, 'changed'])) },
        documents: [...documents],
      });
      const files = documents.length === 1 && documents[0] === document ? [] : [documents.length === 2 ? 'More' : 'Release note'];
      const expected = [
        ...names,
        ...changed.map((name) => `impact/${name}`),
        ...files.map((title) => `document/release-note/${title}`),
      ];
      const found = compareLines(linesOfNotice(BASE), linesOfNotice(after));
      expect(new Set(found.changed.map(({ before, after: now }) => (now ?? before)?.id))).toEqual(new Set(expected));
      for (const { before, after: now } of found.changed) expect(now?.value).not.toEqual(before?.value);
      for (const { before, after: now } of found.same) expect(now).toEqual(before);
    }),
  );
});

test.each([
  [{ kind: 'contract' }, 'endsAt'],
  [{ kind: 'removal', revises: 1 }, 'revises'],
])('a notice with a fault that no field has by itself is refused: %j', (fields, at) => {
  const notice = { feature: 'acme', title: 'Another', summary: 'Says something else.', ...fields };
  expect(Notice.safeParse(notice).error?.issues.map(({ path }) => path)).toStrictEqual([[at]]);
  expect(Notice.safeParse({ ...notice, kind: 'update' }).success).toBe(true);
});
