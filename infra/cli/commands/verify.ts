import { latest } from '../../../domain/kernel/order.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { LogFault, toSingleLine } from '../../../functions/log/verify/readLog.ts';
import { standingAt } from '../../../functions/log/verify/replay.ts';
import { withRefusals } from '../../local/errors.ts';
import {
  argument,
  type Command,
  type Options,
  optionalOption,
  requiredOption,
  trustedLog,
  WrongUsage,
  withNoun,
} from '../usage.ts';
import { aheadLines, answerLines, compareAnswers, pagesOf } from '../verify/answers.ts';
import { checkLog } from '../verify/check.ts';
import { demandedWitnesses, verifyFile, witnessedLines } from '../verify/file.ts';
import {
  lateLines,
  lifeJson,
  lifeLines,
  noticeLines,
  passkeyLines,
  policyLines,
  standingJson,
  standingLines,
  textsLine,
} from '../verify/report.ts';
import { isUrl, logSource, memoryPath } from '../verify/source.ts';

const verifying = <T>(work: () => Promise<T>): Promise<T> => withRefusals([LogFault, LogError], work, 'does not verify: ');

/** Throws WrongUsage for arguments that only apply with, or without, `--file`: they would change the question. */
const assertMeant = (args: readonly string[], options: Options): void => {
  const [where] = args;
  if (options['file'] !== undefined && where !== undefined)
    throw new WrongUsage(`${where} is one argument too many with --file: the log is --log ${where}`);
  const ofFile = ['at', 'log'].find((name) => options[name] !== undefined);
  if (options['file'] === undefined && ofFile !== undefined)
    throw new WrongUsage(`--${ofFile} belongs to --file; without that, what is on now is verified`);
};

export const verifyCommand: Command = {
  usage:
    'verify URL|FOLDER --key VKEY [--witness VKEY[,VKEY] [--quorum N]] [--notices] [--state FILE] [--file RECORD.json [--at T] [--log URL|FOLDER]]',
  does: 'checks every signature, hash, tile and commit of a public log, and states what is on, since when and by whose approval; with a URL also whether the gate’s answers follow from its log. --notices also checks the bytes of each notice and document; --state is the file that remembers what was seen. --file checks whether one feature was on; exit code 0 only if the file or the log proves it',
  takes: {
    key: 'string',
    state: 'string',
    witness: 'string',
    quorum: 'string',
    file: 'string',
    log: 'string',
    at: 'string',
    notices: 'boolean',
  },
  run: async (args, options, { progress }) => {
    assertMeant(args, options);
    const log = trustedLog(requiredOption(options, 'key'));
    const demanded = demandedWitnesses(optionalOption(options, 'witness'), optionalOption(options, 'quorum'));
    const file = optionalOption(options, 'file');
    const state = optionalOption(options, 'state') ?? memoryPath(process.env);
    if (file !== undefined) {
      const place = optionalOption(options, 'log');
      const whole = { log, state, notices: false, progress: progress('verify') };
      const against = place === undefined ? undefined : { ...whole, source: logSource(place), where: place };
      const now = new Date().toISOString();
      return verifying(() => verifyFile(file, log, { at: optionalOption(options, 'at'), state, demanded, against, now }));
    }
    const where = argument(args, 0, 'URL or FOLDER');
    const source = logSource(where);
    const notices = options.notices === true;
    return verifying(async () => {
      const check = () => checkLog({ source, where, log, state, notices, progress: progress('verify') });
      const checked = await check();
      const answers = isUrl(where) ? await compareAnswers(pagesOf(where), checked, check) : undefined;
      const { checkpoint, seen, replay } = checked;
      const witnessed = witnessedLines(checkpoint, demanded);
      const { origin, size } = checkpoint;
      const root = Buffer.from(checkpoint.root).toString('base64');
      const clock = new Date().toISOString();
      // As the gate does, whose clock may have been ahead.
      const now = latest(clock, replay.life.latest);
      const standings = replay.keys.map((key) => standingAt(replay, key, now));
      const since = seen === undefined ? 'first seen' : `nothing that was seen at size ${seen.size} has changed`;
      return {
        json: {
          origin,
          size,
          root,
          seen: seen?.size ?? null,
          asOf: now,
          texts: replay.texts,
          passkeys: replay.passkeys,
          notices: { ...checked.notices, checked: checked.rawChecked },
          ...lifeJson(checked),
          late: replay.late,
          witnessed,
          answers: answers ?? null,
          features: standings.map(standingJson),
        },
        text: [
          `verified ${origin}: ${withNoun(size, 'commit')} in ${withNoun(replay.streams, 'stream')}, root ${root}; ${since}`,
          ...log.keys.flatMap((key) => lifeLines(key, checked)),
          ...witnessed,
          textsLine(replay.texts),
          ...lateLines(replay.late),
          ...passkeyLines(replay.passkeys),
          ...noticeLines(checked),
          ...policyLines(checked, standings),
          ...aheadLines(replay.life.latest, clock),
          ...answerLines(answers, clock),
          ...standings.flatMap(standingLines),
        ]
          .map(toSingleLine)
          .join('\n'),
        failed: answers?.ok === true && answers.differing.length > 0,
      };
    });
  },
};
