import { expect, test } from 'vitest';
import { JUDGE_CODES } from '../../../domain/judge/verdict.ts';
import { fieldsBound } from './fields.ts';

const INTRO = `# The judge

\`domain/judge\` is a second statement of the rules, from the events of the log alone. It shares no rule with what decides, and a check on
imports keeps it so. It is given every commit in the order of the log, and either lets it stand or objects with one of the codes below.
A commit that may not stand leaves no trace in the judge, so what follows from it may not stand either. \`verify\`, \`fsck\`, \`import\` and
the sequencer ask it.

What it cannot know: whether a person clicked, unless a passkey signed; whether a vendor wrote a notice, unless its signature is checked over
the raw bytes (which \`fsck\` and \`verify --notices\` do); and what a gate claims that nothing contradicts. The second table says of
each field of each event which of these it is.
`;

test('docs/judge.md is what the codes and the mutants make (vitest -u writes it)', async () => {
  const { mutants, fields } = fieldsBound();
  expect(mutants).toBeGreaterThan(10_000);
  const codes = Object.entries(JUDGE_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const rows = [...fields]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([field, bound]) => `| \`${field}\` | ${bound} |`);
  const text = [
    INTRO,
    '## Codes\n',
    '| code | meaning |\n|---|---|',
    ...codes,
    '\n## Fields\n',
    'Made by changing each field in logs of real stories, to values of its kind and to values from elsewhere, with every hash and every name of an',
    'act made anew. *Judged*: no such log stands. *Signed by a passkey*: where the policy asks for one. *Signed by the vendor*: by a `v1a` key.\n',
    '| field | |\n|---|---|',
    ...rows,
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../docs/judge.md');
}, 300_000);
