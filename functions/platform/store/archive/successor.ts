import { canonical } from '../../../../domain/kernel/canonical.ts';
import { type Commit, encodeCommit } from '../../../../domain/kernel/commit.ts';
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

/** Returns the end of an archive's log; undefined if it has not ended. */
const endingOf = async (lines: AsyncIterable<string>): Promise<Ending | undefined> => {
  const frozen = new Map<string, LogbookEventOf<'LogFrozen'>>();
  let last: CheckpointSigned | undefined;
  for await (const { commit } of readArchive(lines)) {
    if (commit.stream === LOG_STREAM) last = CheckpointSigned.parse(commit.events.at(-1));
    if (!isLogbookStream(commit.stream)) continue;
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
  for await (const line of lines) {
    const { commit } = JSON.parse(line) as { readonly commit?: string };
    if (commit === undefined || (JSON.parse(commit) as Commit).stream === LOG_STREAM) continue;
    commits += 1;
    yield counted(line);
  }
  yield JSON.stringify({ commits, sha256: String(digest) });
}

/** Determines how to import an archive into a log. Throws BadArchive. */
export const originOfArchive = async (open: () => AsyncIterable<string>, own: OwnLog): Promise<Origin> => {
  const ending = await endingOf(open());
  if (ending === undefined || ending.frozen.origin === own.origin) return { as: 'same' };
  const { successor, at, origin } = ending.frozen;
  if (successor.origin !== own.origin || successor.key !== own.key)
    return {
      as: 'refused',
      detail: `the log ${origin} ended at ${at} and goes on at ${successor.origin} with the key ${successor.key}, which is not this one`,
    };
  return { as: 'successor', lines: () => continued(open(), beginning(own, ending)) };
};
