import type { Context } from 'hono';
import * as z from 'zod';
import { cutOffLinksOf } from '../../../gate/personLinks.ts';
import { FORM_VALID, listVendorForms, makeVendorForm, revokeVendorForms, type VendorForm } from '../../../gate/vendorForms.ts';
import { readVendor } from '../../../gate/vendors.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import type { Credentials } from '../../http/credentials.ts';
import { badParameter, checkInput, parseJson } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

type Handler = (context: Context) => Promise<Response>;
type Route = (path: string, handlers: Readonly<Record<string, Handler>>) => void;

const BODY_BYTES_MAX = 4 * 1024;

/** Whether new links are mailed for what waits, or the old ones only end. */
export const CutOffBody = z.strictObject({ reissue: z.boolean() });
/** How long a form can be used, as an ISO 8601 duration. */
export const FormBody = z.strictObject({ valid: z.string().max(40).optional() });

const bodyOf = async <T>(context: Context, schema: z.ZodType<T>): Promise<T> => {
  requireMediaType(context.req.raw.headers.get('content-type'), 'application/json');
  return checkInput(schema, parseJson(await readBody(context.req.raw, BODY_BYTES_MAX)));
};

const postLinks = async ({ ports }: ApiDeps, context: Context): Promise<Response> => {
  const { reissue } = await bodyOf(context, CutOffBody);
  const done = await cutOffLinksOf(ports, { holder: context.req.param('id') ?? '', by: null, reissued: reissue });
  if (!done.ok) throw refusedBy(done.rejection);
  return json({ holder: done.holder, reissued: done.reissued });
};

const vendorOf = async ({ ports }: ApiDeps, context: Context): Promise<string> => {
  const vendor = await readVendor(ports, context.req.param('id') ?? '');
  if (vendor === undefined) throw refused('no-such-vendor', { detail: 'there is no vendor of this id', status: 404 });
  return vendor.id;
};

const told = ({ id, createdAt, expiresAt, revokedAt }: VendorForm) => ({ id, createdAt, expiresAt, revokedAt });

const postForm = async (deps: ApiDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const { valid = FORM_VALID } = await bodyOf(context, FormBody);
  const vendor = await vendorOf(deps, context);
  const made = await makeVendorForm(ports.sideStore, vendor, valid, ports.clock());
  if (made === undefined) throw badParameter('valid', 'is not a duration of more than nothing and at most a year, such as P30D');
  deps.log({ level: 'info', event: 'vendor form made', vendor, form: made.id, expiresAt: made.expiresAt });
  return json({ vendor, ...told(made), url: `${ports.url}/n/${made.token}` }, 201);
};

/** What an operator hands out as links: new ones for an official whose phone is lost, and forms for a vendor that cannot sign. Scope `admin`. */
export const handOutRoutes = (route: Route, deps: ApiDeps, authenticate: Credentials): void => {
  const admin =
    (work: Handler): Handler =>
    async (context) => {
      await authenticate((name) => context.req.header(name), 'admin');
      return work(context);
    };
  route('/v1/holders/:id/links', { POST: admin((context) => postLinks(deps, context)) });
  route('/v1/vendors/:id/forms', {
    GET: admin(async (context) => {
      const forms = await listVendorForms(deps.ports.sideStore, await vendorOf(deps, context));
      return json({ items: forms.map(told), next: null });
    }),
    POST: admin((context) => postForm(deps, context)),
    DELETE: admin(async (context) => {
      const vendor = await vendorOf(deps, context);
      const revoked = await revokeVendorForms(deps.ports.sideStore, vendor, deps.ports.clock());
      deps.log({ level: 'info', event: 'vendor forms revoked', vendor, revoked });
      return json({ vendor, revoked });
    }),
  });
};
