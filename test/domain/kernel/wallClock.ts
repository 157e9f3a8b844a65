const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Returns what the clocks of a zone show, `2026-03-08 01:59:00`, in whole seconds, computed otherwise than by the code under test: Swedish
 * formatting is ISO 8601.
 */
export const wallClock = (ms: number, timeZone: string): string => {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' });
  formats.set(timeZone, format);
  return format.format(ms);
};

const STEP_MS = 15 * 60_000;
const STEPS = (28 * 3_600_000) / STEP_MS;

/**
 * Returns every instant within 28 hours of `near` at which the clocks show this time, earliest first; since 1970 offsets differ by quarters
 * of an hour.
 */
export const instantsShowing = (wall: string, near: number, timeZone: string): readonly number[] =>
  Array.from({ length: 2 * STEPS + 1 }, (_, step) => near + (step - STEPS) * STEP_MS).filter(
    (ms) => wallClock(ms, timeZone) === wall,
  );
