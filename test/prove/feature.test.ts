// The properties of the life of a change over many more histories than every run of the tests can afford.
process.env.ALDERGATE_PROPERTY_RUNS ??= '5000';
await import('../properties/feature.test.ts');
await import('../properties/consent.test.ts');
