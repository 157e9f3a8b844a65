import { vendorOf } from '../../../domain/feature/keys.ts';
import { isDrift } from '../../../domain/observation/drift.ts';
import { CommandRefused } from '../../local/errors.ts';
import { readBytes } from '../files.ts';
import { type Command, requiredOption } from '../usage.ts';

const KEY_NAMES = new Set(['key', 'feature', 'feature_key', 'flag']);
const VALUE_NAMES = new Set(['enabled', 'on', 'value', 'state', 'observed']);
const YES = new Set(['true', 'on', 'yes', '1', 'enabled']);
const NO = new Set(['false', 'off', 'no', '0', 'disabled']);

interface Row {
  readonly key: string;
  readonly on: boolean;
}

/** Returns the cells of one CSV line (RFC 4180, without line breaks inside cells). */
const cells = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    (quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')).trim(),
  );

/** Parses what was seen at the vendor: a column with the key and one with on or off, in any order; the header is optional. */
const readObserved = (text: string): readonly Row[] => {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const head = cells(lines[0] ?? '').map((name) => name.toLowerCase());
  const key = head.findIndex((name) => KEY_NAMES.has(name));
  const value = head.findIndex((name) => VALUE_NAMES.has(name));
  const [keyColumn, valueColumn, rows] = key >= 0 && value >= 0 ? [key, value, lines.slice(1)] : [0, 1, lines];
  return rows.map((line, index) => {
    const row = cells(line);
    const said = (row[valueColumn] ?? '').toLowerCase();
    if (!YES.has(said) && !NO.has(said)) throw new CommandRefused(`row ${index + 1}: "${said}" says neither on nor off`);
    return { key: row[keyColumn] ?? '', on: YES.has(said) };
  });
};

/** Compares what is on at a vendor with what is approved, by the function that judges observations in the API. */
export const checkCommand: Command = {
  usage: 'check --vendor ID --observed FILE.csv',
  does: 'compares what is seen to be on at a vendor with what is approved; exit code 1 on drift',
  takes: { vendor: 'string', observed: 'string' },
  run: async (_args, options, { apiClient, progress }) => {
    const vendor = requiredOption(options, 'vendor');
    const rows = readObserved(new TextDecoder().decode(readBytes(requiredOption(options, 'observed'))));
    if (rows.length === 0) throw new CommandRefused('the file has no rows: nothing was observed');
    const strange = rows.find(({ key }) => vendorOf(key) !== vendor);
    if (strange !== undefined) throw new CommandRefused(`${strange.key} is not a feature of ${vendor}`);
    const shown = progress('check');
    const drift: unknown[] = [];
    const lines: string[] = [];
    for (const [index, { key, on }] of rows.entries()) {
      const feature = await apiClient().call('GET', '/v1/features/{key}', { params: { key } });
      if (isDrift(on, feature.status)) {
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
