import { API_OPERATIONS } from './api.ts';
import { DOCS_PAGES, LOG_FILES, PASSKEY_PAGES, SITE_PAGES } from './pages.ts';
import type { ApiTable, PageTable } from './route.ts';

/** The apps that answer HTTP, each a Lambda of its own on AWS. */
export const APPS = ['api', 'docs', 'log', 'passkeys', 'site'] as const;
export type App = (typeof APPS)[number];

export type RouteTable = Readonly<Record<App, ApiTable | PageTable>>;

/**
 * Every address of the gate: the one table that each app serves from, that answers 405, that the description of the API and the
 * developers' pages are made of, and that is deployed. A route is added here and, since the types demand it, in the app's handlers.
 */
export const ROUTES = {
  api: API_OPERATIONS,
  docs: DOCS_PAGES,
  log: LOG_FILES,
  passkeys: PASSKEY_PAGES,
  site: SITE_PAGES,
} as const satisfies RouteTable;

/** The prefixes beneath which an app answers everything, what it does not know with its own 404; the site answers whatever is left. */
const AREAS: Readonly<Record<Exclude<App, 'site'>, readonly string[]>> = {
  api: ['/v1', '/ofrep'],
  docs: ['/docs'],
  log: ['/log'],
  passkeys: ['/d/{token}/passkey'],
};

const isWithin = (path: string, area: string): boolean => path === area || path.startsWith(`${area}/`);

/** One pattern of paths with the app it leads to. */
export interface Lead {
  readonly app: App;
  /** As an HTTP API of AWS writes it: `{name}` is one segment, `{proxy+}` all that follows. */
  readonly path: string;
}

/** The patterns that lead every address to its app: areas whole, routes outside of their app's areas one by one. */
export const leadsOf = (routes: RouteTable = ROUTES): readonly Lead[] => [
  ...APPS.filter((app) => app !== 'site').flatMap((app) => [
    ...AREAS[app].flatMap((area) => [area, `${area}/{proxy+}`].map((path) => ({ app, path }))),
    ...Object.keys(routes[app])
      .filter((path) => !AREAS[app].some((area) => isWithin(path, area)))
      .map((path) => ({ app, path: path.replace(/\{\w+\+\}$/, '{proxy+}') })),
  ]),
  { app: 'site', path: '/' },
  { app: 'site', path: '/{proxy+}' },
];

const patternOf = (path: string): RegExp => {
  const source = path
    .split(/(\{\w+\+?\})/)
    .map((part) =>
      part.startsWith('{') ? (part.endsWith('+}') ? '.*' : '[^/]+') : part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${source.join('')}$`);
};

const LEADS = leadsOf().map(({ app, path }) => ({ app, pattern: patternOf(path) }));

/** The app that answers a path. */
export const appOf = (path: string): App => LEADS.find(({ pattern }) => pattern.test(path))?.app ?? 'site';
