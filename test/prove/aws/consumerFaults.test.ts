// Every call of every consumer with every fault, where a run of the tests takes turns. Not beside the commands: each has a clock of its own.
process.env.ALDERGATE_EVERY_FAULT ??= '1';
await import('../../infra/aws/faults/consumers.test.ts');
