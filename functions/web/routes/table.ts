import { API_OPERATIONS } from './api.ts';
import { DOCS_PAGES, LOG_FILES, PASSKEY_PAGES, SITE_PAGES } from './pages.ts';
import type { ApiTable, PageTable } from './route.ts';

/** The apps that answer HTTP, each a Lambda of its own on AWS. */
export const APPS = ['api', 'log', 'passkeys', 'site'] as const;
export type App = (typeof APPS)[number];

export type RouteTable = Readonly<Record<App, ApiTable | PageTable>>;

/**
 * Every address of the gate: the apps, the 405 answers, the description of the API, the developers' pages and the deployed routes are
 * derived from it.
 */
export const ROUTES = {
  api: API_OPERATIONS,
  log: LOG_FILES,
  passkeys: PASSKEY_PAGES,
  site: { ...SITE_PAGES, ...DOCS_PAGES },
} as const satisfies RouteTable;

/** The prefixes below which an app answers every path, unknown ones with its own 404. The site answers all other paths. */
const AREAS: Readonly<Record<Exclude<App, 'site'>, readonly string[]>> = {
  api: ['/v1', '/ofrep'],
  log: ['/log'],
  passkeys: ['/d/{token}/passkey'],
};

const isWithin = (path: string, area: string): boolean => path === area || path.startsWith(`${area}/`);

/** The first segment of paths by which an official or a vendor acts. */
const SECRET = '/{token}';

const isSigned = (methods: ApiTable[string] | PageTable[string]): boolean =>
  Object.values(methods).some((operation) => typeof operation !== 'string' && operation.auth === 'signature');

/**
 * Returns the areas under strict rate limits: a path there holds a secret that could be guessed, or a request costs a signature
 * check.
 */
export const strictAreasOf = (routes: RouteTable = ROUTES): readonly string[] => {
  const paths = APPS.flatMap((app) => Object.entries(routes[app]));
  const areas = paths.flatMap(([path, methods]) => {
    const [area = '', secret] = path.split(SECRET);
    return secret !== undefined || isSigned(methods) ? [area] : [];
  });
  return [...new Set(areas)].sort();
};

interface Lead {
  readonly app: App;
  /** The path in the syntax of an HTTP API of AWS: `{name}` is one segment, `{proxy+}` all that follows. */
  readonly path: string;
  readonly isStrict: boolean;
}

/**
 * Returns the patterns that route every address to its app: whole areas, single routes outside them, and the strict areas, since limits
 * are set per pattern.
 */
export const leadsOf = (routes: RouteTable = ROUTES): readonly Lead[] => {
  const strict = strictAreasOf(routes);
  const leads = APPS.filter((app) => app !== 'site').flatMap((app) => [
    ...AREAS[app].flatMap((area) => [area, `${area}/{proxy+}`].map((path) => [path, app] as const)),
    ...Object.keys(routes[app])
      .filter((path) => !AREAS[app].some((area) => isWithin(path, area)))
      .map((path) => [path.replace(/\{\w+\+\}$/, '{proxy+}'), app] as const),
  ]);
  const limited = strict.map((area): readonly [string, App] =>
    Object.hasOwn(routes.api, area) ? [area, 'api'] : [`${area}/{proxy+}`, 'site'],
  );
  return [...new Map<string, App>([...leads, ...limited, ['/', 'site'], ['/{proxy+}', 'site']])].map(([path, app]) => ({
    app,
    path,
    isStrict: strict.some((area) => isWithin(path, area)),
  }));
};

const patternOf = (path: string): RegExp => {
  const source = path
    .split(/(\{\w+\+?\})/)
    .map((part) =>
      part.startsWith('{') ? (part.endsWith('+}') ? '.*' : '[^/]+') : part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${source.join('')}$`);
};

const LEADS = leadsOf().map(({ app, path }) => ({ app, pattern: patternOf(path) }));

export const appOf = (path: string): App => LEADS.find(({ pattern }) => pattern.test(path))?.app ?? 'site';
