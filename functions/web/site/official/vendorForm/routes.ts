import type { Context } from 'hono';
import { CITY, changeId, vendorOf } from '../../../../../domain/feature/keys.ts';
import { openChanges } from '../../../../../domain/feature/state.ts';
import { type Intake, intake } from '../../../../gate/intake.ts';
import { FORM_CHANNEL, resolveVendorForm, type VendorForm } from '../../../../gate/vendorForms.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { listChanges } from '../../../../register/listChanges.ts';
import { allFeatures } from '../../../../register/listFeatures.ts';
import { readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { intakeRefused, occurrenceOf } from '../../../http/intakeRefused.ts';
import { PROBLEMS } from '../../../http/problems.ts';
import { refused } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { readOwnForm, wantsPage } from '../../forms/guard.ts';
import type { Fault, Input } from '../../forms/input.ts';
import { faultsProblem, rejectionText } from '../../forms/rejection.ts';
import type { Html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, localeFor, render, seeOther } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { vendorName } from '../../vendors.ts';
import { vendorFormPage, vendorSentPage } from './page.ts';
import { readNoticeForm } from './read.ts';

const OPEN_MAX = 100;

const formOf = async ({ ports }: LinkDeps, context: Context): Promise<VendorForm> => {
  const form = await resolveVendorForm(ports, context.req.param('token') ?? '');
  if (form === undefined) throw refused('not-found', { detail: 'this form is unknown, over or withdrawn' });
  return form;
};

const localeHere = ({ ports }: LinkDeps, context: Context): Locale => localeFor(context, ports.zone, ports.clock());

/** Renders the form with the vendor's keys and open changes. */
const showForm = async (
  deps: LinkDeps,
  context: Context,
  { vendor, expiresAt }: VendorForm,
  shown: {
    readonly input: Input;
    readonly faults: readonly Fault[];
    readonly messages: readonly Html[];
    readonly status: NonNullable<HtmlPage['status']>;
  },
): Promise<Response> => {
  const { ports } = deps;
  const now = ports.clock();
  const features = (await allFeatures(ports, { prefix: vendor, now })).filter(({ key }) => vendorOf(key) === vendor);
  const busy = features.filter(({ state }) => openChanges(state).length > 0);
  const pages = await Promise.all(busy.map(({ key }) => listChanges(ports, { key, status: 'pending', limit: OPEN_MAX, now })));
  const open = pages
    .flatMap((page) => page?.items ?? [])
    .map(({ view }) => ({ id: changeId(view.key, view.number), title: latestOf(view).notice.title }));
  const nonce = shown.input.get('nonce')?.[0] ?? ports.newId();
  const { input, faults, messages, status } = shown;
  const name = await vendorName(ports, vendor);
  const view = {
    vendor,
    name,
    expiresAt,
    keys: features.map(({ key }) => key),
    open,
    nonce,
    form: { input, faults, prefix: 'n' },
    messages,
    status,
  };
  const locale = localeHere(deps, context);
  return render(context, locale, vendorFormPage(context, locale, view));
};

/** Renders what was received through this form, if the address names it; undefined otherwise. */
const sentPage = async (deps: LinkDeps, context: Context, { vendor }: VendorForm): Promise<Response | undefined> => {
  const [, key = '', n = ''] = /^([a-z0-9.-]{1,204})\/([1-9][0-9]{0,6})$/.exec(context.req.query('change') ?? '') ?? [];
  if (key === '' || vendorOf(key) !== vendor) return undefined;
  const reading = await ifReadable(readChange(deps.ports, key, Number(n)));
  if (reading === undefined) return undefined;
  const { notice, digest } = latestOf(reading.view);
  const locale = localeHere(deps, context);
  return render(
    context,
    locale,
    vendorSentPage(context, locale, { change: changeId(key, Number(n)), title: notice.title, digest }),
  );
};

const get = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const form = await formOf(deps, context);
  const blank = { input: new Map(), faults: [], messages: [], status: 200 as const };
  return (await sentPage(deps, context, form)) ?? showForm(deps, context, form, blank);
};

/** Takes in the notice as unsigned. Its provenance names the form, which is bound to one vendor. */
const take = (
  { ports }: LinkDeps,
  form: VendorForm,
  read: Extract<ReturnType<typeof readNoticeForm>, { ok: true }>,
): Promise<Intake> =>
  intake(ports, {
    // The city's id, so that a form cannot use a delivery id by which the vendor itself sends a notice.
    vendor: CITY,
    deliveryId: `form/${form.vendor}/${form.id}/${read.nonce}`,
    actor: `form:${form.id}`,
    body: read.body,
    notice: read.notice,
    provenance: {
      channel: FORM_CHANNEL,
      by: `vendor:${form.vendor}`,
      person: null,
      key: form.id,
      scheme: null,
      message: null,
      heardAt: null,
      evidence: null,
    },
    attachments: [],
    counted: { sender: `form:${form.id}`, bytes: read.body.length },
  });

const post = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const form = await formOf(deps, context);
  const read = readNoticeForm(body, form.vendor);
  const { input } = read;
  const unreadable = (faults: readonly Fault[]): Response | Promise<Response> =>
    wantsPage(context) ? showForm(deps, context, form, { input, faults, messages: [], status: 422 }) : faultsProblem(faults);
  if (!read.ok) return unreadable(read.faults);
  const taken = await take(deps, form, read);
  if (taken.ok) {
    const { pathname } = new URL(context.req.url);
    return seeOther(context, `${pathname}?change=${taken.received.change}`);
  }
  const { rejection } = taken;
  if (rejection.code === 'unreadable-date')
    return unreadable([{ name: rejection.pointer === '/endsAt' ? 'endsAt' : 'effectiveAt', code: 'day' }]);
  if (!wantsPage(context)) throw intakeRefused(rejection);
  const { status = PROBLEMS[rejection.code].status, headers = {} } = occurrenceOf(rejection);
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  const messages = [rejectionText(localeHere(deps, context), rejection)];
  return showForm(deps, context, form, { input, faults: [], messages, status: status === 405 ? 409 : status });
};

/** The routes of the form for vendors that cannot sign. Opening it sends nothing. */
export const vendorFormRoutes = (deps: LinkDeps): Pick<SitePages, '/n/{token}'> => ({
  '/n/{token}': { GET: (context) => get(deps, context), POST: (context) => post(deps, context) },
});
