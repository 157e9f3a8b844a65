import * as z from 'zod';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { type Commit, CorruptCommit, decodeCommit, encodeCommit } from '../../../../domain/kernel/commit.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { jsonOf } from '../../../../domain/kernel/json.ts';
import { CheckpointSigned, LOG_STREAM } from '../../../../domain/log/events.ts';
import { LogbookEvent, type LogbookEventOf } from '../../../../domain/log/logbookEvents.ts';
import { isLogbookStream, logbookStream } from '../../../../domain/log/logbookState.ts';
import { HEADER, LinesDigest } from './line.ts';
import { readArchive } from './readArchive.ts';

/** The log that an archive is imported into. */
export interface OwnLog {
  readonly origin: string;
  /** Its verifier key. */
  readonly key: string;
}

interface Ending {
  readonly frozen: LogbookEventOf<'LogFrozen'>;
  readonly last: CheckpointSigned;
}

/** The relation of an archive to the log it is imported into: the same log, this log's predecessor, or a log to refuse. */
export type Origin =
  | { readonly as: 'same' }
  | { readonly as: 'successor'; readonly lines: () => AsyncIterable<string> }
  | { readonly as: 'refused'; readonly detail: string };

/** The events that say how a log ends. Nearly no commit has one, so only those that name one are parsed. */
const OF_AN_END = [CheckpointSigned.shape.type.value, 'LogFrozen' satisfies LogbookEvent['type']];

const AnyLine = z.looseObject({ commit: z.string().optional() });

/** Returns the commit on a line; undefined for any other line, and for a commit that can have no event of {@link OF_AN_END}. */
const commitOn = (line: string): Commit | undefined => {
  // Nearly every line: without an escape, it has the letters of its commit.
  if (!line.includes('\\u') && !OF_AN_END.some((type) => line.includes(type))) return undefined;
  const { commit } = AnyLine.parse(JSON.parse(line));
  // Text in canonical form escapes no letter.
  return commit !== undefined && OF_AN_END.some((type) => commit.includes(type)) ? decodeCommit(Buffer.from(commit)) : undefined;
};

/** Returns the end of an archive's log; undefined if it has not ended. Throws if what may say so is malformed, and verifies nothing else. */
const endingOf = async (lines: AsyncIterable<string>): Promise<Ending | undefined> => {
  const frozen = new Map<string, LogbookEventOf<'LogFrozen'>>();
  let last: CheckpointSigned | undefined;
  for await (const line of lines) {
    const commit = commitOn(line);
    if (commit?.stream === LOG_STREAM) last = CheckpointSigned.parse(commit.events.at(-1));
    if (commit === undefined || !isLogbookStream(commit.stream)) continue;
    for (const event of commit.events.map((json) => LogbookEvent.parse(json)))
      if (event.type === 'LogFrozen') frozen.set(event.origin, event);
  }
  const origin = last?.checkpoint.split('\n', 1)[0] ?? '';
  const end = frozen.get(origin);
  return end === undefined || last === undefined ? undefined : { frozen: end, last };
};

const beginning = (own: OwnLog, { frozen, last }: Ending): Commit => {
  const { size, root, checkpoint } = last;
  const event: LogbookEventOf<'LogContinued'> = {
    type: 'LogContinued',
    v: 1,
    at: frozen.at,
    origin: own.origin,
    predecessor: { origin: frozen.origin, key: frozen.key, size, root, checkpoint },
  };
  // Derived only from what it continues, so that repeating an import makes the same commit.
  const id = digestOf(canonical(event)).slice('sha256:'.length);
  return {
    stream: logbookStream(own.origin),
    version: 1,
    id,
    commandId: `continue/${id}`,
    at: frozen.at,
    actor: 'operator',
    prev: null,
    events: [jsonOf(event)],
  };
};

/**
 * Yields the lines of the archive with the successor's first commit before all others, and without the old log's own commits.
 */
async function* continued(lines: AsyncIterable<string>, first: Commit): AsyncGenerator<string> {
  const digest = new LinesDigest();
  let commits = 0;
  const counted = (line: string): string => {
    digest.add(line);
    return line;
  };
  yield counted(JSON.stringify(HEADER));
  commits += 1;
  yield counted(JSON.stringify({ commit: Buffer.from(encodeCommit(first)).toString('utf8') }));
  let line = '';
  const noted = async function* (): AsyncGenerator<string> {
    for await (line of lines) yield line;
  };
  for await (const { commit } of readArchive(noted())) {
    if (commit.stream === LOG_STREAM) continue;
    commits += 1;
    yield counted(line);
  }
  yield JSON.stringify({ commits, sha256: String(digest) });
}

/** Determines how to import an archive into a log. What is wrong with the archive is found by its import, which reads it again. */
export const originOfArchive = async (open: () => AsyncIterable<string>, own: OwnLog): Promise<Origin> => {
  const ending = await endingOf(open()).catch((error: unknown) => {
    if (error instanceof SyntaxError || error instanceof z.ZodError || error instanceof CorruptCommit) return undefined;
    throw error;
  });
  if (ending === undefined || ending.frozen.origin === own.origin) return { as: 'same' };
  const { successor, at, origin } = ending.frozen;
  if (successor.origin !== own.origin || successor.key !== own.key)
    return {
      as: 'refused',
      detail: `the log ${origin} ended at ${at} and goes on at ${successor.origin} with the key ${successor.key}, which is not this one`,
    };
  return { as: 'successor', lines: () => continued(open(), beginning(own, ending)) };
};
