import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { storeContract } from './storeContract.ts';

storeContract(
  'DynamoDB',
  dynamoStoreOn(() => startDynoxide('memory')),
);
