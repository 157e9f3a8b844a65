// Wire format: RFC 4287.

import type { Context } from 'hono';
import { SEEN_ON } from '../../../../domain/derived/tasks.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import { withLateness } from '../../../gate/feature.ts';
import { announcedAs, newsOf, newsText } from '../../../platform/acts.ts';
import { fillText } from '../../../platform/catalogue.ts';
import { inTurns } from '../../../platform/turns.ts';
import { listCases } from '../../../register/derived/records.ts';
import { getRegister } from '../../../register/documents.ts';
import { newestChanges } from '../../../register/lists.ts';
import type { ChangeReading } from '../../../register/project.ts';
import { NEWEST } from '../../../register/rows.ts';
import type { SiteDeps } from '../deps.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { localeFor } from '../page.ts';

const ENTRIES_MAX = 50;
/** One at a time, since a single feature can have as many changes as the feed shows. */
const KEYS_PER_TURN = 1;

/** `id`, `path`: relative to the address of the site. */
interface Entry {
  readonly id: string;
  readonly at: string;
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

const entriesOf = (locale: Locale, { view, state }: ChangeReading): readonly Entry[] => {
  const { words, now } = locale;
  const change = changeId(view.key, view.number);
  const title = view.revisions.at(-1)?.notice.title ?? change;
  const entry = (id: string, at: string, text: string): Entry => ({
    id: `/changes/${change}/${id}`,
    at,
    path: `/changes/${change}`,
    title,
    text,
  });
  const arrivals = view.revisions.map(({ revision, at, notice, provenance }) =>
    entry(
      `revision-${revision}`,
      at,
      revision === 1
        ? fillText(words.acts.history[announcedAs(view.key, provenance)], { n: view.number, title: notice.title })
        : fillText(words.acts.history.revised, { n: view.number, revision }),
    ),
  );
  const news = newsOf(view, state, now).map((each) =>
    entry(each.id, each.at, newsText(words.acts, each, { title, change }, locale)),
  );
  return [...arrivals, ...news];
};

const latestKeys = async ({ ports }: SiteDeps, now: string): Promise<readonly string[]> => {
  const newestFirst = (await ports.register.facet(NEWEST, { now })).get('') ?? [];
  return newestFirst.slice(0, ENTRIES_MAX).map(({ key }) => key);
};

/** Returns feed entries of cases; a closed case has two. `began`: part of the id, since one report can open several cases of a key. */
const newsOfCases = async ({ ports: { sideStore } }: SiteDeps) => {
  const lists = await Promise.all([true, false].map((open) => listCases(sideStore, { open, limit: ENTRIES_MAX })));
  return lists
    .flatMap((page) => page?.items ?? [])
    .flatMap(({ key, since, openedAt, closedAt, kind }) => {
      const began = closedAt === openedAt ? since : openedAt;
      const opened = { key, at: openedAt, began, kind };
      return closedAt === null ? [opened] : [opened, { key, at: closedAt, began, kind: null }];
    })
    .sort((a, b) => ascending(b.at, a.at))
    .slice(0, ENTRIES_MAX);
};

const casesOf = async (deps: SiteDeps, { words }: Locale): Promise<readonly Entry[]> =>
  Promise.all(
    (await newsOfCases(deps)).map(async ({ key, at, began, kind }): Promise<Entry> => {
      const title = (await getRegister(deps.ports.sideStore, key))?.title ?? key;
      const path = `/features/${key}`;
      return {
        id: `${path}/on-without-permission/${began}/${kind === null ? 'closed' : 'opened'}`,
        at,
        path,
        title,
        text:
          kind === null
            ? fillText(words.feed.driftClosed, { title, key })
            : fillText(words.feed.drift, { title, key, why: words.tasks.because[SEEN_ON[kind]] }),
      };
    }),
  );

const newest = async (deps: SiteDeps, locale: Locale): Promise<readonly Entry[]> => {
  const [keys, cases] = await Promise.all([latestKeys(deps, locale.now), casesOf(deps, locale)]);
  const query = { limit: ENTRIES_MAX, now: locale.now, lateness: withLateness(deps.ports) };
  const found = await inTurns(keys, KEYS_PER_TURN, ([key = '']) => newestChanges(deps.ports, key, query));
  return found
    .flat()
    .flatMap((reading) => entriesOf(locale, reading))
    .concat(cases)
    .sort((a, b) => ascending(b.at, a.at) || ascending(a.id, b.id))
    .slice(0, ENTRIES_MAX);
};

/** Replaces characters that XML 1.0 cannot represent (section 2.2). */
const xml = (text: string): string => text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');

const entryXml = ({ href }: Locale, url: string, { id, at, path, title, text }: Entry): Html => {
  const head = html`<id>${url}${id}</id><title>${xml(title)}</title><updated>${at}</updated>`;
  const link = html`<link rel="alternate" type="text/html" href="${url}${href(path)}"/>`;
  return html`<entry>${head}${link}<summary type="text">${xml(text)}</summary></entry>
`;
};

/** Answers the Atom feed. Vendors' words are text, never markup. */
export const atomFeed = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { zone, url, clock, city } = deps.ports;
  const locale = localeFor(context, zone, clock());
  const entries = await newest(deps, locale);
  const self = `${url}/feed.atom`;
  const { contact } = city;
  const ask = contact === undefined ? empty : html`<subtitle>${xml(fillText(locale.words.cityContact, { contact }))}</subtitle>`;
  const feed = html`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${locale.language}">
<title>${xml(city.name)}: ${locale.words.feed.title}</title><id>${self}</id><updated>${entries[0]?.at ?? locale.now}</updated>
<link rel="self" type="application/atom+xml" href="${self}"/><link rel="alternate" type="text/html" href="${url}/"/>
<author><name>${xml(city.name)}</name></author>${ask}
${entries.map((entry) => entryXml(locale, url, entry))}</feed>
`;
  return new Response(`<?xml version="1.0" encoding="utf-8"?>\n${String(await feed)}`, {
    headers: { 'content-type': 'application/atom+xml; charset=utf-8', 'cache-control': 'no-store' },
  });
};
