import type { Progress } from './usage.ts';

const SILENT_MS = 1_000;
const REDRAW_MS = 100;

/** Returns progress on stderr, shown after one second: on a terminal one line that is redrawn, elsewhere one line a second. */
export const progressOn = (stderr: NodeJS.WriteStream, what: string): Progress => {
  const started = performance.now();
  let drawn = 0;
  let shown = false;
  return {
    tick: (done, of) => {
      const now = performance.now();
      if (now - started < SILENT_MS || now - drawn < (stderr.isTTY ? REDRAW_MS : SILENT_MS)) return;
      drawn = now;
      shown = true;
      const share = of === undefined || of === 0 ? `${done}` : `${done} of ${of} (${Math.floor((100 * done) / of)} %)`;
      stderr.write(stderr.isTTY ? `\r${what}: ${share}\u001b[K` : `${what}: ${share}\n`);
    },
    end: () => {
      if (shown && stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
};
