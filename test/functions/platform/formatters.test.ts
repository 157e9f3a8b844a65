import { expect, test } from 'vitest';
import { sourceFiles, textOf } from '../../support/projectFiles.ts';

test('nothing that answers requests or writes mails makes a formatter of its own', () => {
  const making = /new Intl\.(?:DateTimeFormat|NumberFormat|ListFormat|PluralRules)\(/;
  const found = sourceFiles().filter((file) => file.startsWith('functions/') && making.test(textOf(file)));
  expect(found).toEqual(['functions/platform/catalogue.ts']);
});
