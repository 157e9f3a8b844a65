// The server killed in the middle of notices, ten times as often.
process.env.ALDERGATE_KILLS ??= '40';
await import('../infra/local/server.test.ts');
