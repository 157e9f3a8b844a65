import { RemovalPolicy } from 'aws-cdk-lib';
import { Billing, TableEncryptionV2, type TablePropsV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/** Returns the settings of every table: paid by use, encrypted under `key`, restorable to any second, and kept when the stack is deleted. */
export const tableSettings = (key: IKey) =>
  ({
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  }) satisfies Partial<TablePropsV2>;
