// The search of states, 88 times as far, and with every planted defect.
process.env.ALDERGATE_SEARCH_STATES ??= '150000';
await import('../domain/search/search.test.ts');
