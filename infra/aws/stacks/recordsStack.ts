import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CHANGE_INDEX } from '../../../functions/platform/store/dynamo/tables.ts';
import { GateSecret, LogKey } from '../constructs/keys.ts';
import { PublicLog, WriteTrail } from '../constructs/publicLog.ts';
import { CommitsTable, RecordsTable, TableKey } from '../constructs/tables.ts';
import type { RecordsOutputs } from '../outputs.ts';
import type { DeploymentSettings } from '../settings.ts';

interface RecordsStackProps extends StackProps {
  readonly signer: string;
  /** The prefix of the names of the functions' roles. */
  readonly roles: string;
  /** The number of log keys made here. */
  readonly logKeys: number;
  /** The key that signed the log before all of them. */
  readonly logKeyArn: string | undefined;
  readonly handoverBy: string | undefined;
  readonly settings: Pick<DeploymentSettings, 'protect' | 'size' | 'trail'>;
}

/**
 * The resources that a city keeps permanently. No deployment deletes any of them, not even one of an empty app, except a first one that
 * fails: it cleans up, so that it can be repeated. With `protect`, set after the first success, a person cannot delete them in one call.
 */
export class RecordsStack extends Stack {
  readonly commits: CommitsTable;
  readonly sideStore: RecordsTable;
  readonly register: RecordsTable;
  readonly publicLog: PublicLog;
  readonly logKeys: readonly LogKey[];
  readonly logKeyArn: string;
  /** The ARN of the previous key, which also signs during a handover. */
  readonly formerLogKeyArn: string | undefined;
  readonly linkSecret: GateSecret;
  readonly textSecret: GateSecret;
  readonly rosterSecret: GateSecret;
  readonly originSecret: GateSecret;
  readonly commitSecret: GateSecret;

  constructor(
    scope: Construct,
    id: string,
    { signer, roles, logKeys, logKeyArn, handoverBy, settings, ...props }: RecordsStackProps,
  ) {
    const { protect } = settings;
    super(scope, id, { ...props, terminationProtection: protect });
    const key = settings.size === 'lean' ? undefined : new TableKey(this, 'Key', { roles });
    this.commits = new CommitsTable(this, 'Commits', { key, protect });
    this.sideStore = new RecordsTable(this, 'Side', { key, protect });
    this.register = new RecordsTable(this, 'Register', {
      key,
      protect,
      index: CHANGE_INDEX,
    });
    this.publicLog = new PublicLog(this, 'PublicLog');
    // Every key that ever signed stays in the template: a retained key outside any stack would still be billed.
    this.logKeys = Array.from(
      { length: logKeys },
      (_, i) => new LogKey(this, i === 0 ? 'LogKey' : `LogKey${i + 1}`, { signer, handoverBy }),
    );
    // CloudFormation refuses to remove an output that the gate still imports; the gate is deployed after this.
    for (const { key } of this.logKeys) this.exportValue(key.keyArn);
    const [newest, former] = [
      ...(logKeyArn === undefined ? [] : [logKeyArn]),
      ...this.logKeys.map(({ key }) => key.keyArn),
    ].reverse();
    if (newest === undefined) throw new Error('a log has a key');
    this.logKeyArn = newest;
    this.formerLogKeyArn = former;
    this.linkSecret = new GateSecret(this, 'LinkKey', { purpose: 'makes the links of officials' });
    this.textSecret = new GateSecret(this, 'TextKey', { purpose: 'salts the texts of officials' });
    this.rosterSecret = new GateSecret(this, 'RosterSalt', { purpose: 'salts the commitments to mail addresses' });
    this.originSecret = new GateSecret(this, 'OriginSecret', { purpose: 'shows that a request came through CloudFront' });
    this.commitSecret = new GateSecret(this, 'CommitKey', { purpose: 'authenticates the rows of commits' });
    // Last, because CloudTrail writes to its bucket once created, and CloudFormation cannot delete a bucket that is not empty.
    const others = this.node.children;
    if (settings.trail === 'own')
      new WriteTrail(this, 'Writes', { tableArn: this.commits.table.tableArn }).node.addDependency(...others);
    writeOutputs(this, {
      CommitsTable: this.commits.table.tableName,
      SideTable: this.sideStore.table.tableName,
      RegisterTable: this.register.table.tableName,
      CommitSecret: this.commitSecret.secret.secretArn,
      LinkSecret: this.linkSecret.secret.secretArn,
      TextSecret: this.textSecret.secret.secretArn,
      RosterSecret: this.rosterSecret.secret.secretArn,
      OriginSecret: this.originSecret.secret.secretArn,
      LogKey: this.logKeyArn,
      LogBucket: this.publicLog.bucket.bucketName,
    } satisfies RecordsOutputs);
  }
}

/** Writes outputs under exactly these names: the CDK would make a constructs's path and a hash part of them. */
export const writeOutputs = (stack: Stack, values: Readonly<Record<string, string>>): void => {
  const outputs = new Construct(stack, 'Outputs');
  for (const [name, value] of Object.entries(values)) new CfnOutput(outputs, name, { value }).overrideLogicalId(name);
};
