import type { SiteDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { calendarPage } from './calendar.ts';
import { calendarFile } from './calendarFile.ts';
import { changePage } from './change.ts';
import { featurePage } from './feature.ts';
import { atomFeed } from './feed.ts';
import { numbersPage } from './numbers.ts';
import { proofPage } from './proof.ts';
import { registerPage } from './register.ts';
import { vendorPage } from './vendor.ts';

/** The public register: what everybody may read, in every form it has. */
export const registerRoutes = (route: Route, deps: SiteDeps): void => {
  route('/', { GET: (context) => registerPage(deps, context) });
  route('/numbers', { GET: (context) => numbersPage(deps, context) });
  route('/vendors/:id', { GET: (context) => vendorPage(deps, context) });
  route('/features/:key', { GET: (context) => featurePage(deps, context) });
  route('/features/:key/proof', { GET: (context) => proofPage(deps, context) });
  route('/changes/:key/:n', { GET: (context) => changePage(deps, context) });
  route('/calendar', { GET: (context) => calendarPage(deps, context) });
  route('/calendar.ics', { GET: (context) => calendarFile(deps, context) });
  route('/feed.atom', { GET: (context) => atomFeed(deps, context) });
};
