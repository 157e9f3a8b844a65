// The races at the gate, thirty times as long, and a crash at every edge of a tile.
process.env.ALDERGATE_RACE_ROUNDS ??= '30';
await import('../simulation/publication.test.ts');
await import('../simulation/race.test.ts');
