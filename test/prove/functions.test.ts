// Properties of what stands between the store and the pages, many times.
process.env.ALDERGATE_PROPERTY_RUNS ??= '300';
await import('../functions/register/derived/property.test.ts');
await import('../functions/register/memoryIndex.test.ts');
await import('../functions/register/tableIndex.test.ts');
await import('../functions/register/projector.test.ts');
await import('../functions/web/api/ofrep/agedBulk.test.ts');
await import('../functions/web/api/ofrep/keptFlags.test.ts');
await import('../functions/web/unreadable.test.ts');
await import('../functions/log/verify/readLog.test.ts');
await import('../functions/callCounts.test.ts');
