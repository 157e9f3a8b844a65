import { HtmlValidate } from 'html-validate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyPage } from './matrix/pages.ts';

/**
 * The recommended rules except two. The doctype is in lower case, which HTML allows. Several fields of a form may have one name, which is
 * how a form without scripts sends a list, such as agencies or the changes ticked on a desk.
 */
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended'],
  rules: { 'doctype-style': ['error', { style: 'lowercase' }], 'form-dup-name': 'off' },
});

let installation: Awaited<ReturnType<typeof everyPage>>;
beforeAll(async () => {
  installation = await everyPage();
});
afterAll(() => installation?.close());

test('every page is valid HTML in every language', async () => {
  const faults: string[] = [];
  for (const { name, address } of installation.pages)
    for (const tongue of ['en', 'es', 'ar-xb']) {
      const url = new URL(address);
      url.searchParams.set('lang', tongue);
      const answer = await fetch(url, { headers: { accept: 'text/html' } });
      const { results } = await validator.validateString(await answer.text());
      const messages = results.flatMap(({ messages: found }) => found);
      faults.push(
        ...messages.map(({ ruleId, message, selector }) => `${name} (${tongue}): ${ruleId}: ${message}, at ${selector}`),
      );
    }
  expect(faults).toEqual([]);
});

test('the judge finds an element where it may not stand', async () => {
  const { valid } = await validator.validateString(
    '<!doctype html><html lang="en"><head><title>x</title></head><body><p><div></div></p></body></html>',
  );
  expect(valid).toBe(false);
});
