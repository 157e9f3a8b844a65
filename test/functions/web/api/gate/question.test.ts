import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readQuestion } from '../../../../../functions/web/api/ofrep/status.ts';

const asks = (key: string, agency?: string, version?: string) => ({ ok: true, question: { key, agency, version } });

describe('a question is', () => {
  test.each([
    ['/v1/gate/acme', asks('acme')],
    ['/v1/gate/acme.lpr.search', asks('acme.lpr.search')],
    ['/v1/gate/acme?', asks('acme')],
    ['/v1/gate/acme?agency=town-pd', asks('acme', 'town-pd')],
    ['/v1/gate/acme?version=2026.3&agency=Town%20PD', asks('acme', 'Town PD', '2026.3')],
    ['/v1/gate/acme?x=1', asks('acme')],
  ])('%s', (target, question) => {
    expect(readQuestion(target)).toStrictEqual(question);
  });
});

describe('what a proxy adds of its visitor is no part of it', () => {
  test.each([
    '/v1/gate/acme/',
    '/v1/gate/acme/?agency=town-pd',
    '/v1/gate/acme/page?agency=town-pd&version=9',
    '/v1/gate/acme/other.key?agency=a&agency=b',
    '/v1/gate/acme/?',
    '/v1/gate/acme//acme.on',
  ])('%s', (target) => {
    expect(readQuestion(target)).toStrictEqual(asks('acme'));
  });
});

describe('there is none in', () => {
  test.each([
    '/v1/gate/acme/../other',
    '/v1/gate/acme/..',
    '/v1/gate/acme/./x',
    '/v1/gate/acme/%2e%2e/other',
    '/v1/gate/acme/.%2E/other',
    '/v1/gate/acme/%252e%252e/other',
    '/v1/gate/acme/%25252e%25252e/other',
    '/v1/gate/acme/..%2fother',
    '/v1/gate/acme%2f..%2fother',
    '/v1/gate/acme/..\\other',
    '/v1/gate/acme/..%5cother',
    '/v1/gate/acme/..;a=b/other',
    '/v1/gate/acme/x/../../other?agency=a',
    '/v1/gate/../gate/acme',
    '/v1/gate/%61cme',
    '/v1/gate/ACME',
    '/v1/gate/acme..lpr',
    '/v1/gate/acme.',
    '/v1/gate/acme lpr',
    '/v1/gate/acme;v=1',
    '/v1/gate/',
    '/v1/gate/?agency=a',
    '/v1/gate',
    '/V1/gate/acme',
    '//v1/gate/acme',
    '/v1//gate/acme',
    '/v1/x/../gate/acme',
    'http://gate.example/v1/gate/acme',
    '*',
    '',
    '/v1/gate/acme?agency=a&agency=a',
    '/v1/gate/acme?agency=a&%61gency=b',
    '/v1/gate/acme?version=1&version=2',
    `/v1/gate/acme?agency=${'a'.repeat(201)}`,
  ])('%s', (target) => {
    expect(readQuestion(target)).toMatchObject({ ok: false });
  });
});

test('no addition behind the address of a key makes another question of it', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '%252e',
      '\\',
      '%5c',
      '%2f',
      '?',
      '&',
      '#',
      ';',
      'other.on',
      'agency=x',
      '?agency=x',
      '?version=9',
      '&agency=x',
      '%00',
      '\t',
    ),
    fc.string({ maxLength: 6 }),
  );
  let offered = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const read = readQuestion(`/v1/gate/acme.off/${pieces.join('')}`);
      if (read.ok && /\?(?:.*&)?agency=x/.test(pieces.join(''))) offered += 1;
      expect(read).toSatisfy(({ ok, ...rest }: typeof read) =>
        ok
          ? JSON.stringify(rest) === JSON.stringify({ question: { key: 'acme.off', agency: undefined, version: undefined } })
          : true,
      );
    }),
    { numRuns: 1_000 },
  );
  expect(offered).toBeGreaterThan(20);
});
