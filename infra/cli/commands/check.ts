import { createHash } from 'node:crypto';
import { FEATURES_MAX, Source } from '../../../domain/observation/events.ts';
import type { RowValue } from '../../../domain/observation/observedFile.ts';
import { API_OPERATIONS } from '../../../functions/web/routes/api.ts';
import { type ObservedFile, profilesIn, readObserved, readProfile } from '../observedFile.ts';
import {
  type AnswerOf,
  type Command,
  type CommandResult,
  optionalOption,
  REMOTE_OPTIONS,
  requiredOption,
  type Tools,
  vendorOption,
  WrongUsage,
  withNoun,
} from '../usage.ts';

const { bodyBytesMax: BODY_BYTES_MAX } = API_OPERATIONS['/v1/observations'].POST;
const DEFAULT_SOURCE = 'check';
const LISTED_MAX = 50;

type Answer = AnswerOf<'/v1/observations', 'POST'>;
type Drift = Answer['drift'][number];

/** The body of `POST /v1/observations`. */
interface Report {
  readonly vendor: string;
  readonly source: string;
  readonly observedAt: string;
  readonly features: Readonly<Record<string, boolean | RowValue>>;
  readonly evidence?: { readonly sha256: string; readonly title: string };
}

const reported = (seen: RowValue): boolean | RowValue =>
  seen.agencies === undefined && seen.version === undefined ? seen.on : seen;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Splits features, in their order, so that each part fits into one request. */
export const reportParts = (head: Omit<Report, 'features'>, features: ReadonlyMap<string, RowValue>): readonly Report[] => {
  const parts: Record<string, boolean | RowValue>[] = [];
  let [keys, bytes] = [0, 0];
  for (const [key, seen] of features) {
    const value = reported(seen);
    const more = bytesOf({ [key]: value });
    const last = parts.at(-1);
    if (last === undefined || keys >= FEATURES_MAX || bytes + more > BODY_BYTES_MAX) {
      parts.push({ [key]: value });
      [keys, bytes] = [1, bytesOf({ ...head, features: {} }) + more];
      continue;
    }
    last[key] = value;
    [keys, bytes] = [keys + 1, bytes + more];
  }
  return parts.map((part) => ({ ...head, features: part }));
};

const reportsOf = (vendor: string, source: string | undefined, file: ObservedFile): readonly Report[] => {
  const { profile, bytes, observedAt, features } = file;
  const evidence =
    profile.title === undefined ? undefined : { sha256: createHash('sha256').update(bytes).digest('hex'), title: profile.title };
  return reportParts(
    { vendor, source: source ?? profile.source ?? DEFAULT_SOURCE, observedAt, ...(evidence !== undefined && { evidence }) },
    features,
  );
};

const seenText = ({ on, agencies, version }: RowValue): string =>
  [
    on ? 'on' : 'off',
    ...(agencies === undefined ? [] : [`for ${agencies.join(', ')}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
  ].join(', ');

const cut = (lines: readonly string[], what: string): readonly string[] =>
  lines.length > LISTED_MAX ? [...lines.slice(0, LISTED_MAX), `and ${lines.length - LISTED_MAX} more ${what}`] : lines;

/** Returns one line for each fault. */
const faultLines = ({ bad, unknown, name }: ObservedFile): readonly string[] => [
  ...cut(
    unknown.map((column) => `not read: "${column}" means nothing to the profile ${name}`),
    'unknown names',
  ),
  ...cut(
    bad.map(({ place, key, reason }) => `${place}: not read${key === null ? '' : `, ${key}`}: ${reason}`),
    'lines that cannot be read',
  ),
];

const KIND: Readonly<Record<Drift['kind'], string>> = {
  'not-approved': 'it is not approved',
  'never-announced': 'it was never announced',
  audience: 'not for these agencies',
  version: 'not in this version',
  removed: 'it was removed',
};

const driftLine = ({ key, kind, since }: Drift): string => `${key}: on without permission since ${since}: ${KIND[kind]}`;

const fileJson = (file: ObservedFile) => ({
  profile: file.name,
  rows: file.rows,
  leftAside: file.aside,
  unknown: file.unknown,
  bad: file.bad,
});

const tried = (file: ObservedFile, reports: readonly Report[]): CommandResult => {
  const [first] = reports;
  const lines = file.lines.map(({ place, key, seen }) => `${place}: ${key} is ${seenText(seen)}`);
  const posts = `${withNoun(file.features.size, 'feature')} of ${withNoun(file.rows, 'row')}, in ${withNoun(reports.length, 'report')}`;
  return {
    json: { ...fileJson(file), lines: file.lines, posts: reports },
    text: [
      `profile ${file.name}${first === undefined ? '' : `; source ${first.source}; observed at ${first.observedAt}`}`,
      ...lines,
      ...faultLines(file),
      `nothing was posted; without --dry-run: ${posts}`,
      ...reports.map((report) => JSON.stringify(report)),
    ].join('\n'),
    failed: file.bad.length > 0,
  };
};

const posted = async (file: ObservedFile, reports: readonly Report[], { apiClient, progress }: Tools): Promise<CommandResult> => {
  const shown = progress('check');
  const answers: Answer[] = [];
  for (const body of reports) {
    answers.push(await apiClient().call('POST', '/v1/observations', { body }));
    shown.tick(answers.length, reports.length);
  }
  const drift = answers.flatMap((answer) => answer.drift);
  const closed = answers.flatMap((answer) => answer.closed);
  return {
    json: { drift, closed, ...fileJson(file) },
    text: [...drift.map(driftLine), ...faultLines(file)].join('\n'),
    failed: drift.length > 0 || file.bad.length > 0,
  };
};

export const checkCommand: Command = {
  usage: 'check --vendor ID --observed FILE [--source S] [--profile FILE] [--dry-run]',
  does: 'reports what is on at a vendor, from a CSV or JSON file; prints what may not be on, and lines that cannot be read, with exit code 1. --dry-run posts nothing',
  takes: { vendor: 'string', observed: 'string', source: 'string', profile: 'string', 'dry-run': 'boolean', ...REMOTE_OPTIONS },
  run: async (_args, options, tools) => {
    const vendor = vendorOption(options);
    const source = optionalOption(options, 'source');
    if (source !== undefined && !Source.safeParse(source).success)
      throw new WrongUsage('--source is not one line of at most 60 characters');
    const observed = requiredOption(options, 'observed');
    const profile = optionalOption(options, 'profile');
    const file = readObserved(observed, vendor, {
      given: profile === undefined ? undefined : readProfile(profile),
      own: profile === undefined ? profilesIn(tools.profilesFolder()) : [],
    });
    const reports = reportsOf(vendor, source, file);
    return options['dry-run'] === true ? tried(file, reports) : posted(file, reports, tools);
  },
};
