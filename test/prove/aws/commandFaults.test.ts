// Every call of every command with every fault, where a run of the tests takes turns.
process.env.ALDERGATE_EVERY_FAULT ??= '1';
await import('../../infra/aws/faults/commands.test.ts');
