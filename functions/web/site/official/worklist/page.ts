import type { Context } from 'hono';
import { credentials } from '../../../http/credentials.ts';
import { paging, requirePage } from '../../../http/input.ts';
import { type ProblemCode, problemType } from '../../../http/problems.ts';
import { Refused } from '../../../http/refused.ts';
import { json, toResponse } from '../../../http/respond.ts';
import type { SiteDeps } from '../../deps.ts';
import { hidden, oneOf, readFields, wantsPage } from '../../forms.ts';
import { empty, fillText, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn, localeFor, render } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { chip, icon } from '../../parts/chip.ts';
import { type CsvColumns, csv, withCursor } from '../../parts/formats.ts';
import { namedDocuments } from '../../parts/notice.ts';
import { LimitQuery, queryOf } from '../../public/query.ts';
import { readWorklist, TaskIndex, type WorkItem, type Worklist } from './tasks.ts';

/**
 * Renders the field for the token. The token is sent in the body of each form to the site alone: no cookie that another page
 * could use, nothing in an address that a log would keep, nothing on the page that could be read from it.
 */
const tokenForm = (
  context: Context,
  { words }: Locale,
  {
    id,
    submit,
    fault,
    cursor,
  }: { readonly id: string; readonly submit: string; readonly fault?: string | undefined; readonly cursor?: string },
): Html => {
  const { token, hint } = words.worklist.signIn;
  const described = fault === undefined ? `${id}-hint` : `${id}-hint ${id}-fault`;
  return html`
<form class="card" method="post" action="${linkIn(context, '/worklist')}"><div class="field"><label for="${id}">${token}</label><p class="hint" id="${id}-hint">${hint}</p>${
    fault === undefined ? empty : html`<p class="fault" id="${id}-fault">${fault}</p>`
  }
<input type="password" id="${id}" name="token" required autocomplete="current-password" spellcheck="false" aria-describedby="${described}"${fault === undefined ? empty : html` aria-invalid="true" autofocus`}></div>
${cursor === undefined ? empty : hidden('cursor', cursor)}<button type="submit">${submit}</button></form>`;
};

const signInPage = (context: Context, locale: Locale, status: NonNullable<HtmlPage['status']>, fault?: string): HtmlPage => {
  const { heading, lead, submit } = locale.words.worklist.signIn;
  return {
    title: fault === undefined ? heading : `${fault} ${heading}`,
    status,
    body: html`<h1>${heading}</h1><p class="lead">${lead}</p>${tokenForm(context, locale, { id: 'token', submit, fault })}`,
  };
};

const decided = ({ words, list }: Locale, by: WorkItem['by']): Html => {
  if (by.length === 0) return empty;
  const names = by.map(({ name, fileNumber }) =>
    fileNumber === null ? name : fillText(words.worklist.file, { name, file: fileNumber }),
  );
  return html`${fillText(words.worklist.by, { names: list(names) })} `;
};

const seenText = ({ words, say, dateTime }: Locale, { seen }: WorkItem): Html => {
  if (seen === null) return html`${words.worklist.notSeen}`;
  const slots = {
    when: html`<time datetime="${seen.observedAt}">${dateTime(seen.observedAt)}</time>`,
    source: foreign(seen.source),
  };
  return say(seen.on ? words.worklist.seenOn : words.worklist.seenOff, slots);
};

const allowedAs = (locale: Locale, item: WorkItem): Html => {
  const { words, say, until } = locale;
  if (item.action === 'off') return html`<p>${words.because[item.status]}</p>`;
  const { version, validUntil, audience, conditions } = item;
  return html`<p>${audience === null ? words.worklist.forAll : say(words.worklist.forSome, { agencies: foreign(locale.list(audience)) })} ${version === null ? empty : html`${say(words.worklist.version, { version: foreign(version) })} `}${
    validUntil === null ? empty : say(words.worklist.until, { when: until(validUntil) })
  }</p>${conditions.map((condition) => html`<p class="words">${words.decide.condition} ${foreign(condition)}</p>`)}`;
};

const entry = (context: Context, locale: Locale, item: WorkItem): Html => {
  const { words, say, dateTime } = locale;
  const { action, urgent, key, title, since, hint } = item;
  const mark =
    action === 'on'
      ? chip('on', words.worklist.on)
      : urgent
        ? chip('no', words.worklist.drift)
        : chip('wait', words.worklist.off);
  const heading = html`<a href="${linkIn(context, `/features/${key}`)}"><code>${key}</code></a>`;
  const began =
    since === null
      ? empty
      : html`${say(words.worklist.since, { when: html`<time datetime="${since}">${dateTime(since)}</time>` })} `;
  return html`
<li class="card"><p>${mark} ${heading}</p>${title === null ? empty : html`<h4>${foreign(title)}</h4>`}${allowedAs(locale, item)}
<p class="fine">${began}${decided(locale, item.by)}${seenText(locale, item)}</p>${
    hint === null
      ? empty
      : html`<details><summary>${words.worklist.hint}</summary><p class="words">${foreign(hint.summary)}</p>${namedDocuments(locale, hint.documents)}</details>`
  }</li>`;
};

const byVendor = (items: readonly WorkItem[]): ReadonlyMap<string, readonly WorkItem[]> =>
  Map.groupBy(items, ({ vendor }) => vendor);

const group = (context: Context, locale: Locale, items: readonly WorkItem[], nothing: string): Html =>
  items.length === 0
    ? html`<p>${nothing}</p>`
    : html`${[...byVendor(items).values()].map(
        (own) => html`
<h3>${foreign(own[0]?.vendorName ?? '')}</h3><ul class="plain waits">${own.map((item) => entry(context, locale, item))}</ul>`,
      )}`;

/** Returns the command that reports an observation. Keys contain no character that a shell interprets. */
const command = (url: string, vendor: string, items: readonly WorkItem[]): string => {
  const features = items.map(({ key, action }) => `"${key}": ${action === 'on'}`).join(', ');
  return `curl -sS ${url}/v1/observations -H "Authorization: Bearer $ALDERGATE_TOKEN" -H 'Content-Type: application/json' \\
  -d '{"vendor": "${vendor}", "source": "console round", "observedAt": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'", "features": {${features}}}'`;
};

const ticking = ({ words }: Locale, url: string, items: readonly WorkItem[]): Html =>
  items.length === 0
    ? empty
    : html`
<h2>${words.worklist.tick}</h2><p>${words.worklist.tickLead}</p>${[...byVendor(items)].map(
        ([vendor, own]) => html`<pre class="copy"><code>${command(url, vendor, own)}</code></pre>`,
      )}`;

const worklistPage = (
  context: Context,
  locale: Locale,
  { items, next, settled, lackPersons, asOf }: Worklist,
  url: string,
): HtmlPage => {
  const { words, say, count, dateTime } = locale;
  const { worklist } = words;
  const off = items.filter(({ action }) => action === 'off');
  const on = items.filter(({ action }) => action === 'on');
  return {
    title: worklist.title,
    body: html`
<h1>${worklist.title}</h1><p class="lead">${worklist.lead}</p>
<p class="fine">${say(words.register.asOf, { when: html`<time datetime="${asOf}">${dateTime(asOf)}</time>` })} ${settled === 0 ? empty : count(worklist, 'settled', settled)}</p>
${lackPersons.map((change) => html`<p class="note">${icon('warning')}<a href="${linkIn(context, `/changes/${change}`)}"><code>${change}</code></a> ${words.change.lacksPersons}</p>`)}
<h2>${worklist.offFirst}</h2><p class="fine">${worklist.offLead}</p>${group(context, locale, off, worklist.nothingOff)}
<h2>${worklist.onLater}</h2><p class="fine">${worklist.onLead}</p>${group(context, locale, on, worklist.nothingOn)}
${next === null ? empty : html`<p>${worklist.moreLead}</p>${tokenForm(context, locale, { id: 'token-more', submit: worklist.more, cursor: next })}`}
${ticking(locale, url, items)}
<details><summary>${worklist.signIn.again}</summary>${tokenForm(context, locale, { id: 'token', submit: worklist.signIn.again })}</details>`,
  };
};

const COLUMNS: CsvColumns<WorkItem & Pick<Worklist, 'asOf'>> = {
  action: ({ action }) => action,
  urgent: ({ urgent }) => urgent,
  vendor: ({ vendor }) => vendor,
  key: ({ key }) => key,
  title: ({ title }) => title,
  status: ({ status }) => status,
  since: ({ since }) => since,
  change: ({ change }) => change,
  by: ({ by }) => by.map(({ name, fileNumber }) => (fileNumber === null ? name : `${name} (${fileNumber})`)).join('; '),
  version: ({ version }) => version,
  validUntil: ({ validUntil }) => validUntil,
  audience: ({ audience }) => audience?.join('; ') ?? null,
  conditions: ({ conditions }) => conditions.join('\n'),
  seenOn: ({ seen }) => seen?.on ?? null,
  seenAt: ({ seen }) => seen?.observedAt ?? null,
  seenBy: ({ seen }) => seen?.source ?? null,
  asOf: ({ asOf }) => asOf,
};

const localeHere = ({ ports }: SiteDeps, context: Context): Locale => localeFor(context, ports.zone, ports.clock());

const notLetIn = (deps: SiteDeps, context: Context, error: unknown): Response | Promise<Response> => {
  if (!(error instanceof Refused) || (error.answer.status !== 401 && error.answer.status !== 403)) throw error;
  if (!wantsPage(context)) return toResponse(error.answer);
  const locale = localeHere(deps, context);
  const { missing, unknown, scope } = locale.words.worklist.signIn;
  const is = (code: ProblemCode): boolean => error.answer.body.includes(problemType(code));
  const first = is('token-missing') && context.req.method !== 'POST';
  const fault = first ? undefined : is('token-missing') ? missing : is('scope-missing') ? scope : unknown;
  const challenge = error.answer.headers['www-authenticate'];
  if (challenge !== undefined) context.header('WWW-Authenticate', challenge);
  return render(context, locale, signInPage(context, locale, error.answer.status, fault));
};

const TASKS = 50;
const DATA_TASKS = 100;

const show = (deps: SiteDeps, context: Context, list: Worklist, format: 'html' | 'json' | 'csv') => {
  if (format === 'json') return json({ ...list, checkpoint: deps.checkpoint() ?? null });
  if (format === 'csv')
    return csv(
      COLUMNS,
      list.items.map((item) => ({ ...item, asOf: list.asOf })),
      list.next === null ? undefined : withCursor(context, list.next),
    );
  const locale = localeHere(deps, context);
  return render(context, locale, worklistPage(context, locale, list, deps.ports.url));
};

const answering = (deps: SiteDeps) => {
  const authenticate = credentials(deps.ports);
  const index = new TaskIndex();

  const get = async (context: Context): Promise<Response> => {
    const { format, cursor, limit } = queryOf(context, { cursor: paging.cursor, limit: LimitQuery });
    try {
      const { agencies } = await authenticate((name) => context.req.header(name), 'state:read');
      const query = {
        agencies,
        locale: localeHere(deps, context),
        cursor,
        limit: limit ?? (format === 'html' ? TASKS : DATA_TASKS),
      };
      return await show(deps, context, requirePage(await readWorklist(deps, index, query)), format);
    } catch (error) {
      return notLetIn(deps, context, error);
    }
  };

  const post = async (context: Context): Promise<Response> => {
    const input = await readFields(context, deps.ports.url, ['token', 'cursor']);
    const token = oneOf(input, 'token').trim();
    const cursor = oneOf(input, 'cursor');
    try {
      const { agencies } = await authenticate((name) => (name === 'x-api-key' ? token : undefined), 'state:read');
      const query = { agencies, locale: localeHere(deps, context), limit: TASKS, ...(cursor !== '' && { cursor }) };
      return await show(deps, context, requirePage(await readWorklist(deps, index, query)), 'html');
    } catch (error) {
      return notLetIn(deps, context, error);
    }
  };
  return { get, post };
};

export const worklistRoutes = (deps: SiteDeps): Pick<SitePages, '/worklist'> => {
  const { get, post } = answering(deps);
  return { '/worklist': { GET: get, POST: post } };
};
