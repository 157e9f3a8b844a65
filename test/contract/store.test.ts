import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoTables.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { storeContract } from './storeContract.ts';

storeContract('a SQLite file', sqliteStoreUnderTest);

storeContract(
  'DynamoDB',
  dynamoStoreOn(() => startDynoxide('memory')),
);
