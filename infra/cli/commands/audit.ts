import { vendorOf } from '../../../domain/feature/keys.ts';
import { problemsOf, summaryOf } from '../../../domain/kernel/problems.ts';
import {
  type AuditFlag,
  type AuditItem,
  AuditJudge,
  type AuditKind,
  AuditMap,
  AuditReader,
  AuditScan,
  type CsvRow,
  type DayStanding,
  FileFault,
  foldName,
  type Lines,
  namedLayout,
  type StandingOn,
} from '../../../domain/observation/audit.ts';
import { CommandRefused } from '../../local/errors.ts';
import { readCsv } from '../observedFile.ts';
import {
  type ApiClient,
  argument,
  type Command,
  type CommandResult,
  type Options,
  optionalOption,
  type Progress,
  REMOTE_OPTIONS,
  readJson,
  type Tools,
  vendorOption,
  WrongUsage,
  withNoun,
} from '../usage.ts';

const AT_ONCE = 16;
const DAY_MS = 86_400_000;

const ask = async (apiClient: ApiClient, key: string, at: string | undefined): Promise<DayStanding> => {
  const { enabled, status, audience } = await apiClient.call('GET', '/v1/features/{key}', { params: { key }, query: { at } });
  return { on: enabled || status === 'audience', audience };
};

/** Merges the two answers of a day with a decision. Either clears a row, since the export lacks the time of day. */
const mergedStanding = (one: DayStanding, other: DayStanding): DayStanding => {
  if (!one.on || !other.on) return one.on ? one : other;
  return {
    on: true,
    audience: one.audience === null || other.audience === null ? null : [...new Set([...one.audience, ...other.audience])],
  };
};

const endsOf = (day: string, now: number): readonly (string | undefined)[] => {
  const start = Date.parse(`${day}T00:00:00.000Z`);
  if (day === '' || Number.isNaN(start) || start > now) return [undefined];
  const end = start + DAY_MS;
  return [new Date(start).toISOString(), end > now ? undefined : new Date(end - 1).toISOString()];
};

const standingsOn = async (
  apiClient: ApiClient,
  days: ReadonlyMap<string, ReadonlySet<string>>,
  now: number,
  shown: Progress,
): Promise<StandingOn> => {
  const wanted = [...days].flatMap(([key, each]) =>
    [...new Set([...each].flatMap((day) => endsOf(day, now)))].map((at) => ({ key, at })),
  );
  const answers = new Map<string, DayStanding>();
  const idOf = (key: string, at: string | undefined): string => `${key} ${at}`;
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const part = wanted.slice(from, from + AT_ONCE);
    const found = await Promise.all(part.map(({ key, at }) => ask(apiClient, key, at)));
    for (const [i, { key, at }] of part.entries()) answers.set(idOf(key, at), found[i] as DayStanding);
    shown.tick(from + part.length, wanted.length);
  }
  return (key, day) =>
    endsOf(day, now)
      .flatMap((at) => answers.get(idOf(key, at)) ?? [])
      .reduce<DayStanding | undefined>((known, next) => (known === undefined ? next : mergedStanding(known, next)), undefined);
};

const linesJson = ({ count, first }: Lines) => ({ rows: count, lines: first });

/** Returns the report as data: counts, findings and line numbers, but no cells. `compared`: whether any row has a feature. */
const auditJson = (scan: AuditScan, judge: AuditJudge, compared: boolean) => ({
  kind: scan.kind,
  rows: scan.rows,
  from: scan.from ?? null,
  to: scan.to ?? null,
  headers: scan.headers,
  withoutHeader: scan.withoutHeader,
  compared,
  types: judge.uses.map(({ type, key, rows }) => ({ type, feature: key, rows, mapped: key !== null })),
  flagged: judge.flags,
  outsideOrganisations: judge.outsiders,
  columns: Object.fromEntries(scan.shown),
  missingColumns: scan.missing,
  unknownColumns: scan.unknownColumns,
  undated: scan.undated,
  reasonsLikePlates: linesJson(scan.plates),
  formulaRows: scan.formulas,
});
type AuditJson = ReturnType<typeof auditJson>;

const WHAT: Readonly<Record<AuditFlag['code'], string>> = {
  'feature-off': 'use of a feature that is off',
  'outside-audience': 'use by an organisation outside the approved audience',
  'organisation-not-shown': 'use by an organisation that is masked or left blank, where only some may',
  'unreadable-row': 'rows whose cells do not fit their header, so they cannot be judged',
};

const onLines = (rows: number, lines: readonly number[]): string => {
  const where = lines.length < rows ? 'first on lines' : lines.length === 1 ? 'line' : 'lines';
  return `${rows} ${rows === 1 ? 'row' : 'rows'}, ${where} ${lines.join(', ')}`;
};

const typeLine = ({ type, feature, rows }: AuditJson['types'][number]): string =>
  `  ${type ?? '(no plain word)'}: ${rows} ${rows === 1 ? 'row' : 'rows'}, ${feature ?? 'not mapped'}`;

const noteLines = (report: AuditJson): readonly string[] => {
  const { columns, missingColumns, unknownColumns, undated, reasonsLikePlates, formulaRows, withoutHeader } = report;
  const hidden = Object.entries(columns).filter(([, { masked, blank }]) => masked + blank > 0);
  return [
    ...hidden.map(
      ([column, { masked, blank }]) =>
        `note: ${column}: masked in ${withNoun(masked, 'row')}, blank in ${blank}; blank is not "none"`,
    ),
    ...(missingColumns.length > 0 ? [`note: the file has no column for: ${missingColumns.join(', ')}`] : []),
    ...(unknownColumns > 0 ? [`note: ${withNoun(unknownColumns, 'column')} left aside, whose names mean nothing here`] : []),
    ...(withoutHeader ? ['note: the file has no header; its columns were identified by their order'] : []),
    ...(undated > 0 ? [`note: no readable time in ${withNoun(undated, 'row')}, compared with what is approved now`] : []),
    ...(reasonsLikePlates.rows > 0
      ? [`note: reasons that look like a licence plate: ${onLines(reasonsLikePlates.rows, reasonsLikePlates.lines)}`]
      : []),
    ...(formulaRows > 0
      ? [`note: ${withNoun(formulaRows, 'row')} with a cell that a spreadsheet would run; do not open the file in one`]
      : []),
  ];
};

const auditText = (report: AuditJson): string => {
  const { rows, from, to, types, flagged, outsideOrganisations, kind, compared } = report;
  const period = from === null ? '' : `, ${from} to ${to}`;
  return [
    `${kind === 'access' ? withNoun(rows, 'search', 'searches') : withNoun(rows, 'change of settings', 'changes of settings')}${period}`,
    ...types.map(typeLine),
    ...flagged.map(
      ({ code, key, rows: count, lines }) => `flagged: ${WHAT[code]}${key === null ? '' : `: ${key}`}: ${onLines(count, lines)}`,
    ),
    ...(outsideOrganisations > 0 ? [`flagged: organisations outside the audience: ${outsideOrganisations}`] : []),
    ...noteLines(report),
    ...(compared ? [] : ['nothing was compared: without --vendor, and with no type in --map, no row has a feature']),
    ...(compared && flagged.length === 0 ? ['nothing is flagged'] : []),
    ...(flagged.length > 0 ? ['the lines are those of the file; no row is shown here'] : []),
  ].join('\n');
};

const readMap = (file: string | undefined, vendor: string | undefined): AuditMap => {
  const parsed = AuditMap.safeParse(file === undefined ? {} : readJson(file));
  if (!parsed.success) throw new WrongUsage(`--map: ${summaryOf(problemsOf(parsed.error))}`);
  const { searchTypes, entityTypes } = parsed.data;
  const strange = [...Object.values(searchTypes), ...Object.values(entityTypes)].find(
    (key) => vendor !== undefined && vendorOf(key) !== vendor,
  );
  if (strange !== undefined) throw new WrongUsage(`--map: ${strange} is not a feature of ${vendor}`);
  return parsed.data;
};

const daysByKey = (
  scan: AuditScan,
  types: Readonly<Record<string, string>>,
  root: string | undefined,
): ReadonlyMap<string, ReadonlySet<string>> => {
  const keys = new Map(Object.entries(types).map(([type, key]) => [foldName(type), key]));
  const days = new Map<string, Set<string>>();
  for (const [type, each] of scan.days) {
    const key = keys.get(type) ?? root;
    if (key !== undefined) days.set(key, new Set([...(days.get(key) ?? []), ...each]));
  }
  return days;
};

const audited = async (
  kind: AuditKind,
  file: string,
  options: Options,
  { apiClient, progress }: Tools,
): Promise<CommandResult> => {
  const vendor = options['vendor'] === undefined ? undefined : vendorOption(options);
  const map = readMap(optionalOption(options, 'map'), vendor);
  const types = kind === 'access' ? map.searchTypes : map.entityTypes;
  const scan = new AuditScan(kind);
  const shown = progress(`audit ${kind}`);
  const readEach = async (take: (item: AuditItem) => void): Promise<void> => {
    const reader = new AuditReader(kind, map.columns && namedLayout(kind, map.columns));
    const read = (row: CsvRow): void => {
      for (const item of reader.read(row)) take(item);
    };
    await readCsv(file, read, shown);
  };
  try {
    await readEach((item) => scan.take(item));
    scan.end();
    const days = daysByKey(scan, types, vendor);
    const standing = days.size === 0 ? () => undefined : await standingsOn(apiClient(), days, Date.now(), shown);
    const judge = new AuditJudge(types, map, vendor, standing);
    await readEach((item) => {
      if (item.type === 'row') judge.take(item.row);
      else if (item.type === 'misfit') judge.misfit(item.line);
    });
    const json = auditJson(scan, judge, days.size > 0);
    return { json, text: auditText(json), failed: json.flagged.length > 0 };
  } catch (error) {
    if (error instanceof FileFault) throw new CommandRefused(`${file}, ${error.message}`);
    throw error;
  }
};

const auditCommand = (kind: AuditKind, does: string): Command => ({
  usage: `audit ${kind} FILE.csv [--vendor ID] [--map FILE.json]`,
  does,
  takes: { vendor: 'string', map: 'string', ...REMOTE_OPTIONS },
  run: (args, options, tools) => audited(kind, argument(args, 0, 'FILE.csv'), options, tools),
});

export const auditCommands: readonly Command[] = [
  auditCommand('access', 'compares a vendor’s export of searches with what was approved; exit code 1 if anything is flagged'),
  auditCommand(
    'settings',
    'compares a vendor’s export of changed settings with what was approved; exit code 1 if anything is flagged',
  ),
];
