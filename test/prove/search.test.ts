// The search of states, seventy-five times as far.
process.env.ALDERGATE_SEARCH_STATES ??= '150000';
await import('../domain/search/search.test.ts');
