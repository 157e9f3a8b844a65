import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLE_KEYS } from '../../../functions/platform/store/dynamo/tables.ts';
import { tableSettings } from './tableSettings.ts';

/** The table of mutable records: marks, hashes of links and tokens, the directory of mail addresses, the changes of the read model. */
export class SideTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { key }: { readonly key: IKey }) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: TABLE_KEYS.pk, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sk, type: AttributeType.STRING },
      ...tableSettings(key),
    });
  }
}
