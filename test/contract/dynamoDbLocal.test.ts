import { describe } from 'vitest';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../support/dynamoDbLocal.ts';
import { dynamoSideOn, dynamoStoreOn } from './dynamoUnderTest.ts';
import { sideContract } from './sideContract.ts';
import { storeContract } from './storeContract.ts';

const missing = dynamoDbLocalMissing();
if (missing !== undefined) console.warn(`SKIPPED: the adapter of DynamoDB did not run on AWS’s own engine. ${missing}`);

describe.skipIf(missing !== undefined)(missing ?? 'as AWS has it:', () => {
  storeContract('AWS’s own DynamoDB for one machine', dynamoStoreOn(startDynamoDbLocal));
  sideContract('AWS’s own DynamoDB for one machine', dynamoSideOn(startDynamoDbLocal));
});
