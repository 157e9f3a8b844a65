import { createHmac, createPrivateKey, hash, randomUUID, sign } from 'node:crypto';
import { basename, extname } from 'node:path';
import * as z from 'zod';
import { changeNamed, vendorOf } from '../../../domain/feature/keys.ts';
import { DOCUMENT_BYTES_MAX } from '../../../domain/kernel/commit.ts';
import { type JsonValue, parseStrict } from '../../../domain/kernel/json.ts';
import { REDACTION_REASONS } from '../../../domain/redaction/events.ts';
import { API_OPERATIONS } from '../../../functions/web/routes/api.ts';
import { CommandRefused } from '../../local/errors.ts';
import { expectedOf, sendRequest } from '../apiClient.ts';
import {
  type AnswerOf,
  type ApiClient,
  argument,
  assertReadable,
  type Command,
  optionalOption,
  REMOTE_OPTIONS,
  readBytes,
  readJson,
  requiredOption,
  WrongUsage,
} from '../usage.ts';

type Received = AnswerOf<'/v1/intake', 'POST'>;

const receivedText = ({ change, revision, status, url }: Received): string =>
  `${change}, revision ${revision}: ${status}\n${url}`;

/** Returns the delivery's id, derived from the call and the file, so that entering a file twice makes one notice. */
const deliveryId = (body: JsonValue): string => `cli-${hash('sha256', JSON.stringify(body)).slice(0, 32)}`;

const Inventory = z.array(z.json()).min(1);

const featureOf = (notice: unknown): string | undefined => z.object({ feature: z.string() }).safeParse(notice).data?.feature;

/** Returns the refusal of one entry of an inventory: which, why, and what was entered before it. */
const stoppedAt = (
  { index, feature }: { readonly index: number; readonly feature: string | undefined },
  entered: readonly Received[],
  why: string,
): CommandRefused =>
  new CommandRefused(
    [
      `entry ${index + 1} of the inventory${feature === undefined ? '' : `, ${feature}`}, was not entered: ${why}`,
      entered.length === 0
        ? 'none was entered before it'
        : `entered before it: ${entered.map(({ change }) => change).join(', ')}`,
      'Mend it and enter the file again: what is entered stays one change, and the rest follows.',
    ].join('\n'),
  );

/** Printed every time, since the command does not know whose token it has. */
const BARRED =
  'The person of this token cannot certify votes on what they entered. If they are the only clerk in office, no one can: ' +
  'put a second clerk in office.';

export const noticeCommands: readonly Command[] = [
  {
    usage: 'notice FILE.json --channel C --heard-at T [--evidence FILE]',
    does: 'enters what the city heard of a change; the channel, such as email, and the day are shown with it',
    takes: { channel: 'string', 'heard-at': 'string', evidence: 'string', ...REMOTE_OPTIONS },
    run: async (args, options, { apiClient }) => {
      const evidence = optionalOption(options, 'evidence');
      const body = {
        notice: readJson(argument(args, 0, 'FILE.json')),
        channel: requiredOption(options, 'channel'),
        heardAt: requiredOption(options, 'heard-at'),
        ...(evidence !== undefined && {
          evidence: {
            title: evidence.split('/').at(-1) ?? evidence,
            sha256: hash('sha256', readBytes(evidence)),
          },
        }),
      };
      const json = await apiClient().call('POST', '/v1/intake', { body, headers: { 'idempotency-key': deliveryId(body) } });
      return { json, text: receivedText(json) };
    },
  },
  {
    usage: 'inventory FILE.json',
    does: 'enters the features that the city has today, from a JSON list of notices',
    takes: REMOTE_OPTIONS,
    run: async (args, { token }, { apiClient, progress }) => {
      const parsed = Inventory.safeParse(readJson(argument(args, 0, 'FILE.json')));
      if (!parsed.success) throw new CommandRefused('an inventory is a JSON list of notices');
      const notices = parsed.data as readonly JsonValue[];
      const shown = progress('inventory');
      const items: Received[] = [];
      for (const [index, notice] of notices.entries()) {
        const body = { notice, channel: 'inventory', heardAt: new Date().toISOString() };
        const headers = { 'idempotency-key': deliveryId(notice) };
        try {
          items.push(await apiClient().call('POST', '/v1/intake', { body, headers }));
        } catch (error) {
          if (error instanceof CommandRefused) throw stoppedAt({ index, feature: featureOf(notice) }, items, error.message);
          throw error;
        }
        shown.tick(index + 1, notices.length);
      }
      const lines = [...items.map(receivedText), ...(token === undefined ? [] : [BARRED])];
      return { json: { items, next: null }, text: lines.join('\n') };
    },
  },
];

/** DER of a PKCS #8 Ed25519 private key up to its 32 bytes of seed (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Returns a Standard Webhooks signature: `whsec_` gives `v1` (HMAC-SHA256), `whsk_` gives `v1a` (Ed25519). */
export const signatureOf = (secret: string, signed: Uint8Array): string => {
  const key = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');
  if (secret.startsWith('whsec_')) return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  if (!secret.startsWith('whsk_') || key.length < 32) throw new WrongUsage('--secret is neither whsec_… nor whsk_…');
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, key.subarray(0, 32)]), format: 'der', type: 'pkcs8' });
  return `v1a,${sign(null, signed, privateKey).toString('base64')}`;
};

export const sendCommand: Command = {
  usage: 'send NOTICE.json --vendor ID --secret S --url U',
  does: "a vendor's reference sender: signs a notice and posts it",
  takes: { vendor: 'string', secret: 'string', url: 'string' },
  run: async (args, options) => {
    const body = readBytes(argument(args, 0, 'NOTICE.json'));
    const vendor = requiredOption(options, 'vendor');
    const parsed = parseStrict(body);
    const feature = parsed.ok ? featureOf(parsed.value) : undefined;
    if (feature !== undefined && vendorOf(feature) !== vendor)
      throw new CommandRefused(`--vendor: ${feature} is a feature of ${vendorOf(feature)}, not of ${vendor}`);
    const id = `msg_${randomUUID()}`;
    const timestamp = Math.floor(Date.now() / 1000).toString();
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(requiredOption(options, 'secret'), signed),
    };
    const answer = await sendRequest(requiredOption(options, 'url'), '/v1/notices', {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    const json = expectedOf(API_OPERATIONS['/v1/notices'].POST, 'POST /v1/notices', answer);
    return { json, text: JSON.stringify(json, null, 2) };
  },
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.odt': 'application/vnd.oasis.opendocument.text',
};

/** Reads a document. Throws CommandRefused if that fails, or if it is too large. */
export const documentFrom = (kind: string, path: string) => {
  if (assertReadable(path).size > DOCUMENT_BYTES_MAX)
    throw new CommandRefused(`${path} is larger than ${DOCUMENT_BYTES_MAX / 1_048_576} MiB, the most that a document may have`);
  return {
    kind,
    title: basename(path),
    mediaType: MEDIA_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
    content: Buffer.from(readBytes(path)).toString('base64'),
  };
};

export const addDocument = (
  apiClient: ApiClient,
  { key, number }: { readonly key: string; readonly number: number },
  body: ReturnType<typeof documentFrom>,
) => apiClient.call('POST', '/v1/changes/{key}/{n}/documents', { params: { key, n: String(number) }, body });

export const documentCommand: Command = {
  usage: 'document add KEY/N KIND FILE',
  does: 'attaches a document that the rules ask for to an open change; its bytes are public',
  takes: REMOTE_OPTIONS,
  run: async (args, _options, { apiClient }) => {
    const change = changeNamed(argument(args, 0, 'KEY/N'));
    if (change === undefined) throw new WrongUsage('a change is KEY/N, such as acme.lpr/3');
    const document = documentFrom(argument(args, 1, 'KIND'), argument(args, 2, 'FILE'));
    const json = await addDocument(apiClient(), change, document);
    const { change: id, missingDocuments } = json;
    const sha256 = hash('sha256', Buffer.from(document.content, 'base64'));
    const rest = missingDocuments.length === 0 ? 'no document is missing' : `still missing: ${missingDocuments.join(', ')}`;
    return { json, text: `attached to ${id} as sha256:${sha256}; ${rest}` };
  },
};

const REASONS = REDACTION_REASONS.join('|');
const order = { authority: 'string', file: 'string', roster: 'boolean', ...REMOTE_OPTIONS } as const;

const PLACE = /^(?<key>[^/]+)\/(?<change>[1-9][0-9]{0,8})(?:\/(?<revision>[1-9][0-9]{0,8}))?$/;

const orderedAt = (place: string): { readonly key: string; readonly fields: Readonly<Record<string, number>> } => {
  const { key, change, revision } = PLACE.exec(place)?.groups ?? {};
  if (key === undefined) throw new WrongUsage(`${place} is no place: write KEY/N, or KEY/N/REVISION for one revision`);
  return { key, fields: { change: Number(change), ...(revision !== undefined && { revision: Number(revision) }) } };
};

const orderCommand = (
  { action, does, done }: { readonly action: 'withhold' | 'disclose'; readonly does: string; readonly done: string },
  hides: boolean,
): Command => ({
  usage: [
    `${action} KEY/N[/REVISION]|--roster COMMITMENT`,
    ...(hides ? [`--reason ${REASONS} [--everywhere]`] : []),
    '--authority TEXT --file NUMBER',
  ].join(' '),
  does,
  takes: hides ? { ...order, reason: 'string', everywhere: 'boolean' } : order,
  run: async (args, options, { apiClient }) => {
    const ofRoster = options.roster === true;
    const body = {
      commitment: argument(args, ofRoster ? 0 : 1, 'COMMITMENT'),
      ...(hides && { reason: requiredOption(options, 'reason') }),
      ...(options.everywhere === true && { everywhere: true }),
      authority: requiredOption(options, 'authority'),
      fileNumber: requiredOption(options, 'file'),
    };
    const ofFeature = () => {
      const { key, fields } = orderedAt(argument(args, 0, 'KEY/N'));
      const sent = { params: { key }, body: { ...body, ...fields } };
      return apiClient().call('POST', `/v1/features/{key}/redactions/${action}`, sent);
    };
    const json = await (ofRoster ? apiClient().call('POST', `/v1/roster/redactions/${action}`, { body }) : ofFeature());
    const { at, what, place, authority, fileNumber, elsewhere } = json;
    const others = elsewhere.map((each) => `\nthe same bytes: ${each.place}, ${each.withheld ? 'withheld, too' : 'shown'}`);
    return {
      json,
      text: `the ${what} in ${place} is ${done} since ${at}, by ${authority}, file ${fileNumber}${others.join('')}`,
    };
  },
});

export const redactionCommands: readonly Command[] = [
  orderCommand(
    {
      action: 'withhold',
      does: 'hides a text, a raw notice or a document at one place from the public, never from those who decide; the order is public',
      done: 'withheld',
    },
    true,
  ),
  orderCommand({ action: 'disclose', does: 'shows again what is withheld at a place', done: 'shown again' }, false),
];
