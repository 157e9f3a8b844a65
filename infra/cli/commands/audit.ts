import { vendorOf } from '../../../domain/feature/keys.ts';
import { type AuditKind, namedLayout } from '../../../domain/observation/audit/columns.ts';
import { FileFault } from '../../../domain/observation/audit/fault.ts';
import { AuditJudge } from '../../../domain/observation/audit/judge.ts';
import { AuditMap, folded } from '../../../domain/observation/audit/map.ts';
import { type AuditItem, AuditReader, type CsvRow } from '../../../domain/observation/audit/rows.ts';
import { AuditScan } from '../../../domain/observation/audit/scan.ts';
import { VendorId } from '../../../domain/vendors/keys.ts';
import { CommandRefused } from '../../local/errors.ts';
import { auditJson, auditText } from '../audit/report.ts';
import { standingsOn } from '../audit/standings.ts';
import { readCsv } from '../csv.ts';
import { readBytes } from '../files.ts';
import { argument, type Command, type CommandResult, type Options, optionalOption, type Tools, WrongUsage } from '../usage.ts';

const readMap = (file: string | undefined, vendor: string | undefined): AuditMap => {
  const parsed = AuditMap.safeParse(file === undefined ? {} : jsonIn(file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is no map' };
    throw new WrongUsage(`--map: /${path.join('/')} ${message}`);
  }
  const { searchTypes, entityTypes } = parsed.data;
  const strange = [...Object.values(searchTypes), ...Object.values(entityTypes)].find(
    (key) => vendor !== undefined && vendorOf(key) !== vendor,
  );
  if (strange !== undefined) throw new WrongUsage(`--map: ${strange} is not a feature of ${vendor}`);
  return parsed.data;
};

const jsonIn = (file: string): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(readBytes(file)));
  } catch (error) {
    if (error instanceof SyntaxError) throw new WrongUsage(`--map: ${file} is not JSON`);
    throw error;
  }
};

/** Returns the days to ask about, by feature: those of each mapped word, and those of the vendor's root for all other rows. */
const daysByKey = (
  scan: AuditScan,
  types: Readonly<Record<string, string>>,
  root: string | undefined,
): ReadonlyMap<string, ReadonlySet<string>> => {
  const keys = new Map(Object.entries(types).map(([type, key]) => [folded(type), key]));
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
  const vendor = optionalOption(options, 'vendor');
  if (vendor !== undefined && !VendorId.safeParse(vendor).success)
    throw new WrongUsage(`--vendor: ${vendor} is not the id of a vendor`);
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
    const json = auditJson(scan, judge);
    return { json, text: auditText(json), failed: json.flagged.length > 0 };
  } catch (error) {
    if (error instanceof FileFault) throw new CommandRefused(`${file}, ${error.message}`);
    throw error;
  } finally {
    shown.end();
  }
};

const auditCommand = (kind: AuditKind, does: string): Command => ({
  usage: `audit ${kind} FILE.csv [--vendor ID] [--map FILE.json]`,
  does,
  takes: { vendor: 'string', map: 'string' },
  run: (args, options, tools) => audited(kind, argument(args, 0, 'FILE.csv'), options, tools),
});

/** Commands that compare a vendor's audit exports with what was approved. They count and flag, and never show a row. */
export const auditCommands: readonly Command[] = [
  auditCommand('access', 'holds a vendor’s export of searches against what was approved; exit code 1 when something is flagged'),
  auditCommand('settings', 'the same for its export of changed settings'),
];
