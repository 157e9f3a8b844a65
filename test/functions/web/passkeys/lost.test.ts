import { expect, onTestFinished, test } from 'vitest';
import { certificate } from '../site/support/city.ts';
import { passkeyCity } from './world.ts';

const story = async () => {
  const city = await passkeyCity('when-enrolled');
  onTestFinished(() => city.close());
  const change = await city.notify();
  const clerk = await city.link('clerk', 'council', change);
  return { city, change, clerk };
};

test('a passkey whose record got lost makes its owner not free to decide by the link alone', async () => {
  const { city, change, clerk } = await story();
  await city.enrol(clerk);
  for (const { id } of await city.ports.sideStore.list('passkey')) await city.ports.sideStore.remove('passkey', id);
  const answer = await city.post(clerk, certificate(change));
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ type: 'urn:aldergate:problem:passkey-required' });
  expect((await city.send(clerk, certificate(change))).status).not.toBe(303);
  expect((await city.ports.store.head('feature/acme'))?.version).toBe(1);
});

test('an unreadable record is not replaced by another', async () => {
  const { city, change, clerk } = await story();
  await city.enrol(clerk);
  for (const { id } of await city.ports.sideStore.list('passkey'))
    await city.ports.sideStore.put('passkey', id, { broken: true });
  expect((await city.post(clerk, certificate(change))).status).toBe(409);
});
