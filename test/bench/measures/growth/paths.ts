import { makeLink } from '../../../../functions/gate/links.ts';
import { makeVendorForm } from '../../../../functions/gate/vendorForms.ts';
import { ROUTES } from '../../../../functions/web/routes/table.ts';
import { openInstallation } from '../../../../infra/local/installation.ts';
import { PENDING } from '../../register.ts';
import { settingsOf } from '../../settings.ts';
import { VENDOR } from '../../vendor.ts';

/** Addresses whose answers are a file as it lies on the disk, that only developers use, or that need a link to a passkey. */
const LEFT_OUT = new Set([
  '/assets/{file}',
  '/favicon.ico',
  '/robots.txt',
  '/log/tile/{path+}',
  '/log/notice/{sha256}',
  '/log/document/{sha256}',
  '/dev/outbox',
  '/dev/outbox.json',
  '/d/{token}/document/{sha256}',
  '/d/{token}/passkey',
  '/d/{token}/passkey/reset',
]);

/**
 * Searches and filters, beside the lists without any. A filter has a page that a register of a hundred features fills, too, so that pages of
 * the same length are compared.
 */
const SEARCHES: Readonly<Record<string, readonly string[]>> = {
  '/': ['q=plain words', 'q=update', 'status=pending&limit=20', 'q=no such words'],
  '/v1/features': ['status=pending&limit=20', `prefix=${VENDOR}`],
  '/v1/changes': ['status=pending&limit=20'],
};
/** What an address needs to be asked at all. */
const QUERIES: Readonly<Record<string, string>> = {
  '/packet': `change=${PENDING}/1`,
  '/v1/policy/explain': `key=${PENDING}&kind=update`,
};

/** An address to ask, and as what it stands in the table. */
export interface Asked {
  readonly name: string;
  readonly path: string;
}

/** Makes the links that open officials' pages and a vendor's form. */
const tokensIn = async (data: string): Promise<Readonly<Record<'d' | 'm' | 'n', string>>> => {
  const { ports, secrets, close } = openInstallation(settingsOf(data));
  try {
    const clerk = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
    const links = { ...ports, linkKey: secrets.linkKey };
    const d = await makeLink(links, { purpose: 'decide', ...clerk, requirement: 'council', key: PENDING, n: 1, revision: 1 });
    const m = await makeLink(links, { purpose: 'weekly', ...clerk });
    const form = await makeVendorForm(ports, VENDOR, 'P30D');
    return { d, m, n: form?.token ?? '' };
  } finally {
    await close();
  }
};

/** Returns every address of the route table that answers GET, each with an example of the register that lies in the folder. */
export const pathsIn = async (data: string): Promise<readonly Asked[]> => {
  const tokens = await tokensIn(data);
  const filled = (pattern: string): string =>
    pattern
      .replace(/^\/([dmn])\/\{token\}/, (_, kind: keyof typeof tokens) => `/${kind}/${tokens[kind]}`)
      .replace('{key}', PENDING)
      .replace('{id}', VENDOR)
      .replace('{page}', 'it')
      .replace(/\{(?:n|version)\}/, '1');
  const patterns = Object.values(ROUTES)
    .flatMap((table) => Object.entries(table))
    .filter(([pattern, methods]) => 'GET' in methods && !LEFT_OUT.has(pattern));
  return patterns.flatMap(([pattern]) => {
    const query = QUERIES[pattern];
    const plain = { name: pattern, path: filled(pattern) + (query === undefined ? '' : `?${query}`) };
    const searched = (SEARCHES[pattern] ?? []).map((each) => ({
      name: `${pattern}?${each}`,
      path: `${filled(pattern)}?${each.replaceAll(' ', '+')}`,
    }));
    return [plain, ...searched];
  });
};
