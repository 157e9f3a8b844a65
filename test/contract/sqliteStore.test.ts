import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { storeContract } from './storeContract.ts';

storeContract('a SQLite file', sqliteStoreUnderTest);
