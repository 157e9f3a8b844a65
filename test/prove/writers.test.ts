// More writers on one stream than a city has people.
process.env.ALDERGATE_WRITERS ??= '50';
await import('../contract/dynamoStore.test.ts');
await import('../contract/sqliteStore.test.ts');
