import { expect, test } from 'vitest';
import { siteEn } from '../../../../functions/web/site/words/en.ts';
import { siteEs } from '../../../../functions/web/site/words/es.ts';

type Tree = { readonly [name: string]: string | Tree };

const texts = (tree: Tree, path = ''): readonly (readonly [string, string])[] =>
  Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[`${path}/${name}`, value] as const] : texts(value, `${path}/${name}`),
  );

const slots = (text: string): readonly string[] => [...new Set(text.match(/\{[a-z]+\}/gi) ?? [])].sort();

test('both languages say everything, with the same slots', () => {
  const spanish = new Map(texts(siteEs));
  const english = texts(siteEn);
  expect([...spanish.keys()].sort()).toEqual(english.map(([path]) => path).sort());
  for (const [path, text] of english) {
    expect(text, path).toMatch(/\S/);
    expect(slots(spanish.get(path) ?? ''), path).toEqual(slots(text));
  }
});
