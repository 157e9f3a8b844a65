import { parseArgs } from 'node:util';
import { messageOf } from '../../functions/platform/logging.ts';
import { aborted, askedToEnd, outliveReaders } from '../local/lifetime.ts';
import { type DemoCity, openCity } from './city.ts';
import { outputOn } from './output.ts';
import { play, story, TODAY } from './story.ts';
import { verifyLog } from './verifyLog.ts';
import { inviteVisitor } from './visit.ts';

const INTERRUPTED = 130;
/** The port of the gate, as in the README, if it is free. */
const PORT = 8787;

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

const run = async (exits: boolean): Promise<number> => {
  outliveReaders();
  const stop = askedToEnd(process.stdout);
  const city = await openCity(TODAY, PORT);
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
