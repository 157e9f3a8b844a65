import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryEntry, directoryHolders } from '../../functions/gate/directory.ts';
import type { Finding, HealthCheck } from '../../functions/platform/health.ts';
import type { Installation } from './installation.ts';
import type { Settings } from './settings.ts';

const LOOPBACK_HOST = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** The names that no mail and no browser reaches (RFC 2606). */
const EXAMPLE = /\.example(?![\w.-])/i;

/** Finds what keeps officials from using the gate though it answers rightly: no mail server, addresses of examples, a loopback URL. */
export const setUpCheck =
  ({ settings, ports }: Pick<Installation, 'settings' | 'ports'>): HealthCheck =>
  async () => {
    const { url, smtpUrl, mailFrom, itMail, city } = settings;
    const found: Finding[] = [];
    if (smtpUrl === undefined)
      found.push({ code: 'no-mail-server', detail: 'No mail server is set: no mail leaves this machine.' });
    if (LOOPBACK_HOST.test(new URL(url).hostname))
      found.push({ code: 'loopback-url', detail: `The links in mails begin with ${url}, which other machines cannot open.` });
    const holders = await directoryHolders(ports.sideStore);
    const addresses = await Promise.all(holders.map((holder) => directoryEntry(ports.sideStore, holder)));
    const officials = addresses.filter((address) => address !== undefined && EXAMPLE.test(address.email)).length;
    const named = Object.entries({ url, mailFrom, itMail, contact: city.contact }).flatMap(([name, value]) =>
      value !== undefined && EXAMPLE.test(value) ? [name] : [],
    );
    const examples = [...named, ...(officials === 0 ? [] : [`the addresses of ${officials} officials`])];
    if (examples.length > 0)
      found.push({
        code: 'example-address',
        detail: `Addresses of examples, which end in .example, are still used: ${examples.join(', ')}.`,
      });
    return found;
  };

const urlFile = (data: string): string => join(data, 'url');

/** Writes down where a server can be asked, for commands that run without its settings. Returns what removes it again. */
export const noteUrl = ({ data, url }: Settings): (() => void) => {
  try {
    writeFileSync(urlFile(data), `${url}\n`);
  } catch {
    // On a full disk commands have their own settings only.
  }
  return () => rmSync(urlFile(data), { force: true });
};

/** Returns the settings of a command: with the URL of the server that runs on the folder, if one does. */
export const besideServer = (settings: Settings): Settings => {
  try {
    return { ...settings, url: readFileSync(urlFile(settings.data), 'utf8').trim() };
  } catch {
    return settings;
  }
};
