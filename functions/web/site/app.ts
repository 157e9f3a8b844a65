import type { Context, Hono } from 'hono';
import { credentials } from '../http/tokens.ts';
import { SITE_PAGES } from '../routes/pages.ts';
import { siteAssets } from './assets.ts';
import type { PagesDeps, SiteDeps } from './deps.ts';
import { renew, renewedPage } from './official/decide/renew.ts';
import { documentOf, linkPage, linkPost, ownPages, reviewPost } from './official/decide/routes.ts';
import { togetherPost, togetherReviewPost } from './official/decide/together.ts';
import { consentForm, consentPost, consentReview } from './official/desk/consent.ts';
import { agendaPost, cutOff, deskPage, forActingClerk, forClerk } from './official/desk/page.ts';
import { inboxPage, openFromInbox } from './official/inbox.ts';
import { packetOfOne, packetOfSeveral } from './official/packet.ts';
import { vendorFormPage, vendorFormPost } from './official/vendorForm.ts';
import { weeklyPage, weeklyPost } from './official/weekly.ts';
import { worklistPage, worklistPost } from './official/worklist/page.ts';
import { pagesApp } from './page.ts';
import { calendarFile, calendarPage } from './public/calendar.ts';
import { casesPage } from './public/cases.ts';
import { changePage } from './public/change.ts';
import { checkPage } from './public/check.ts';
import { cityPage, outboxJson, outboxPage, securityText } from './public/cityPages.ts';
import { featurePage } from './public/feature.ts';
import { atomFeed } from './public/feed.ts';
import { numbersPage } from './public/numbers.ts';
import { registerPage, vendorPage } from './public/register.ts';
import { rulesPage } from './public/rules.ts';

const ASSETS = siteAssets();

const asset = (_: PagesDeps, context: Context): Response | Promise<Response> => {
  const found = ASSETS.get(context.req.path);
  if (found === undefined) return context.notFound();
  const headers = { 'Content-Type': found.type, 'Cache-Control': found.kept };
  if (found.gzip === undefined) return context.body(found.body, 200, headers);
  const varied = { ...headers, Vary: 'Accept-Encoding' };
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(context.req.header('accept-encoding') ?? '')
    ? context.body(found.gzip, 200, { ...varied, 'Content-Encoding': 'gzip' })
    : context.body(found.body, 200, varied);
};

const verifierFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const verifier = await deps.verifier();
  if (verifier === undefined) return context.notFound();
  return context.body(verifier.bytes, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' });
};

export const siteApp = (deps: SiteDeps): Hono =>
  pagesApp({ ...deps, authenticate: credentials(deps.ports) }, SITE_PAGES, {
    '/': { GET: registerPage },
    '/numbers': { GET: numbersPage },
    '/on-without-permission': { GET: casesPage },
    '/vendors/{id}': { GET: vendorPage },
    '/features/{key}': { GET: featurePage },
    '/changes/{key}/{n}': { GET: changePage },
    '/changes/{key}/{n}/packet': { GET: packetOfOne },
    '/packet': { GET: packetOfSeveral },
    '/calendar': { GET: calendarPage },
    '/calendar.ics': { GET: calendarFile },
    '/feed.atom': { GET: atomFeed },
    '/rules': { GET: rulesPage },
    '/aldergate-verify.mjs': { GET: verifierFile },
    '/check': { GET: checkPage },
    '/d/{token}': { GET: linkPage, POST: linkPost },
    '/d/{token}/review': { POST: reviewPost },
    '/d/{token}/together': { POST: togetherPost },
    '/d/{token}/together/review': { POST: togetherReviewPost },
    '/d/{token}/renew': { GET: renewedPage, POST: renew },
    ...ownPages,
    '/d/{token}/document/{sha256}': { GET: documentOf },
    '/d/{token}/inbox': { GET: inboxPage, POST: openFromInbox },
    '/d/{token}/desk': { GET: forClerk(deskPage) },
    '/d/{token}/desk/consent': { GET: forClerk(consentForm), POST: forClerk(consentPost) },
    '/d/{token}/desk/review': { POST: forClerk(consentReview) },
    '/d/{token}/desk/agenda': { POST: forActingClerk(agendaPost) },
    '/d/{token}/desk/links': { POST: forActingClerk(cutOff) },
    '/m/{token}': { GET: weeklyPage, POST: weeklyPost },
    '/n/{token}': { GET: vendorFormPage, POST: vendorFormPost },
    '/worklist': { GET: worklistPage, POST: worklistPost },
    '/favicon.ico': { GET: asset },
    '/robots.txt': { GET: asset },
    '/accessibility': { GET: cityPage('accessibility') },
    '/privacy': { GET: cityPage('privacy') },
    '/.well-known/security.txt': { GET: securityText },
    '/assets/{file}': { GET: asset },
    '/dev/outbox': { GET: outboxPage },
    '/dev/outbox.json': { GET: outboxJson },
  });
