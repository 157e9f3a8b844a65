import { writeSync } from 'node:fs';

// Preloaded into a program of the command line: when it ends, file descriptor 3 receives its processor time and memory.

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakMb: maxRSS / 1_024 }));
});
