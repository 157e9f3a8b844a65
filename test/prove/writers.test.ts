// More writers on one stream than a city has people.
process.env.ALDERGATE_WRITERS ??= '50';
await import('../contract/store.test.ts');
