import { DEFAULT_NOTICE_LIMITS } from '../../functions/gate/noticeLimits.ts';
import { LEASE_SECONDS } from '../../functions/web/api/ofrep/flag.ts';
import type { Settings } from '../../infra/local/settings.ts';

/** The settings of a data folder as the benchmarks use it: the limits of `npm start`, mails into the outbox. */
export const settingsOf = (data: string): Settings => ({
  data,
  port: 0,
  host: '127.0.0.1',
  url: 'http://127.0.0.1',
  logOrigin: undefined,
  timeZone: 'UTC',
  city: { name: 'City', contact: undefined },
  itMail: undefined,
  noticeLimits: DEFAULT_NOTICE_LIMITS,
  leaseSeconds: LEASE_SECONDS,
  expectCheckpoint: undefined,
  witnesses: { witnesses: [], quorum: 0 },
  smtpUrl: undefined,
  mailFrom: 'gate@city.example',
});
