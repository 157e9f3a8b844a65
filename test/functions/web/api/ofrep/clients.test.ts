import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { type Provider, OpenFeature as WebOpenFeature } from '@openfeature/web-sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { catchUp } from '../../../../../functions/register/project.ts';
import { notified } from '../world.ts';
import { listening, story } from './story.ts';

describe('the official clients, with true as their default', () => {
  test('the server SDK gets an explicit false', async () => {
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
    for (const key of ['NO KEY', 'acme?a'])
      expect(await client.getBooleanDetails(key, true), key).toMatchObject({ value: false, variant: 'unknown' });
    expect(await client.getBooleanDetails('acme.a', true)).toMatchObject({ value: false, variant: 'unknown' });
    expect(await client.getBooleanDetails('acme', false)).toMatchObject({
      value: true,
      variant: 'enabled',
      flagMetadata: { change: 'acme/1' },
    });
  });

  test('the web SDK gets an explicit false for what is not approved', async () => {
    const { world, token, on, acme } = await story();
    await on('acme');
    await notified(world, acme, { feature: 'acme.a' });
    await catchUp(world.deps.ports, 'acme.a');
    const baseUrl = await listening(world);
    const provider = new OFREPWebProvider({ baseUrl, headers: [['Authorization', `Bearer ${token}`]], pollInterval: 0 });
    // Its types are not written for exact optional properties.
    await WebOpenFeature.setProviderAndWait(provider as unknown as Provider, {
      targetingKey: 'somebody',
      keys: ['nobody.knows', 'NO KEY'],
    });
    onTestFinished(() => WebOpenFeature.close());
    const client = WebOpenFeature.getClient();
    expect(client.getBooleanDetails('acme', false)).toMatchObject({ value: true, variant: 'enabled' });
    expect(client.getBooleanDetails('acme.a', true)).toMatchObject({ value: false, variant: 'pending' });
    // A web client knows only what the bulk answer holds, so it names the keys it asks for.
    expect(client.getBooleanDetails('nobody.knows', true)).toMatchObject({ value: false, variant: 'unknown' });
    expect(client.getBooleanDetails('NO KEY', true)).toMatchObject({ value: false, variant: 'unknown' });
  });
});
