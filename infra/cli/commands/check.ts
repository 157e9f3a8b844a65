import { mayBeOn } from '../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../domain/feature/keys.ts';
import { type CsvRow, FileFault } from '../../../domain/observation/audit/rows.ts';
import { CommandRefused } from '../../local/errors.ts';
import { readCsv } from '../csv.ts';
import { type Command, type Progress, requiredOption } from '../usage.ts';

const KEY_NAMES = new Set(['key', 'feature', 'feature_key', 'flag']);
const VALUE_NAMES = new Set(['enabled', 'on', 'value', 'state', 'observed']);
const YES = new Set(['true', 'on', 'yes', '1', 'enabled']);
const NO = new Set(['false', 'off', 'no', '0', 'disabled']);

interface Row {
  readonly key: string;
  readonly on: boolean;
}

const isBlank = ({ cells }: CsvRow): boolean => cells.every((cell) => cell.trim() === '');

const observedIn = ([first, ...others]: readonly CsvRow[]): readonly Row[] => {
  if (first === undefined) return [];
  const head = first.cells.map((name) => name.trim().toLowerCase());
  const key = head.findIndex((name) => KEY_NAMES.has(name));
  const value = head.findIndex((name) => VALUE_NAMES.has(name));
  const [keyColumn, valueColumn, rows] = key >= 0 && value >= 0 ? [key, value, others] : [0, 1, [first, ...others]];
  return rows.map(({ line, cells }) => {
    const said = (cells[valueColumn] ?? '').trim().toLowerCase();
    if (!YES.has(said) && !NO.has(said)) throw new FileFault(line, `"${said}" says neither on nor off`);
    return { key: (cells[keyColumn] ?? '').trim(), on: YES.has(said) };
  });
};

const readObserved = async (file: string, shown: Progress): Promise<readonly Row[]> => {
  const rows: CsvRow[] = [];
  const take = (row: CsvRow): void => {
    if (!isBlank(row)) rows.push(row);
  };
  try {
    await readCsv(file, take, shown);
    return observedIn(rows);
  } catch (error) {
    if (error instanceof FileFault) throw new CommandRefused(`${file}, ${error.message}`);
    throw error;
  }
};

export const checkCommand: Command = {
  usage: 'check --vendor ID --observed FILE.csv',
  does: 'compares what is seen to be on at a vendor with what is approved; exit code 1 on drift',
  takes: { vendor: 'string', observed: 'string' },
  run: async (_args, options, { apiClient, progress }) => {
    const vendor = requiredOption(options, 'vendor');
    const shown = progress('check');
    const rows = await readObserved(requiredOption(options, 'observed'), shown);
    if (rows.length === 0) throw new CommandRefused('the file has no rows: nothing was observed');
    const strange = rows.find(({ key }) => vendorOf(key) !== vendor);
    if (strange !== undefined) throw new CommandRefused(`${strange.key} is not a feature of ${vendor}`);
    const drift: unknown[] = [];
    const lines: string[] = [];
    for (const [index, { key, on }] of rows.entries()) {
      const feature = await apiClient().call('GET', '/v1/features/{key}', { params: { key } });
      if (on && !mayBeOn(feature.status)) {
        drift.push({ key, observed: on, enabled: feature.enabled, status: feature.status });
        lines.push(`${key} is on without permission: ${feature.because}`);
      }
      shown.tick(index + 1, rows.length);
    }
    shown.end();
    const text = lines.length === 0 ? `features checked: ${rows.length}; none is on without permission` : lines.join('\n');
    return { json: { drift }, text, failed: drift.length > 0 };
  },
};
