import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Variant } from '../../domain/feature/evaluate.ts';
import { makeLink } from '../../functions/gate/links.ts';
import { messageOf } from '../../functions/platform/logging.ts';
import { canRedraw, trustedLog } from '../cli/usage.ts';
import { compareAnswers, pagesOf } from '../cli/verify/answers.ts';
import { checkLog } from '../cli/verify/check.ts';
import { logSource } from '../cli/verify/source.ts';
import { aborted, endRequested, ignoreOutputErrors } from '../local/loops.ts';
import { type DemoCity, expectSame, openCity, requestFor } from './city.ts';
import { expectAnswer, play, type Step, story, TODAY, WAITING } from './story.ts';

const INTERRUPTED = 130;
/** The port of the gate, as in the README, if it is free. */
const PORT = 8787;
const ESCAPE = '\u001b[';
const [BOLD, FAINT, RED, GREEN, YELLOW] = [1, 2, 31, 32, 33];
const isPainted = canRedraw(process.stdout);
const overwrite = isPainted ? `\r${ESCAPE}K` : '';
const paint = (code: number, text: string): string =>
  isPainted && process.env.NO_COLOR === undefined ? `${ESCAPE}${code}m${text}${ESCAPE}0m` : text;
const line = (text = ''): void => void process.stdout.write(`${overwrite}${text}\n`);
const fail = (text: string): number => {
  line(paint(RED, text));
  return 1;
};
const answer = (variant: Variant): string =>
  variant === 'enabled' ? paint(GREEN, 'true (enabled)') : `${paint(YELLOW, 'false')} (${variant})`;

const show = (number: number, { day, title, question, was, is }: Step): void => {
  line(`${String(number).padStart(2)}  day ${String(day).padEnd(4)} ${title}`);
  line(`              ${question}: ${answer(was)} → ${answer(is)}`);
};

/** Verifies the public log by its files and its key alone, and says so; throws if these give other answers than the gate. */
const verifyLog = async ({ url, settle }: DemoCity, state: string): Promise<string> => {
  await settle();
  const log = trustedLog((await requestFor(200, 'GET', `${url}/log/vkey`)).text);
  const progress = { tick: () => undefined, end: () => undefined };
  const check = () => checkLog({ source: logSource(url), where: url, log, state, notices: true, progress });
  const checked = await check();
  const answers = await compareAnswers(pagesOf(url), checked, check);
  expectSame('the gate', answers.ok && answers.differing, []);
  const [commits, features] = [checked.checkpoint.size, checked.replay.keys.length];
  return `The public log verifies: ${commits} commits, and by them alone the same answers for ${features} features.`;
};

const linkOf = async ({ installation, url }: DemoCity, office: 'clerk' | 'mayor', requirement: string): Promise<string> => {
  const ports = { ...installation.ports, linkKey: installation.secrets.linkKey };
  const what = { purpose: 'decide', requirement, ...WAITING, revision: 1 } as const;
  return `${url}/d/${await makeLink(ports, { ...what, holder: office, body: office, seat: office })}`;
};

const invite = async (city: DemoCity, state: string): Promise<void> => {
  const { clock, settle, url, itToken } = city;
  const { key, n } = WAITING;
  clock.toDay(TODAY);
  clock.release();
  await settle();
  await expectAnswer(city, key, 'pending');
  line(`\n${paint(BOLD, 'Now it is your turn. One change waits: a search for vehicles in plain words.')}`);
  line(`
The register       ${url}/
The change         ${url}/changes/${key}/${n}
All mails so far   ${url}/dev/outbox
The public log     npx aldergate verify ${url} --key "$(curl -s ${url}/log/vkey)" --state ${state}

1. You are IT. Ask; the answer is "value":false:
   curl -s -X POST -H 'Authorization: Bearer ${itToken}' ${url}/ofrep/v1/evaluate/flags/${key}
2. You are the clerk. Certify that the council adopted it today: all present voted yes, any file number:
   ${await linkOf(city, 'clerk', 'council')}
3. You are the mayor. Sign (the mail with this link goes out once the council has adopted):
   ${await linkOf(city, 'mayor', 'mayor')}
4. Ask again: "value":true.

Ctrl-C ends it and removes everything.`);
};

const playAll = async (city: DemoCity, state: string, stop: AbortSignal): Promise<number> => {
  for (const [index, step] of story.entries()) {
    if (isPainted) process.stdout.write(`${overwrite}${paint(FAINT, `${index + 1} of ${story.length} …`)}`);
    try {
      await play(city, step);
    } catch (error) {
      return fail(`step ${index + 1} failed: ${step.title}\n  ${messageOf(error)}`);
    }
    show(index + 1, step);
    if (stop.aborted) return INTERRUPTED;
  }
  line(`\nAll ${story.length} steps did what they should.`);
  line(await verifyLog(city, state));
  return 0;
};

const run = async (exits: boolean): Promise<number> => {
  ignoreOutputErrors();
  const stop = endRequested(process.stdout);
  const city = await openCity(TODAY, { preferred: PORT });
  try {
    line(paint(BOLD, `A city's gate at ${city.url}, ${TODAY} days ago. What happens, and what IT is answered before → after:\n`));
    // Each demo is a new log under one name: what is remembered of it goes with it.
    const state = join(city.installation.settings.data, 'seen.json');
    const code = await playAll(city, state, stop);
    if (code !== 0 || exits) return code;
    await invite(city, state);
    await aborted(stop);
    line();
    return 0;
  } finally {
    await city.close();
  }
};

try {
  const { values } = parseArgs({ options: { exit: { type: 'boolean', default: false } } });
  process.exitCode = await run(values.exit);
} catch (error) {
  process.exitCode = fail(`the demo failed: ${messageOf(error)}`);
}
