import type { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { isZone } from '../../domain/kernel/zone.ts';

const Settings = z.object({
  /** Names the stacks, so that one account can hold a stage to try things out beside the one that counts. */
  stage: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/),
  /** Where the city's people reach the gate; absent: the address that AWS gives the HTTP API. */
  url: z.url({ protocol: /^https$/ }).optional(),
  timeZone: z.string().refine(isZone, 'is not an IANA time zone such as America/Denver'),
  mailFrom: z.string().regex(/@[a-z0-9.-]+>?$/i, 'is not an address of mail'),
  /** Who is told of incidents and alarms; absent: the topic has no subscriber yet. */
  alarmEmail: z.email().optional(),
});
export type Settings = z.infer<typeof Settings>;

const NAMES = ['stage', 'url', 'timeZone', 'mailFrom', 'alarmEmail'] as const;

/** What a deployment is told in `cdk.json` or by `--context name=value`. Throws with the name of what cannot be used. */
export const settingsOf = (app: App): Settings => {
  const given = Object.fromEntries(NAMES.map((name) => [name, app.node.tryGetContext(name) as unknown]));
  const parsed = Settings.safeParse(given);
  if (!parsed.success) throw new Error(`the context cannot be used: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
