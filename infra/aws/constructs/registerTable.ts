import { AttributeType, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { REGISTER_INDEXES, TABLE_KEYS } from '../../../functions/platform/store/dynamo/tables.ts';
import { tableSettings } from './tableSettings.ts';

const typeOf = (type: 'S' | 'N'): AttributeType => (type === 'S' ? AttributeType.STRING : AttributeType.NUMBER);

/** The table of the register, which `archive.ts rebuild` makes anew from the commits. Kept and protected like the others all the same. */
export class RegisterTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { key }: { readonly key: IKey }) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: TABLE_KEYS.pk, type: AttributeType.STRING },
      sortKey: { name: TABLE_KEYS.sk, type: AttributeType.STRING },
      globalSecondaryIndexes: Object.values(REGISTER_INDEXES).map((index) => ({
        indexName: index.name,
        partitionKey: { name: index.pk, type: typeOf(index.pkType) },
        sortKey: { name: index.sk, type: typeOf(index.skType) },
        projectionType: ProjectionType.KEYS_ONLY,
      })),
      ...tableSettings(key),
    });
  }
}
