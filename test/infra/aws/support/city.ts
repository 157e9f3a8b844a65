import { readFileSync } from 'node:fs';

/** The context of cdk.json, as a city without settings of its own has it. */
export const OWN_CONTEXT = (
  JSON.parse(readFileSync('cdk.json', 'utf8')) as { readonly context: Readonly<Record<string, unknown>> }
).context;

export const CITY_URL = 'https://gate.example';

export const TIME_ZONE = String(OWN_CONTEXT.timeZone);
