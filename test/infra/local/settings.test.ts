import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { BadSettings } from '../../../infra/local/errors.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { readSettings } from '../../../infra/local/settings.ts';

const NO_FILE = 'no-such-file.json';
const read = (env: Record<string, string>) => readSettings(env, NO_FILE);

test('the city, its contact and the address of its IT are settings; without them the city is called City and has no contact', () => {
  expect(read({})).toMatchObject({ city: { name: 'City', contact: undefined }, itMail: undefined });
  const named = {
    ALDERGATE_CITY: ' City of Northfield ',
    ALDERGATE_CONTACT: 'City clerk, 555-0100',
    ALDERGATE_IT_MAIL: 'it@city.example',
  };
  expect(read(named)).toMatchObject({
    city: { name: 'City of Northfield', contact: 'City clerk, 555-0100' },
    itMail: 'it@city.example',
  });
});

test.each([
  [{ ALDERGATE_CITY: 'x'.repeat(101) }, 'city'],
  [{ ALDERGATE_CITY: 'North\nfield' }, 'city'],
  [{ ALDERGATE_CONTACT: 'clerk\u202Egro.elpmaxe' }, 'contact'],
  [{ ALDERGATE_IT_MAIL: 'it' }, 'itMail'],
])('%j cannot be used, and the message names the setting', (env, setting) => {
  expect(() => read(env)).toThrow(BadSettings);
  expect(() => read(env)).toThrow(new RegExp(`\\b${setting}\\b`));
});

test.each([
  ['https://Gate.City.Example:443/', 'https://gate.city.example'],
  ['http://[::1]:8787//', 'http://[::1]:8787'],
])('the address %s is %s, as browsers send it with a form', (ALDERGATE_URL, url) =>
  expect(read({ ALDERGATE_URL }).url).toBe(url),
);

test.each(['gate', 'ftp://gate', 'https://gate/x', 'https://gate/?a', 'https://gate/#a', 'https://me:word@gate'])(
  '%s is not the address of a gate, whose forms could not be sent',
  (ALDERGATE_URL) => expect(() => read({ ALDERGATE_URL })).toThrow(/^the settings cannot be used: [\s\S]*\burl\b/),
);

test.each([
  [{}, '"City" <aldergate@127.0.0.1>'],
  [{ ALDERGATE_CITY: 'The "Old" Town' }, '"The \\"Old\\" Town" <aldergate@127.0.0.1>'],
  [{ ALDERGATE_CITY: 'Northfield', ALDERGATE_MAIL_FROM: 'gate@city.example' }, '"Northfield" <gate@city.example>'],
  [{ ALDERGATE_CITY: 'Northfield', ALDERGATE_MAIL_FROM: 'The Gate <gate@city.example>' }, 'The Gate <gate@city.example>'],
])('with %j mail is sent by %s', (env, from) => {
  expect(read(env).mailFrom).toBe(from);
});

test('a data folder that cannot be made or written is named, as an outage that the operator can mend', () => {
  const open = () => openInstallation(read({ ALDERGATE_DATA: `${import.meta.filename}/data` }));
  expect(open).toThrow(StoreUnavailable);
  expect(open).toThrow(/^the data folder cannot be written: .*settings\.test\.ts/);
});

test.each([
  ['ALDERGATE_CITTY', 'ALDERGATE_CITY'],
  ['ALDERGATE_SMTP_ULR', 'ALDERGATE_SMTP_URL'],
  ['ALDERGATE_PORT', 'PORT'],
  ['ALDERGATE_TIMEZONE', 'ALDERGATE_TIME_ZONE'],
])('%s is a setting misspelt: %s is meant', (name, nearest) =>
  expect(() => read({ [name]: 'x' })).toThrow(`${name} is no setting; did you mean ${nearest}?`),
);

test('variables of other programs are left alone', () => {
  expect(read({ ALDERGATE_PROPERTY_RUNS: '3', ALDERGATE_KILLS: '4', OTHER_CITY: 'x' }).city.name).toBe('City');
});

test('a file that is no JSON is named with the place of the fault', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'aldergate-settings-')), 'aldergate.config.json');
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  writeFileSync(path, '{"city": "A", "city": "B"}');
  expect(() => readSettings({}, path)).toThrow(`${path}: /city`);
});
