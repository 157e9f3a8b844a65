import type { Context, Hono } from 'hono';
import { json, onlyMethods } from '../http/respond.ts';
import type { PagesDeps } from '../site/deps.ts';
import { html } from '../site/html.ts';
import { linkIn, render } from '../site/page.ts';
import { pagesApp } from '../site/pagesApp.ts';
import type { Description } from './description.ts';
import { failClosedPage } from './pages/failClosed.ts';
import { problemsPage } from './pages/problems.ts';
import { referencePage } from './pages/reference.ts';
import { startPage } from './pages/start.ts';
import { PAGES, type PageId, pagesNav, titleOf } from './parts.ts';
import { type Speech, speechFor } from './speak.ts';

/** Where these pages are. */
export const DOCS_PATH = '/docs';

/** Where programs find the same. */
export const DESCRIPTION_PATH = '/openapi.json';

/** Whether an address is one of the developers' pages, or the description they are made of. */
export const isDocsPath = (path: string): boolean =>
  path === DOCS_PATH || path === DESCRIPTION_PATH || path.startsWith(`${DOCS_PATH}/`);

/** What these pages stand on: nothing of the city's, so that their function needs no permission at all. */
export interface DocsDeps extends PagesDeps {
  /** What `GET /openapi.json` answers. */
  readonly document: Readonly<Record<string, unknown>>;
}

const bodyOf = (deps: DocsDeps, context: Context, speech: Speech, page: PageId) => {
  const { url } = deps.ports;
  // Made by our own code, which types a document of OpenAPI no closer than JSON.
  const description = deps.document as unknown as Description;
  switch (page) {
    case '':
      return startPage(speech, url);
    case 'fail-closed':
      return failClosedPage(speech, url);
    case 'problems':
      return problemsPage(speech, description);
    default:
      return referencePage(speech, description, page, linkIn(context, `${DOCS_PATH}/problems`));
  }
};

const show =
  (deps: DocsDeps, page: PageId) =>
  (context: Context): Response | Promise<Response> => {
    const speech = speechFor(context, deps.ports.zone, deps.ports.clock());
    const heading = page === '' ? speech.words.title : titleOf(speech, page);
    const body = html`<h1>${page === 'fail-closed' ? speech.words.closed.title : heading}</h1>
${pagesNav(context, speech, page)}
${bodyOf(deps, context, speech, page)}`;
    return render(context, speech.locale, { title: heading, body, wide: true });
  };

/** The developers' pages: the description of the API for people, and programs to copy. No script, no state. */
export const docsApp = (deps: DocsDeps): Hono => {
  const { app, route } = pagesApp(deps);
  for (const page of PAGES) route(page === '' ? DOCS_PATH : `${DOCS_PATH}/${page}`, { GET: show(deps, page) });
  app.get(DESCRIPTION_PATH, () => json(deps.document));
  app.all(DESCRIPTION_PATH, onlyMethods('GET'));
  return app;
};
