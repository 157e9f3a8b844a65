import { createReadStream, statSync } from 'node:fs';
import { AuditFault } from '../../../domain/observation/audit/csv.ts';
import type { AuditItem, AuditReader } from '../../../domain/observation/audit/rows.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Progress } from '../usage.ts';

const CHUNK_BYTES = 1 << 20;

const sizeOf = (file: string): number => {
  try {
    const found = statSync(file);
    if (found.isFile()) return found.size;
  } catch {
    // Reported below, as for a folder.
  }
  throw new CommandRefused(`${file} cannot be read`);
};

/** Reads an export from a file in bounded memory. Throws AuditFault, and CommandRefused if the file is missing. */
export const readExport = async (
  file: string,
  reader: AuditReader,
  take: (item: AuditItem) => void,
  shown: Progress,
): Promise<void> => {
  const size = sizeOf(file);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [done, line] = [0, 1];
  const items = (found: Iterable<AuditItem>): void => {
    for (const item of found) {
      line = item.type === 'row' ? item.row.line : item.line;
      take(item);
    }
  };
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new AuditFault('not-utf8', line, 'from here on the file is not text in UTF-8');
    }
  };
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    items(reader.push(decoded(chunk)));
    done += chunk.length;
    shown.tick(done, size);
  }
  items(reader.push(decoded()));
  items(reader.end());
};
