import { changeNamed, vendorOf } from '../../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { attachDocument, type SentDocument } from '../../../gate/documents.ts';
import { CorruptStore } from '../../../platform/store/errors.ts';
import { readChange } from '../../../register/project.ts';
import { latestOf, readChangeJson } from '../../../register/views/changeJson.ts';
import { checkInput } from '../../http/input.ts';
import { intakeRefused, refused } from '../../http/refused.ts';
import { type DOCUMENT_OPERATIONS, type DocumentRequest, VendorDocument } from '../../routes/api/records.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';
import { verifyWebhook } from '../webhooks/verify.ts';

const sentDocument = (
  { kind, title, mediaType, content }: DocumentRequest,
  sender: Pick<SentDocument, 'actor' | 'notBefore' | 'counted'>,
): SentDocument => ({
  kind,
  title: title ?? kind,
  mediaType: mediaType ?? 'application/octet-stream',
  content: Buffer.from(content, 'base64'),
  ...sender,
});

const attach = async ({ ports, checkpoint }: ApiDeps, { key, n }: { key: string; n: number }, sent: SentDocument) => {
  const reading = await readChange(ports, key, n);
  if (reading === undefined) throw refused('unknown-change', { detail: `there is no change ${key}/${n}` });
  const done = await attachDocument(ports, { key, n, revision: latestOf(reading.view) }, sent);
  if (!done.ok) throw intakeRefused(done.rejection);
  const change = await readChangeJson(ports, key, n, checkpoint());
  if (change === undefined) throw new CorruptStore(`feature/${key} cannot be read`);
  return { body: change };
};

/** Returns the change that the body names. Throws Refused (400) if it names none, since no signature can be checked then. */
const namedIn = (body: JsonValue): { readonly key: string; readonly n: number } => {
  const named = changeNamed(checkInput(VendorDocument, body).change);
  if (named !== undefined && FeatureKey.safeParse(named.key).success) return { key: named.key, n: named.number };
  const detail = 'is not the name of a change, KEY/N';
  throw refused('invalid-input', { detail: `/change ${detail}`, errors: [{ pointer: '/change', detail }] });
};

/** Serves documents that are attached to open changes, by the vendor or by the city. The same document again changes nothing. */
export const documentHandlers = (deps: ApiDeps): ApiHandlers<typeof DOCUMENT_OPERATIONS> => ({
  '/v1/documents': {
    POST: async ({ body, bytes, header }) => {
      const change = namedIn(body);
      const { vendor, keySince } = await verifyWebhook(deps.ports, vendorOf(change.key), header, bytes);
      const { change: _change, ...document } = checkInput(VendorDocument, body);
      return attach(
        deps,
        change,
        sentDocument(document, {
          actor: `vendor:${vendor}`,
          notBefore: keySince,
          counted: { sender: `vendor:${vendor}`, bytes: bytes.length },
        }),
      );
    },
  },
  '/v1/changes/{key}/{n}/documents': {
    POST: ({ params, body, bytes, caller }) => {
      const counted = { sender: `token:${caller.id}`, bytes: bytes.length };
      return attach(deps, params, sentDocument(body, { actor: `token:${caller.name}`, counted }));
    },
  },
});
