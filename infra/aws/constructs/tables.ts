import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type CHANGE_INDEX, TABLE_KEYS, TIME_INDEX } from '../../../functions/platform/store/dynamo/tables.ts';

interface KeptTableProps {
  readonly key: IKey | undefined;
  /** True if DynamoDB refuses to delete the table. False at first: a failed creation could not be undone. */
  readonly protect: boolean;
}

/**
 * The key of the tables. Its own policy lets the functions use it, only through DynamoDB, so they can as soon as a table is encrypted
 * under it, whatever is deployed first. `roles`: the prefix of the names of their roles.
 */
export class TableKey extends Key {
  constructor(scope: Construct, id: string, { roles }: { readonly roles: string }) {
    super(scope, id, {
      description: 'Aldergate: encrypts the tables',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const { partition, account, region } = Stack.of(this);
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'FunctionsReadTables',
        principals: [new AnyPrincipal()],
        actions: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        // The policy applies to this key only.
        resources: ['*'],
        conditions: {
          ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/${roles}*` },
          StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `dynamodb.${region}.amazonaws.com` },
        },
      }),
    );
  }
}

/**
 * Returns the settings of every table: billed per request, encrypted under `key` or a key that AWS owns, restorable to any second, and
 * retained if the stack is deleted.
 */
const tableSettings = ({ key, protect }: KeptTableProps) =>
  ({
    billing: Billing.onDemand(),
    encryption: key === undefined ? TableEncryptionV2.dynamoOwnedKey() : TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: protect,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  }) satisfies Partial<TablePropsV2>;

const indexOf = ({ name, pk, sk }: typeof TIME_INDEX | typeof CHANGE_INDEX): GlobalSecondaryIndexPropsV2 => ({
  indexName: name,
  partitionKey: { name: pk, type: AttributeType.NUMBER },
  sortKey: { name: sk, type: AttributeType.NUMBER },
  projectionType: ProjectionType.KEYS_ONLY,
});

/**
 * Every action that changes or deletes an item. IAM has no action for transactions: each item in one needs the action of its kind, so
 * denying these also denies updates and deletions in a transaction. IAM cannot distinguish a put that overwrites from one that inserts;
 * the table's stream can.
 */
const ALTERATIONS = [
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

/** The table of commits. Its own policy denies every alteration, whatever the policy of a role allows. */
export class CommitsTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: KeptTableProps) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: TABLE_KEYS.pk, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sk, type: AttributeType.NUMBER },
      globalSecondaryIndexes: [indexOf(TIME_INDEX)],
      ...tableSettings(props),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      resourcePolicy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'CommitsAreNeverAltered',
            effect: Effect.DENY,
            principals: [new AnyPrincipal()],
            actions: ALTERATIONS,
            // The policy applies to this table only, whose ARN is unknown before the table exists.
            resources: ['*'],
          }),
        ],
      }),
    });
  }

  get streamArn(): string {
    if (this.table.tableStreamArn === undefined) throw new Error('the table of commits has no stream');
    return this.table.tableStreamArn;
  }
}

interface RecordsTableProps extends KeptTableProps {
  readonly index?: typeof CHANGE_INDEX;
}

/**
 * A table of mutable records: the side store (marks, hashes of links and tokens, the directory of mail addresses), or the register with its
 * index, which `archive.ts rebuild` rebuilds from the commits and which is protected all the same.
 */
export class RecordsTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { index, ...props }: RecordsTableProps) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: TABLE_KEYS.pk, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sk, type: AttributeType.STRING },
      globalSecondaryIndexes: index === undefined ? [] : [indexOf(index)],
      ...tableSettings(props),
    });
  }
}
