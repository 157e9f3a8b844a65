import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const IT = 'it@city.example';
export const CLERK = 'clerk@city.example';
export const MAYOR = 'mayor@city.example';
export const MEMBER = 'district-1@council.example';

/** What a mail is about, by its subject in English and in Spanish. */
const KINDS = {
  onWithout: /^On without permission/,
  still: /^(?:Still on|Sigue encendido) (?:without permission|sin permiso)/,
  over: /^(?:No longer on without permission|Ya no está encendido sin permiso)/,
  todo: /^To do at your vendors/,
  soon: /^Goes off soon/,
  off: /^Off from now on/,
  forced: /^The city cannot opt out/,
  contract: /^The contract ends/,
  weekly: /^(?:What waits and what was decided|Qué espera y qué se decidió)/,
} as const;
export type MailKind = keyof typeof KINDS;

/** A mail as it lies in the outbox. `at`: when it left; `text`: its file, decoded as far as keys and addresses need it. */
export interface Mail {
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly kind: MailKind | undefined;
  readonly text: string;
  readonly links: readonly string[];
}

const INSTANT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/;

const decoded = (eml: string) =>
  eml.replaceAll(/=\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const readMail = (folder: string, name: string): Mail => {
  const { to, subject, links } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Pick<
    Mail,
    'to' | 'subject' | 'links'
  >;
  const [, year, month, day, hour, minute, second, ms] = INSTANT.exec(name) ?? [];
  const kind = (Object.keys(KINDS) as MailKind[]).find((each) => KINDS[each].test(subject));
  const text = decoded(readFileSync(join(folder, `${name}.eml`), 'utf8'));
  return { at: `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`, to, subject, kind, text, links };
};

/** Returns a reader of an outbox: each call gives all mails so far, oldest first, and reads only those that are new. */
export const outboxReader = (folder: string): (() => readonly Mail[]) => {
  const known = new Map<string, Mail>();
  return () => {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.')) : [];
    for (const name of names.map((each) => each.replace(/\.json$/, '')).sort())
      if (!known.has(name)) known.set(name, readMail(folder, name));
    return [...known.values()];
  };
};
