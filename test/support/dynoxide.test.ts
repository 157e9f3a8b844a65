import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from 'vitest';
import { type Dynoxide, startDynoxide } from './dynoxide.ts';

const listTables = async ({ endpoint }: Dynoxide): Promise<unknown> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  try {
    return (await client.send(new ListTablesCommand({}))).TableNames;
  } finally {
    client.destroy();
  }
};

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the DynamoDB engine of the tests', () => {
  let engines: readonly Dynoxide[] = [];
  afterEach(() => Promise.all(engines.map((engine) => engine.stop())));

  test('several start at once, each empty and on a port of its own', async () => {
    engines = await Promise.all([startDynoxide(), startDynoxide(), startDynoxide()]);
    expect(new Set(engines.map(({ endpoint }) => endpoint)).size).toBe(3);
    for (const engine of engines) expect(await listTables(engine)).toEqual([]);
  });

  test('a stopped engine answers no more, and stopping it again is safe', async () => {
    const engine = await startDynoxide();
    await engine.stop();
    await engine.stop();
    await expect(listTables(engine)).rejects.toThrow();
  });
});
