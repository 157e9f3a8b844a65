import type { Context } from 'hono';
import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import { pageOf } from '../../http/paging.ts';
import { listChanges } from '../../projector/listChanges.ts';
import { listFeatures } from '../../projector/listFeatures.ts';
import type { SiteDeps } from '../deps.ts';
import { fillText, html } from '../html.ts';
import { linkIn, voiceFor } from '../page.ts';
import type { Voice } from '../voice.ts';

const ENTRIES_MAX = 50;
const PAGE = 1_000;

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly change: string;
  readonly title: string;
  readonly text: string;
}

/** What of a change is news: each wording, its approval, its end. */
const entriesOf = ({ words }: Voice, view: ChangeView): readonly Entry[] => {
  const change = changeId(view.key, view.n);
  const title = view.revisions.at(-1)?.notice.title ?? change;
  const entry = (id: string, at: string, text: string): Entry => ({ id: `${change}/${id}`, at, change, title, text });
  const wordings = view.revisions.map(({ revision, at, notice }) =>
    entry(
      `revision-${revision}`,
      at,
      revision === 1
        ? fillText(words.event.ChangeNotified, { title: notice.title })
        : fillText(words.event.ChangeRevised, { n: view.n }),
    ),
  );
  const approved =
    view.approved === null ? [] : [entry('approved', view.approved.at, fillText(words.event.ChangeApproved, { n: view.n }))];
  const ended = view.ended === null ? [] : [entry(view.status, view.ended.at, words.status[view.status])];
  return [...wordings, ...approved, ...ended];
};

/** The keys whose streams moved last. */
const latestKeys = async ({ ports }: SiteDeps, now: string): Promise<readonly string[]> => {
  const rows: { key: string; at: string }[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = pageOf(await listFeatures(ports, { cursor, limit: PAGE, now }));
    rows.push(...page.items.map(({ key, at }) => ({ key, at: at ?? '' })));
    if (page.next === null) break;
    cursor = page.next;
  }
  return rows
    .sort((a, b) => (a.at < b.at ? 1 : -1))
    .slice(0, ENTRIES_MAX)
    .map(({ key }) => key);
};

/** The latest changes and decisions as an Atom feed (RFC 4287). Vendors' words in it are text, never markup. */
export const atomFeed = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const now = ports.clock();
  const voice = voiceFor(context, ports.zone, now);
  const keys = await latestKeys(deps, now);
  const pages = await Promise.all(keys.map((key) => listChanges(ports, { key, limit: ENTRIES_MAX, now })));
  const entries = pages
    .flatMap((page) => (page?.items ?? []).flatMap(({ view }) => entriesOf(voice, view)))
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .slice(0, ENTRIES_MAX);
  const self = `${ports.url}/feed.atom`;
  const body = html`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${voice.language}">
<title>${voice.words.feed.title}</title><id>${self}</id><updated>${entries[0]?.at ?? now}</updated><link rel="self" href="${self}"/><link rel="alternate" type="text/html" href="${ports.url}/"/><author><name>${voice.words.site}</name></author>
${entries.map(
  ({
    id,
    at,
    change,
    title,
    text,
  }) => html`<entry><id>${ports.url}/changes/${id}</id><title>${title}</title><updated>${at}</updated><link href="${ports.url}${linkIn(context, `/changes/${change}`)}"/><summary type="text">${text}</summary></entry>
`,
)}</feed>
`;
  return new Response(`<?xml version="1.0" encoding="utf-8"?>\n${String(await body)}`, {
    headers: { 'content-type': 'application/atom+xml; charset=utf-8', 'cache-control': 'no-store' },
  });
};
