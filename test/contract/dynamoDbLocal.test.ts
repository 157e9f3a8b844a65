import { describe } from 'vitest';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../support/dynamoDbLocal.ts';
import { dynamoSideStoreOn, dynamoStoreOn } from './dynamoTables.ts';
import { sideStoreContract } from './sideContract.ts';
import { storeContract } from './storeContract.ts';

const missing = dynamoDbLocalMissing();
if (missing !== undefined) console.warn(`SKIPPED: the adapter of DynamoDB did not run on AWS’s own engine. ${missing}`);

describe.skipIf(missing !== undefined)(missing ?? 'as AWS has it:', () => {
  storeContract('AWS’s own DynamoDB for one machine', dynamoStoreOn(startDynamoDbLocal));
  sideStoreContract('AWS’s own DynamoDB for one machine', dynamoSideStoreOn(startDynamoDbLocal));
});
