import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { expect, onTestFinished, test } from 'vitest';
import { listening, story } from './story.ts';

test('the official server SDK gets an explicit false, with true as its default', async () => {
  const { world, token, on } = await story();
  await on('acme');
  const baseUrl = await listening(world);
  await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers: [['Authorization', `Bearer ${token}`]] }));
  onTestFinished(() => OpenFeature.close());
  const client = OpenFeature.getClient();
  expect(await client.getBooleanDetails('nobody.knows', true)).toMatchObject({
    value: false,
    reason: 'STATIC',
    variant: 'unknown',
  });
  expect(await client.getBooleanDetails('NO KEY', true)).toMatchObject({ value: false, variant: 'unknown' });
  expect(await client.getBooleanDetails('acme.a', true)).toMatchObject({ value: false, variant: 'unknown' });
  expect(await client.getBooleanDetails('acme', false)).toMatchObject({
    value: true,
    variant: 'enabled',
    flagMetadata: { change: 'acme/1' },
  });
});
