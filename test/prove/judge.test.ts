// The judge against the gate's own rules over many more policies, rosters, lives and changes of logs than every run of the tests can
// afford: together more than a hundred thousand commits of cities with thirteen seats.
process.env.ALDERGATE_PROPERTY_RUNS ??= '3000';
await import('../domain/judge/crossed.test.ts');
await import('../domain/judge/mutants.test.ts');
await import('../domain/judge/statedTwice.test.ts');
await import('../properties/judge/lives.test.ts');
await import('../properties/judge/rosters.test.ts');
// And the judge in Go, of a log whose tiles have a third level.
process.env.ALDERGATE_LOG_SIZES ??= '65535,65536,65537,70000';
await import('../judge/judge.test.ts');
