// The search of states, to the end of the small worlds, and with every planted defect.
process.env.ALDERGATE_SEARCH_STATES ??= '150000';
await import('../domain/search/search.test.ts');
