import type { Settings } from '../../infra/local/settings.ts';

/** The settings of a data folder as the benchmarks use it: no limits of notices, mails into the outbox. */
export const settingsOf = (data: string): Settings => ({
  data,
  port: 0,
  host: '127.0.0.1',
  url: 'http://127.0.0.1',
  logOrigin: undefined,
  timeZone: 'UTC',
  city: { name: 'City', contact: undefined },
  itMail: undefined,
  noticeLimits: { perHour: 0, bytesPerDay: 0 },
  expectCheckpoint: undefined,
  witnesses: { witnesses: [], quorum: 0 },
  smtpUrl: undefined,
  mailFrom: 'gate@city.example',
});
