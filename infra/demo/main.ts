import { parseArgs } from 'node:util';
import { messageOf } from '../../functions/platform/errors.ts';
import { type DemoCity, openCity } from './city.ts';
import { outputOn } from './output.ts';
import { play, story, TODAY } from './story.ts';
import { verifyLog } from './verifyLog.ts';
import { inviteVisitor } from './visit.ts';

const INTERRUPTED = 130;

const output = outputOn(process.stdout);

/** Verifies the log last: its files and its key must give the same answers. */
const checkLog = async (city: DemoCity): Promise<number> => {
  try {
    const { commits, features } = await verifyLog(city);
    output.line(`The public log verifies: ${commits} commits, and by them alone the same answers for ${features} features.`);
    return 0;
  } catch (error) {
    output.failed(`the public log does not verify\n  ${messageOf(error)}`);
    return 1;
  }
};

/** Plays the story and returns the exit code: 1, with the step named, if an outcome is not the expected one. */
const playAll = async (city: DemoCity, stop: AbortSignal): Promise<number> => {
  for (const [index, step] of story.entries()) {
    output.working(`${index + 1} of ${story.length} …`);
    try {
      await play(city, step);
    } catch (error) {
      output.failed(`step ${index + 1} failed: ${step.title}\n  ${messageOf(error)}`);
      return 1;
    }
    output.step(index + 1, step);
    if (stop.aborted) return INTERRUPTED;
  }
  output.line();
  output.line(`All ${story.length} steps did what they should.`);
  return checkLog(city);
};

/** Aborted by the first Ctrl-C, during the story or after it. */
const interruption = (): AbortSignal => {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
  return controller.signal;
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const run = async (exits: boolean): Promise<number> => {
  const stop = interruption();
  const city = await openCity(TODAY);
  try {
    output.heading(`A city's gate at ${city.url}, ${TODAY} days ago. What happens, and what IT is answered before → after:`);
    output.line();
    const code = await playAll(city, stop);
    if (code !== 0 || exits) return code;
    output.line();
    await inviteVisitor(city, output);
    await aborted(stop);
    output.line();
    return 0;
  } finally {
    await city.close();
  }
};

try {
  const { values } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });
  process.exitCode = await run(values.exit);
} catch (error) {
  output.failed(`the demo failed: ${messageOf(error)}`);
  process.exitCode = 1;
}
