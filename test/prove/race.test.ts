// The races at the gate, ten times as long.
process.env.ALDERGATE_RACE_ROUNDS ??= '10';
await import('../simulation/race.test.ts');
