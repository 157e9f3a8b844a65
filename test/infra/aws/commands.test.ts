import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { settingsOf } from '../../../infra/aws/settings.ts';
import { folderOfFile } from '../../support/folders.ts';
import { type Noted, notedCalls } from './support/documented.ts';
import { WITNESS, withApp } from './support/templates.ts';

// The deployments of docs/deploy.md and docs/aws-copies.md, over the cdk.json of a city as they tell it to keep it.

const VERSION = '01234567-89ab-cdef-0123-456789abcdef';
const CITY = {
  stage: 'city',
  domain: 'gate.city.example',
  certificate: `arn:aws:acm:us-east-1:123456789012:certificate/${VERSION}`,
  originSecretVersion: VERSION,
  protect: true,
  logKey: '2',
  witnesses: [WITNESS],
  witnessQuorum: 1,
  copyTo: 'arn:aws:s3:::county-archive',
};
/** The settings of a city that took over from another stage. */
const TAKEN_OVER = { ...CITY, logKey: '0', logKeyArn: 'arn:aws:kms:eu-west-1:123456789012:key/mrk-Before' };

const PLACEHOLDERS = {
  'certificate/…': `certificate/${VERSION}`,
  LogKeyReplica: 'arn:aws:kms:us-east-1:123456789012:key/mrk-LogKey',
  'ROLE-ARN': 'arn:aws:iam::123456789012:role/it',
  ACCOUNT: '123456789012',
  'age1…': 'age1cpsa94lmkvjhh3my5v8yty94g8c9lkd5wg42hx88g0kftyy6t5sqn3a6nx',
  'NEW-REGION': 'us-east-1',
  'COPY-REGION': 'us-east-2',
} as const;
const filled = (text: string) =>
  Object.entries(PLACEHOLDERS).reduce((done, [placeholder, value]) => done.replaceAll(placeholder, value), text);

let calls: ReadonlyMap<string, readonly Noted[]>;
let deployments: readonly { readonly section: string; readonly given: Readonly<Record<string, unknown>> }[];

const folder = folderOfFile('commands');

beforeAll(() => {
  for (const name of ['data/log', 'copy']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['seen', 'data/log/checkpoint', 'copy/checkpoint'])
    writeFileSync(join(folder, name), 'gate.city.example/log\n1\n');
  calls = notedCalls(folder, VERSION);
  deployments = [...calls].flatMap(([section, noted]) =>
    noted.flatMap(({ region, words: [program, tool, ...words] }) => {
      if (program !== 'npx' || tool !== 'cdk' || words[0] === 'bootstrap') return [];
      // As the CDK reads them: of two with one name the last counts.
      const texts = words.flatMap((word, i) => (words[i - 1] === '--context' ? [filled(word)] : []));
      const contexts = texts.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]);
      return [{ section, given: { ...Object.fromEntries(contexts), region: filled(region) } }];
    }),
  );
});

test('each deployment of these pages is one that the settings allow', () => {
  const sections = new Set(deployments.map(({ section }) => section));
  expect([...sections]).toStrictEqual([
    'From an empty account to the first decision',
    'A second stage',
    'Keys and their rotation',
    'The key of the log',
    'Protection, and the way out',
    'Copies',
    'A region is lost',
    'From one machine to AWS',
  ]);
  const distinct = new Set(deployments.map(({ given }) => JSON.stringify(given)));
  for (const given of distinct) expect(() => withApp({ ...CITY, ...JSON.parse(given) }, () => undefined), given).not.toThrow();
});

describe('a stage beside the city’s', () => {
  test.each([CITY, TAKEN_OVER])(
    'can be deleted when its creation fails, and has what a city has once only if it takes that over (%#)',
    (city) => {
      const second = deployments.flatMap(({ given }) => ('stage' in given && given.stage !== CITY.stage ? [given] : []));
      expect(second.map(({ stage }) => stage)).toStrictEqual(['trial', 'city2', 'city2']);
      const { domain, certificate } = CITY;
      const [logKeyArn, none] = [PLACEHOLDERS.LogKeyReplica, undefined];
      const taken = { domain, certificate, logOrigin: `${domain}/log`, logKeyArn, others: [0, 1, 1, 'own'] };
      const apart = {
        domain: none,
        certificate: none,
        logKeyArn: none,
        logOrigin: 'trial.city.example/log',
        others: [1, 0, 0, none],
      };
      for (const given of second)
        withApp({ ...city, ...given }, ({ app, records, copy, gate }) => {
          const { witnesses, witnessQuorum, copyKey, copyTo = 'own', ...settings } = settingsOf(app);
          const others = [records.logKeys.length, witnesses.length, witnessQuorum, copyKey && copyTo];
          const unprotected = { protect: false, originSecretVersion: none, mailIdentity: 'existing' };
          const expected = { ...unprotected, ...(given.stage === 'city2' ? taken : apart) };
          expect({ ...settings, others }).toMatchObject(expected);
          expect([records, copy, gate].filter((stack) => stack?.terminationProtection === true)).toEqual([]);
        });
    },
  );

  test('runs nothing that could mail someone before it has the archive and the city’s name', () => {
    const lost = (calls.get('A region is lost') ?? []).map(({ region, words }) => `${region} ${words.join(' ')}`);
    const order = [
      'us-west-2 aws s3 cp',
      'NEW-REGION npx cdk bootstrap aws://ACCOUNT/NEW-REGION aws://ACCOUNT/COPY-REGION',
      'NEW-REGION npx cdk deploy Aldergate-city2-Records',
      'NEW-REGION aws kms put-key-policy --region KEY-REGION',
      'NEW-REGION npm exec -- node infra/aws/archive.ts import',
      'NEW-REGION aws cloudfront update-distribution',
      'NEW-REGION npx cdk deploy --all',
      'NEW-REGION npx aldergate verify',
    ];
    const places = order.map((each) => lost.findIndex((call) => call.startsWith(each)));
    expect(places).toStrictEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(lost.filter((call) => call.includes('cdk deploy'))).toHaveLength(2);
  });
});

test('every function is restarted, and waited for, by what a rotation of the key of the MACs refers to', () => {
  const keys = (calls.get('Keys and their rotation') ?? []).map(({ words }) => words.join(' '));
  expect(keys.slice(0, 3)).toStrictEqual([
    expect.stringMatching(/^aws cloudformation list-stack-resources --stack-name Aldergate-city-Gate .*AWS::Lambda::Function/),
    expect.stringMatching(`^aws lambda update-function-configuration --function-name ${VERSION} --description \\d`),
    `aws lambda wait function-updated-v2 --function-name ${VERSION}`,
  ]);
  const operations = readFileSync('docs/operations.md', 'utf8');
  const [, rotation = ''] = operations.split('**The key of the MACs is to change**');
  const order = ['restart every function', '`OLD,NEW`', 'and restart', '`NEW,OLD`', 'and restart', 'renew-macs', '`NEW` alone'];
  const steps = rotation.slice(rotation.indexOf('CommitSecret'));
  expect(steps).toMatch(new RegExp(order.join('[\\s\\S]*?')));
});
