import type { Progress } from './usage.ts';

const SILENT_MS = 1_000;
const REDRAW_MS = 100;

/**
 * Returns progress on stderr: on a terminal one line that is redrawn, shown after one second. Elsewhere nothing, so that what a program or
 * a log gets does not depend on how long a command takes.
 */
export const progressOn = (stderr: NodeJS.WriteStream, what: string): Progress => {
  const started = performance.now();
  let drawn = 0;
  return {
    tick: (done, of) => {
      const now = performance.now();
      if (!stderr.isTTY || now - started < SILENT_MS || now - drawn < REDRAW_MS) return;
      drawn = now;
      const share = of === undefined || of === 0 ? `${done}` : `${done} of ${of} (${Math.floor((100 * done) / of)} %)`;
      stderr.write(`\r${what}: ${share}\u001b[K`);
    },
    end: () => {
      if (drawn > 0) stderr.write('\r\u001b[K');
    },
  };
};
