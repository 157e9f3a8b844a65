import { expect } from 'vitest';
import { type PasskeyForm, passkeyFormIn } from '../../../functions/web/passkeys/world.ts';
import { type SoftwareKey, softwareKey } from '../../../support/authenticator.ts';
import { CITY_URL } from './city.ts';
import type { Played } from './firstDecision.ts';

const formIn = ({ gate }: Played, page: string) =>
  passkeyFormIn(page) ?? expect.fail(`no passkey is asked for: ${page} ${gate.log.join('')}`);

export const passkeysIn = (stage: Played) => {
  const { gate, actors } = stage;
  const see = async (path: string) => formIn(stage, (await gate.request('GET', path, undefined, { accept: 'text/html' })).body);
  const send = ({ kind, challenge, action, fields }: PasskeyForm, key: SoftwareKey) =>
    actors.submit(action, { ...fields, passkey: JSON.stringify(kind === 'create' ? key.create(challenge) : key.get(challenge)) });
  const done = async (form: PasskeyForm, key: SoftwareKey) =>
    expect((await send(form, key)).statusCode, gate.log.join('')).toBe(303);
  return {
    see,
    done,
    next: async (form: PasskeyForm, key: SoftwareKey) => formIn(stage, (await send(form, key)).body),
    enrol: async (link: string) => {
      const key = softwareKey(CITY_URL);
      await done(formIn(stage, (await send(await see(`${link}/passkey`), key)).body), key);
      return key;
    },
    act: async (link: string, key: SoftwareKey, fields: Readonly<Record<string, string>>) => {
      await done(formIn(stage, (await actors.submit(link, fields)).body), key);
      await gate.pump();
    },
  };
};
