import { expect, test } from 'vitest';
import { allPages, clientThrough } from '../../../infra/cli/apiClient.ts';

const answering = (...answers: readonly unknown[]) => {
  const asked: [path: string, init: RequestInit][] = [];
  const client = clientThrough(async (path, init) => {
    asked.push([path, init]);
    return answers[asked.length - 1];
  });
  return { client, asked };
};
const token = (id: string) => ({
  id,
  name: 'n',
  scopes: ['observe'],
  agencies: [],
  person: null,
  source: null,
  revoked: false,
  readable: true,
});

test('parameters stand in the path as one segment each, and only what is given in the query', async () => {
  const { client, asked } = answering({ items: [], next: null });
  await client.call('GET', '/v1/features/{key}/history', { params: { key: 'a/b?c' }, query: { limit: '5', cursor: undefined } });
  expect(asked).toStrictEqual([
    ['/v1/features/a%2Fb%3Fc/history?limit=5', { method: 'GET', headers: { accept: 'application/json' } }],
  ]);
});

test('an answer that the route table does not describe is refused', async () => {
  const { client } = answering({ key: 'acme', enabled: 'yes' });
  await expect(client.call('GET', '/v1/features/{key}', { params: { key: 'acme' } })).rejects.toThrow(
    'GET /v1/features/{key} gave another answer than expected',
  );
});

test('a list is read to its end', async () => {
  const { client, asked } = answering({ items: [token('a')], next: 'b c' }, { items: [token('b')], next: null });
  const items = await allPages((query) => client.call('GET', '/v1/tokens', { query }));
  expect(items.map(({ id }) => id)).toStrictEqual(['a', 'b']);
  expect(asked.map(([path]) => path)).toStrictEqual(['/v1/tokens?limit=1000', '/v1/tokens?limit=1000&cursor=b+c']);
});
