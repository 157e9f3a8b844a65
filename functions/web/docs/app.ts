import type { Context, Hono } from 'hono';
import { eventSchemas } from '../../reactions/relay/cloudEvents.ts';
import { json } from '../http/respond.ts';
import { DOCS_PAGES } from '../routes/pages.ts';
import type { PagesDeps } from '../site/deps.ts';
import { html } from '../site/html.ts';
import { linkIn, pagesApp, render } from '../site/page.ts';
import type { Description } from './description.ts';
import {
  type DocsLocale,
  docsLocaleFor,
  failClosedPage,
  PAGES,
  type PageId,
  pagesNav,
  referencePage,
  startPage,
  titleOf,
} from './pages.ts';

interface DocsDeps extends PagesDeps {
  readonly document: () => Readonly<Record<string, unknown>>;
}

/** Computed at the first request rather than at startup, since it takes a tenth of a second. */
const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

const schemas = once(eventSchemas);

const bodyOf = (deps: DocsDeps, context: Context, speech: DocsLocale, page: PageId) => {
  const { url } = deps.ports;
  switch (page) {
    case '':
      return startPage(speech, url);
    case 'fail-closed':
      return failClosedPage(speech, url);
    default:
      // openApiDocument returns plain JSON.
      return referencePage(speech, deps.document() as unknown as Description, page, (other) => linkIn(context, `/docs/${other}`));
  }
};

const show = (deps: DocsDeps, context: Context, page: PageId): Response | Promise<Response> => {
  const speech = docsLocaleFor(context, deps.ports.zone, deps.ports.clock());
  const heading = page === '' ? speech.locale.words.developers : titleOf(speech, page);
  const body = html`<h1>${page === 'fail-closed' ? speech.words.closed.title : heading}</h1>
${pagesNav(context, speech, page)}
${bodyOf(deps, context, speech, page)}`;
  return render(context, speech.locale, { title: heading, body, wide: true });
};

const isPage = (text: string): text is PageId => (PAGES as readonly string[]).includes(text);

/** Serves the developers' pages, `/openapi.json` and `/events.schema.json`. Mounted in the site. */
export const docsApp = ({ document, ...ports }: DocsDeps): Hono =>
  pagesApp({ ...ports, document: once(document) }, DOCS_PAGES, {
    '/docs': { GET: (deps, context) => show(deps, context, '') },
    '/docs/{page}': {
      GET: (deps, context) => {
        const page = context.req.param('page') ?? '';
        return page !== '' && isPage(page) ? show(deps, context, page) : context.notFound();
      },
    },
    '/openapi.json': { GET: (deps) => json(deps.document()) },
    '/events.schema.json': { GET: () => json(schemas()) },
  });
