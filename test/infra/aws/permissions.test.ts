import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS } from '../../../infra/aws/constructs/functions.ts';
import {
  CONTEXTS,
  nameIn,
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

const feedAnd = (register: string) => [
  'dynamodb:BatchGetItem | CommitsTable',
  `dynamodb:Query | CommitsTable CommitsTable/index/by-time${register}`,
];
const FEED = feedAnd('');
const FEED_AND_REGISTER = feedAnd(' RegisterTable/index/by-change');
const STREAM = 'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams | CommitsTable.stream';
const READ_SIDE = 'dynamodb:GetItem dynamodb:Query | SideTable |';
const WRITE_SIDE = 'dynamodb:DeleteItem dynamodb:PutItem | SideTable |';
const SES = 'arn:AWS::Partition:ses:us-west-2:AWS::AccountId';
const MAIL_BY = `${SES}:configuration-set/MailConfiguration ${SES}:identity/MailDomain`;
const SEND_MAIL = `ses:SendEmail ses:SendRawEmail | ${MAIL_BY} | aldergate@city.example`;
const REGISTER = 'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Scan | RegisterTable';
const logs = (name: string) => `logs:CreateLogStream logs:PutLogEvents | ${name}Log`;

const EXACT: Readonly<Record<keyof typeof FUNCTIONS, readonly string[]>> = {
  api: [
    ...FEED_AND_REGISTER,
    REGISTER,
    'dynamodb:PutItem | CommitsTable | access/* document/* feature/* observation/* policy receipt/* redaction/* roster settings vendor/*',
    `${READ_SIDE} change copy derived derived-case derived-figures derived-source derived-task directory directory-proposed document-place health log-held log-published notice-usage register-edition stage text token vendor vendor-contact vendor-form vendor-secret`,
    `${WRITE_SIDE} change directory directory-proposed document-place health notice-usage text token vendor vendor-contact vendor-form vendor-secret`,
    'secretsmanager:GetSecretValue | CommitKeySecret OriginSecret RosterSaltSecret',
  ],
  site: [
    'dynamodb:Query | CommitsTable RegisterTable/index/by-change',
    REGISTER,
    'dynamodb:PutItem | CommitsTable | feature/* receipt/* revocation roster settings',
    `${READ_SIDE} agenda bounce change derived derived-case derived-figures derived-source derived-task directory directory-proposed document-place health link log-held log-place log-published notice-usage passkey register-edition renewal-asked stage text token vendor vendor-form weekly-off`,
    `${WRITE_SIDE} agenda change directory directory-proposed document-place health link notice-usage renewal-asked text weekly-off`,
    'secretsmanager:GetSecretValue | CommitKeySecret LinkKeySecret OriginSecret TextKeySecret',
  ],
  passkeys: [
    'dynamodb:Query | CommitsTable',
    'dynamodb:GetItem dynamodb:PutItem | RegisterTable',
    'dynamodb:PutItem | CommitsTable | access/* feature/* roster settings',
    `${READ_SIDE} change directory directory-proposed document-place health link log-held log-published passkey passkey-spent passkey-turn passkey-use sent stage text`,
    `${WRITE_SIDE} change directory directory-proposed document-place health passkey passkey-spent passkey-turn passkey-use sent text`,
    'secretsmanager:GetSecretValue | CommitKeySecret LinkKeySecret OriginSecret TextKeySecret',
    SEND_MAIL,
  ],
  projector: [
    ...FEED,
    'dynamodb:GetItem dynamodb:PutItem | RegisterTable',
    STREAM,
    `${READ_SIDE} change dead-letter document-place feed-cursor health mark stage trouble`,
    `${WRITE_SIDE} change dead-letter document-place feed-cursor health mark trouble`,
    'sqs:SendMessage | ToProjectorSetAside',
    'secretsmanager:GetSecretValue | CommitKeySecret',
  ],
  notify: [
    ...FEED_AND_REGISTER,
    REGISTER,
    `${READ_SIDE} agenda bounce change dead-letter derived derived-case derived-event derived-figures derived-follower derived-mark derived-source derived-task directory directory-proposed document-place fault-mailed feed-cursor forced-mailed health lease link log-held log-place mail-due mark morning-mailed register-edition renewal-asked renewal-mailed sent stage task-new trouble vendor-contact weekly-mailed weekly-off`,
    `${WRITE_SIDE} bounce change dead-letter derived-follower document-place fault-mailed feed-cursor forced-mailed health lease link mail-due mark morning-mailed renewal-asked renewal-mailed sent task-new trouble weekly-mailed`,
    'secretsmanager:GetSecretValue | CommitKeySecret LinkKeySecret',
    'sqs:SendMessage | EventsUndelivered',
    SEND_MAIL,
  ],
  webhooks: [
    ...FEED,
    `${READ_SIDE} dead-letter derived-event derived-follower derived-mark feed-cursor health lease log-place mark stage subscription trouble`,
    `${WRITE_SIDE} dead-letter derived-follower feed-cursor health lease mark trouble`,
    'secretsmanager:GetSecretValue | CommitKeySecret',
  ],
  derived: [
    ...FEED,
    `${READ_SIDE} dead-letter derived derived-case derived-due derived-event derived-figures derived-follower derived-journal derived-mark derived-source derived-task feed-cursor health lease log-held log-place mark stage trouble`,
    `${WRITE_SIDE} dead-letter derived derived-case derived-due derived-event derived-figures derived-follower derived-journal derived-mark derived-source derived-task health lease mark trouble`,
    'events:PutEvents | EventsBus',
    'secretsmanager:GetSecretValue | CommitKeySecret',
  ],
  clock: [
    ...FEED_AND_REGISTER,
    REGISTER,
    'dynamodb:PutItem | CommitsTable | feature/* policy roster settings',
    `${READ_SIDE} change copy dead-letter directory directory-proposed document-place feed-cursor health log-held log-place mark register-edition stage trouble`,
    `${WRITE_SIDE} change dead-letter directory directory-proposed document-place feed-cursor health mark trouble`,
    'secretsmanager:GetSecretValue | CommitKeySecret',
  ],
  sequencer: [
    ...FEED,
    'dynamodb:PutItem | CommitsTable | log logbook/*',
    STREAM,
    `${READ_SIDE} dead-letter feed-cursor health log-applied log-compared log-held log-place log-published log-witness mark stage trouble`,
    `${WRITE_SIDE} dead-letter feed-cursor health log-applied log-compared log-held log-place log-published log-witness mark trouble`,
    'events:PutEvents | EventsBus',
    'sqs:SendMessage | ToSequencerSetAside',
    's3:DeleteObject | PublicLogBucket/log/tile/*',
    's3:GetObject | PublicLogBucket/log/*',
    's3:ListBucket | PublicLogBucket',
    's3:PutObject | PublicLogBucket/log/checkpoint PublicLogBucket/log/document/* PublicLogBucket/log/judged PublicLogBucket/log/notice/* PublicLogBucket/log/tile/* PublicLogBucket/log/vkey',
    'kms:GetPublicKey | LogKey',
    'kms:Sign | LogKey | RAW ED25519_SHA_512',
    'secretsmanager:GetSecretValue | CommitKeySecret',
  ],
  copies: [
    'dynamodb:Query | CommitsTable',
    `${READ_SIDE} agenda bounce copy dead-letter directory directory-proposed forced-mailed health lease mail-due mark morning-mailed passkey passkey-spent passkey-use renewal-asked sent stage subscription task-new text token vendor vendor-contact vendor-form vendor-secret weekly-mailed weekly-off`,
    `${WRITE_SIDE} copy health lease`,
    'secretsmanager:GetSecretValue | CommitKeySecret RosterSaltSecret TextKeySecret',
    's3:PutObject | arn:AWS::Partition:s3:::CopyBucket/town/*',
  ],
  log: [
    'dynamodb:Query | CommitsTable',
    `${READ_SIDE} document-place health log-held log-place stage`,
    `${WRITE_SIDE} health`,
    'secretsmanager:GetSecretValue | CommitKeySecret OriginSecret',
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
test('no role has a wildcard resource a managed policy or an inline policy', () => {
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
    const { gate } = templates(CONTEXTS['with a domain, protected, everything set']);
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
