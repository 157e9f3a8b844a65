import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/aws/constructs/functions.ts';
import { nameIn } from './support/iam.ts';
import {
  CONTEXTS,
  type Part,
  propertiesOf,
  resources,
  statementsOf,
  type Templates,
  templates,
  withId,
} from './support/templates.ts';

let deployed: Templates;
beforeAll(() => {
  deployed = templates();
});

const permissionsOf = (role: string) =>
  statementsOf(deployed.gate, role)
    .map(({ Effect: effect, Action: action, Resource: resource, Condition: condition = {} }) => {
      expect(effect).toBe('Allow');
      const on = [resource].flat().map(nameIn).join(' ');
      const [keys] = Object.values<Part>(condition).map((test) => Object.values(test).flat().join(' '));
      return `${[action].flat().join(' ')} | ${on}${keys === undefined ? '' : ` | ${keys}`}`;
    })
    .sort();

const PLACES = 'dynamodb:Query | CommitsTable CommitsTable/index/by-time';
const PLACES_AND_REGISTER = `${PLACES} RegisterTable/index/by-change`;
const COMMITS = 'dynamodb:BatchGetItem | CommitsTable';
const FEED = [COMMITS, PLACES];
const FEED_AND_REGISTER = [COMMITS, PLACES_AND_REGISTER];
const STREAM = 'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams | CommitsTable.stream';
/** The kinds of records that a function writes, all of which it reads, and those that it only reads, beside what all have. */
const side = (written: string, read: string, stage = 'stage') => {
  const sorted = (kinds: string) => kinds.trim().split(/ +/).sort().join(' ');
  return [
    `dynamodb:GetItem dynamodb:Query | SideTable | ${sorted(`${written} health ${read} ${stage}`)}`,
    `dynamodb:DeleteItem dynamodb:PutItem | SideTable | ${sorted(`${written} health`)}`,
  ];
};
const LISTED = 'derived derived-case derived-mark derived-task';
const PEOPLE = 'directory directory-proposed';
const READ_MODEL = 'change document-place';
const CONSUMER = 'dead-letter feed-cursor mark trouble';
const secrets = (...more: readonly string[]) => `secretsmanager:GetSecretValue | ${['CommitKeySecret', ...more].join(' ')}`;
const SES = 'arn:AWS::Partition:ses:us-west-2:AWS::AccountId';
const MAIL_BY = `${SES}:configuration-set/MailConfiguration ${SES}:identity/MailDomain`;
const SEND_MAIL = `ses:SendEmail ses:SendRawEmail | ${MAIL_BY} | aldergate@city.example`;
const REGISTER = 'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Scan | RegisterTable';
const logs = (name: string) => `logs:CreateLogStream logs:PutLogEvents | ${name}Log`;

const EXACT: Readonly<Record<keyof typeof FUNCTIONS, readonly string[]>> = {
  api: [
    PLACES_AND_REGISTER,
    REGISTER,
    'dynamodb:PutItem | CommitsTable | access/* document/* feature/* observation/* policy receipt/* redaction/* roster settings vendor/*',
    ...side(
      `${READ_MODEL} ${PEOPLE} notice-usage text token vendor vendor-contact vendor-form vendor-secret`,
      `${LISTED} copy derived-source log-held log-published register-edition`,
    ),
    secrets('OriginSecret', 'RosterSaltSecret'),
  ],
  site: [
    'dynamodb:Query | CommitsTable RegisterTable/index/by-change',
    REGISTER,
    'dynamodb:PutItem | CommitsTable | feature/* observation/* receipt/* revocation roster settings',
    ...side(
      `${READ_MODEL} ${PEOPLE} agenda link notice-usage renewal-asked text weekly-off`,
      `${LISTED} bounce derived-figures derived-source log-held log-place log-published passkey register-edition vendor-form`,
    ),
    secrets('LinkKeySecret', 'OriginSecret', 'TextKeySecret'),
  ],
  passkeys: [
    'dynamodb:Query | CommitsTable',
    'dynamodb:GetItem dynamodb:PutItem | RegisterTable',
    'dynamodb:PutItem | CommitsTable | access/* feature/* roster settings',
    ...side(
      `${READ_MODEL} ${PEOPLE} passkey passkey-spent passkey-turn passkey-use sent text trouble`,
      'link log-held log-place log-published',
    ),
    secrets('LinkKeySecret', 'OriginSecret', 'TextKeySecret'),
    SEND_MAIL,
  ],
  projector: [
    ...FEED,
    'dynamodb:GetItem dynamodb:PutItem | RegisterTable',
    STREAM,
    ...side(`${CONSUMER} ${READ_MODEL}`, ''),
    'sqs:SendMessage | ToProjectorSetAside',
    secrets(),
  ],
  notify: [
    ...FEED_AND_REGISTER,
    REGISTER,
    ...side(
      `${CONSUMER} ${READ_MODEL} bounce derived-follower fault-mailed forced-mailed lease link mail-due morning-mailed renewal-asked renewal-mailed sent task-new weekly-mailed`,
      `${LISTED} ${PEOPLE} agenda derived-event derived-figures log-held log-place passkey register-edition vendor-contact weekly-off`,
    ),
    secrets('LinkKeySecret'),
    'sqs:SendMessage | EventsUndelivered',
    SEND_MAIL,
  ],
  webhooks: [
    ...FEED,
    ...side(`${CONSUMER} derived-follower lease`, 'derived-event derived-mark log-place subscription'),
    secrets(),
  ],
  derived: [
    ...FEED,
    ...side(
      `${LISTED} dead-letter derived-due derived-event derived-figures derived-follower derived-journal derived-source lease mark trouble`,
      'feed-cursor log-held log-place',
    ),
    'events:PutEvents | EventsBus',
    secrets(),
  ],
  clock: [
    ...FEED_AND_REGISTER,
    REGISTER,
    'dynamodb:PutItem | CommitsTable | feature/* policy roster settings',
    ...side(`${CONSUMER} ${READ_MODEL} ${PEOPLE}`, 'copy log-held log-place register-edition'),
    secrets(),
  ],
  sequencer: [
    ...FEED,
    'dynamodb:PutItem | CommitsTable | log logbook/*',
    STREAM,
    ...side(`${CONSUMER} log-applied log-compared log-held log-place log-published log-witness`, ''),
    'events:PutEvents | EventsBus',
    'sqs:SendMessage | ToSequencerSetAside',
    's3:DeleteObject | PublicLogBucket/log/tile/*',
    's3:GetObject | PublicLogBucket/log/*',
    's3:ListBucket | PublicLogBucket',
    's3:PutObject | PublicLogBucket/log/checkpoint PublicLogBucket/log/document/* PublicLogBucket/log/judged PublicLogBucket/log/notice/* PublicLogBucket/log/tile/* PublicLogBucket/log/vkey',
    'kms:GetPublicKey | LogKey',
    'kms:Sign | LogKey | RAW ED25519_SHA_512',
    secrets(),
  ],
  copies: [
    'dynamodb:Query | CommitsTable',
    ...side(
      'copy lease',
      `${PEOPLE} agenda bounce dead-letter forced-mailed mail-due mark morning-mailed passkey passkey-spent passkey-use renewal-asked sent subscription task-new text token vendor vendor-contact vendor-form vendor-secret weekly-mailed weekly-off`,
    ),
    secrets('RosterSaltSecret', 'TextKeySecret'),
    's3:PutObject | arn:AWS::Partition:s3:::CopyBucket/town/*',
  ],
  log: [
    'dynamodb:Query | CommitsTable',
    ...side('', 'document-place log-held log-place', ''),
    secrets('OriginSecret'),
    's3:GetObject | PublicLogBucket/log/*',
    's3:ListBucket | PublicLogBucket',
  ],
};

describe('a function may do exactly this', () => {
  test.each(Object.entries(EXACT))('%s', (name, exact) => {
    expect(permissionsOf(name)).toStrictEqual([...exact, logs(name)].sort());
  });

  test('and every function is listed', () => {
    expect(Object.keys(EXACT).sort()).toStrictEqual(Object.keys(FUNCTIONS).sort());
    const names = [...resources(deployed.gate, 'AWS::Lambda::Function').keys()].map((id) => id.replace(/Function.*$/, ''));
    expect(names.sort()).toStrictEqual(Object.keys(FUNCTIONS).sort());
  });
});

const SCHEDULES = 7;
test('no role has a wildcard, a managed policy or an inline policy', () => {
  for (const { PolicyDocument: document } of propertiesOf(deployed.gate, 'AWS::IAM::Policy'))
    for (const { Resource: resource, Action: action } of document.Statement) {
      expect([resource].flat(), action).not.toContain('*');
      expect([action].flat().join()).not.toContain('*');
    }
  const roles = propertiesOf(deployed.gate, 'AWS::IAM::Role');
  expect(roles).toHaveLength(Object.keys(FUNCTIONS).length + SCHEDULES);
  for (const properties of roles) {
    expect(properties).not.toHaveProperty('ManagedPolicyArns');
    expect(properties).not.toHaveProperty('Policies');
  }
});

test('no principal may alter a commit, whatever its role allows', () => {
  const [replica, ...others] = withId(deployed.records, 'AWS::DynamoDB::GlobalTable', 'Commits').Replicas;
  expect(others).toEqual([]);
  expect(replica.ResourcePolicy.PolicyDocument.Statement).toStrictEqual([
    {
      Sid: 'CommitsAreNeverAltered',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: [
        'dynamodb:BatchWriteItem',
        'dynamodb:DeleteItem',
        'dynamodb:PartiQLDelete',
        'dynamodb:PartiQLInsert',
        'dynamodb:PartiQLUpdate',
        'dynamodb:UpdateItem',
      ],
      Resource: '*',
    },
  ]);
});

test('only the sequencer’s role signs the log, whatever other roles allow', () => {
  const keys = propertiesOf(deployed.records, 'AWS::KMS::Key').filter((key) => key.KeyUsage === 'SIGN_VERIFY');
  expect(keys).toMatchObject([{ KeySpec: 'ECC_NIST_EDWARDS25519' }]);
  const { Statement: statements } = keys[0].KeyPolicy;
  expect(statements.filter((each: Part) => each.Effect === 'Deny')).toStrictEqual([
    {
      Sid: 'OnlyTheSequencerSigns',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'kms:Sign',
      Resource: '*',
      Condition: { ArnNotLike: { 'aws:PrincipalArn': { 'Fn::Join': ['', expect.any(Array)] } } },
    },
  ]);
  expect(JSON.stringify(statements)).toContain('":role/Aldergate-town-Gate-sequencer"');
  const named = [...resources(deployed.gate, 'AWS::IAM::Role')].filter(
    ([, each]) => each.Properties.RoleName === 'Aldergate-town-Gate-sequencer',
  );
  expect(named.map(([id]) => id)).toEqual([expect.stringMatching(/^sequencerRole/)]);
});

describe('another account that reads the bus', () => {
  test('is none, unless the context names it', () => {
    expect(resources(deployed.gate, 'AWS::Events::EventBusPolicy').size).toBe(0);
  });

  test('makes, reads and changes its own rules, for events of the gate, to buses of its own; and publishes nothing', () => {
    const { gate } = templates(CONTEXTS['everything set']);
    const policies = propertiesOf(gate, 'AWS::Events::EventBusPolicy');
    const caller = ['$', '{aws:PrincipalAccount}'].join('');
    const own = { StringEquals: { 'events:creatorAccount': caller } };
    const statements = policies.map(({ Statement: statement, EventBusName: bus }) => {
      const { Action: actions, Condition: condition, Resource: on, Principal: by, ...rest } = statement;
      expect(nameIn(bus)).toBe('EventsBus');
      expect({ ...rest, on: nameIn(on), by: by.AWS.map(nameIn) }).toStrictEqual({
        Effect: 'Allow',
        on: 'arn:AWS::Partition:events:us-west-2:AWS::AccountId:rule/EventsBus/*',
        by: ['222233334444', '555566667777'].map((account) => `arn:AWS::Partition:iam::${account}:root`),
      });
      return [actions, condition];
    });
    expect(statements).toStrictEqual([
      [
        ['events:PutRule'],
        {
          StringEqualsIfExists: { 'events:creatorAccount': caller },
          'ForAllValues:StringEquals': { 'events:source': ['aldergate'] },
          Null: { 'events:source': 'false' },
        },
      ],
      [
        ['events:PutTargets'],
        {
          ...own,
          'ForAllValues:ArnLike': { 'events:TargetArn': [`arn:*:events:*:${caller}:event-bus/*`] },
          Null: { 'events:TargetArn': 'false' },
        },
      ],
      [
        [
          'events:DeleteRule',
          'events:DescribeRule',
          'events:DisableRule',
          'events:EnableRule',
          'events:ListTagsForResource',
          'events:ListTargetsByRule',
          'events:RemoveTargets',
        ],
        own,
      ],
    ]);
  });
});
