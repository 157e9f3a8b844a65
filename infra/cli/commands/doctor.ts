import * as z from 'zod';
import { termsCheck } from '../../../functions/gate/checks.ts';
import { comparedWith } from '../../../functions/log/verify/history.ts';
import { type HealthCode, HealthProblem, NOT_SET_UP, readinessOf } from '../../../functions/platform/health.ts';
import { causeOf } from '../../../functions/platform/logging.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { consumersOf } from '../../local/consumers.ts';
import { CommandRefused, plainMessage, UnusableFolder } from '../../local/errors.ts';
import { localHealth, setUpCheck } from '../../local/health.ts';
import { type Installation, mailerOf, mailingPorts } from '../../local/installation.ts';
import { checkHistory, publishedPorts } from '../../local/sequencing.ts';
import { isServed } from '../../local/settings.ts';
import { type Command, optionalOption, REMOTE_OPTIONS, type Tools, timed } from '../usage.ts';

const ADVICE: Readonly<Record<HealthCode, string>> = {
  'store-unreadable':
    'Stop the server. If MACs are under an unknown key, keys.json is of another age: put back the one of these databases. A damaged consumers.db is set aside and made again at the next start. Of aldergate.db or side.db put back the newest backup of that file; acts since then would be lost, so compare it with the public log first (`aldergate fsck`). Until then every answer is false.',
  'unknown-format':
    'Use the version of Aldergate that wrote the folder, or begin with an empty data folder. From version 0.1.0 on, later versions read what earlier ones wrote.',
  'schema-changed':
    'Somebody changed a database behind the gate’s back: a trigger, a view, a table or an index is there that the gate does not make, or one of its own, or the number of its format (`PRAGMA user_version`), is another. Every answer is false. Find out who has access. Stop the server, undo what is named with `sqlite3`, or put back a backup; run `aldergate fsck`, then start again.',
  'file-exchanged':
    'A database was replaced, moved or removed while the gate ran. Every answer is false, and no command is taken. Stop the server, make sure that the files in the data folder are the right ones, run `aldergate fsck`, then start again.',
  'not-compared':
    'After a start the store is compared with the public log; until that is done every answer is false. If it stays, read the log of the server: the comparison cannot be finished.',
  restored:
    'Every answer is false until it is known that nothing newer is missing. Once the server runs, and if the file can be read, officials are mailed a link: two of two bodies confirm it. Or name a witness that saw the newest log and start again; or put the backup back once more with a checkpoint that was saved elsewhere: `aldergate restore FOLDER --expect CHECKPOINT`.',
  'store-not-writable':
    'Check that the disk is mounted for writing, that the data folder belongs to the server’s user, and that no other program holds the databases. If so, move what is in the log to another folder: `aldergate export --logged`, `aldergate import`.',
  'disk-low': 'Free space on the disk of the data folder, or stop the server and move the folder to a larger disk.',
  'log-conflict':
    'The databases are older than what was public, or of another age than the folder log/. Stop the server and put back the newest backup of both. Run `aldergate fsck` then.',
  'other-keys':
    'Put back the backup of keys.json that belongs to this log: with other keys no answer is true, and the gate does not start.',
  'judge-failed':
    'Run `aldergate fsck`: it names the commit. What concerns it answers false. Revocations are still taken; `aldergate export` leaves the commit out.',
  'clock-behind':
    'Compare the clock of this machine (`timedatectl`). If it is wrong, set it right. If it is right, it ran ahead before: wait until it has passed the newest commit, or follow “The clock ran ahead” in docs/faults.md. Until then only what switches off or ends a key, a token or a link is taken.',
  'row-altered':
    'Somebody changed aldergate.db behind the gate’s back, or the disk is failing. What rests on the row answers false, and revocations are still taken. Run `aldergate fsck`, find who has access, then follow “A row of the store fails” in docs/faults.md.',
  'record-altered':
    'What fails counts as absent, so nothing rests on it, and what follows from the log is made anew. If you know that a file was lost or put back, follow “A file is lost or damaged” in docs/faults.md, then run `aldergate rebuild`, which takes it as it is. Else somebody changed side.db or consumers.db behind the gate’s back, or the disk is failing: run `aldergate fsck`, find out who has access, then follow “A record fails” there.',
  closed: 'Enter the roster and adopt the policy, or import the archive. An import that was interrupted is run again.',
  'not-opened': 'Wait a minute after the first deployment. Then look at the schedules and at the log of the function.',
  'consumers-remade':
    'Nothing that was decided is lost: it held marks, the register and which mails were sent. Look at the disk (`smartctl`, the system’s log), then remove the file that is kept.',
  'consumers-stuck':
    'Start the server if it is not running. Mail is tried again by itself: if it goes on, ask those who run the mail server, and look whether the address is right. Read the log. Once the cause is mended, run `aldergate replay` for what was given up on.',
  'witnesses-away':
    'Decisions and answers go on; the public log stands still. Ask the witnesses named whether they run; the server’s log has their answers (`witness did not cosign`). If one has seen a longer log than there is, stop and find out why. To publish without them, lower witnessQuorum.',
  'term-ends':
    'Send a roster that names a successor, or a later end (`aldergate roster set FILE`), in time: two persons of two bodies must confirm it.',
  'no-copies':
    'Deploy with the context copyKey, the recipient that age-keygen prints, and keep its identity outside of the account. The first copy is made within an hour after a roster or a policy was entered.',
  'copies-old':
    'Read the log of the function `copies`: it tries again each hour. If that says nothing, look at its schedule in EventBridge Scheduler. Until it works, make copies with `archive.ts export`.',
  'no-mail-server':
    'Set ALDERGATE_SMTP_URL, such as smtps://user:password@mail.city.gov, and start again. Until then mails lie in outbox/.',
  'example-address':
    'Put real ones into aldergate.config.json and roster.json. Once a roster was entered, a new address counts only when two persons have confirmed it by links to the old ones: if no one reads those, begin with an empty data folder.',
  'loopback-url': 'Set ALDERGATE_URL (url in aldergate.config.json) to the https address that people use, and start again.',
  'no-rules':
    'Edit roster.json and policy.json, which `aldergate init` writes, then `aldergate roster set roster.json` and `aldergate policy adopt policy.json`. Until then notices are kept, and nothing can be approved.',
};

/** Problems that are not faults yet: they are shown but do not fail a run. */
const FORESEEN: readonly HealthCode[] = ['term-ends', 'no-copies', ...NOT_SET_UP];

const isFault = ({ code }: HealthProblem): boolean => !FORESEEN.includes(code);

const quiet = () => undefined;

const localProblems = async (installation: Installation): Promise<readonly HealthProblem[]> => {
  const mailer = mailerOf(installation);
  try {
    const logPorts = await publishedPorts(installation);
    // Compares the store with the log, as there may be no sequencer to do so.
    installation.ledger.lacking = comparedWith(installation.everything, logPorts.judge);
    return await localHealth({
      installation,
      logPorts,
      consumers: consumersOf(mailingPorts(installation, quiet, mailer)),
      logger: quiet,
      more: [termsCheck(installation.ports), setUpCheck(installation)],
      readsAll: true,
    })();
  } finally {
    await mailer.close();
  }
};

const problemsOf = async (local: Tools['local']): Promise<readonly HealthProblem[]> => {
  try {
    const installation = local({ evenIfFaulty: true });
    const problems = await localProblems(installation);
    // Only without a fault, which would already fail a start.
    if (!problems.some(isFault)) await checkHistory(installation);
    return problems;
  } catch (error) {
    const since = new Date().toISOString();
    if (error instanceof UnusableFolder && error.code !== null)
      return [{ code: error.code, since, detail: `${plainMessage(error.message)}.` }];
    if (!(error instanceof CorruptStore || error instanceof StoreUnavailable)) throw error;
    const code = error instanceof CorruptStore ? error.code : 'store-not-writable';
    return [{ code, since, detail: `The store cannot be opened: ${plainMessage(error.message)}.` }];
  }
};

/** The answer of a gate. One without a status is from something else, such as a proxy before a gate that is down. */
const Readiness = z.discriminatedUnion('status', [
  z.object({ status: z.literal('ready'), notes: z.array(HealthProblem).default([]) }),
  z.object({ status: z.literal('not-ready'), problems: z.array(HealthProblem).min(1) }),
]);

const remoteProblems = async (url: string): Promise<readonly HealthProblem[]> => {
  try {
    const response = await fetch(new URL('/readyz', url), { redirect: 'error', signal: AbortSignal.timeout(10_000) });
    const { success, data } = Readiness.safeParse(await response.json());
    if (!success) throw new Error(`the answer, ${response.status}, is not one of a gate`);
    return data.status === 'ready' ? data.notes : data.problems;
  } catch (error) {
    throw new CommandRefused(`${url} gave no readiness: ${causeOf(error)}`);
  }
};

const READY =
  'ready: the store can be read and written, the disk has room, the public log is the store’s and signed by its keys, no commit is held back, and ';
const KEPT_UP = 'all consumers keep up';
const WAITS = 'no consumer is stuck. No server runs: what none has handled yet waits for the next start';

const inWords = (problems: readonly HealthProblem[], isRunning: boolean): string =>
  [
    ...(problems.some(isFault) ? [] : [`${READY}${isRunning ? KEPT_UP : WAITS}`]),
    ...[...Map.groupBy(problems, ({ code }) => code)].flatMap(([code, alike]) => [
      ...alike.map(({ since, detail }) => `${code}, since ${since}\n  ${detail}`),
      `  ${ADVICE[code]}`,
    ]),
  ].join('\n');

/** Reports everything that `/readyz` checks, its notes included, and terms of office that end soon, with advice. */
export const doctorCommand: Command = {
  usage: 'doctor',
  does: 'states what is wrong with the gate, and what to do about it; exit code 1 if anything is. With --url, of another gate',
  takes: REMOTE_OPTIONS,
  run: async (_args, options, { local, progress }) => {
    const url = optionalOption(options, 'url');
    const problems =
      url === undefined ? await timed(progress('doctor, seconds'), () => problemsOf(local)) : await remoteProblems(url);
    return {
      json: readinessOf(problems),
      // Without a fault, the folder was opened.
      text: inWords(problems, url !== undefined || problems.some(isFault) || isServed(local().settings)),
      failed: problems.some(isFault),
    };
  },
};
