import { readFileSync } from 'node:fs';
import { type JsonObject, type JsonValue, parseStrict } from '../../domain/kernel/json.ts';

const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

const read = (name: string): JsonValue => {
  const parsed = parseStrict(bytesOf(`${name}.json`));
  if (!parsed.ok) throw new Error(`the demo's own file ${name}.json cannot be read: ${parsed.pointer} ${parsed.detail}`);
  return parsed.value;
};

/** Thirteen council seats, a mayor, an auditor and a clerk: seats and roles, no people. */
export const demoRoster = (): JsonValue => read('roster');

/** Council and mayor for everything; for a contract the auditor too, and an impact report for what watches new places. A week of public notice, ninety days to decide. */
export const demoPolicy = (): JsonValue => read('policy');

/** The impact report on the plate readers, which their notice names by its hash. */
export const demoReport = (): Uint8Array => bytesOf('impact-report.txt');

export const demoNotice = (name: string, dates: JsonObject = {}): string =>
  JSON.stringify({ ...(read(`notices/${name}`) as JsonObject), ...dates }, null, 2);
