import { expect, test } from 'vitest';
import { PROBLEMS, type ProblemCode, problemAnswer, rejectionAnswer } from '../../../../functions/web/http/problems.ts';

const codes = Object.keys(PROBLEMS) as ProblemCode[];

test('a problem document has its type, title and status, and the position of each fault', () => {
  const answer = rejectionAnswer({ code: 'closed', detail: 'change 3 is closed', pointer: '/revises' });
  expect([answer.status, answer.headers]).toStrictEqual([409, { 'content-type': 'application/problem+json' }]);
  expect(JSON.parse(answer.body)).toStrictEqual({
    type: 'urn:aldergate:problem:closed',
    title: 'The change is closed',
    status: 409,
    detail: 'change 3 is closed',
    errors: [{ pointer: '/revises', detail: 'change 3 is closed' }],
  });
});

test('a 5xx carries no detail', () => {
  for (const code of codes.filter((each) => PROBLEMS[each].status >= 500)) {
    const { body } = problemAnswer(code, { detail: 'SELECT', errors: [{ pointer: '/a', detail: 'SELECT' }] });
    expect(body, code).not.toContain('SELECT');
  }
});

test('a client above a limit gets Retry-After', () => {
  expect(problemAnswer('contended')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(problemAnswer('unavailable').headers['retry-after']).toBe('5');
});
