// Every call of every command and consumer with every fault, where a run of the tests takes some.
process.env.ALDERGATE_EVERY_FAULT ??= '1';
await import('../../infra/aws/faults/faults.test.ts');
