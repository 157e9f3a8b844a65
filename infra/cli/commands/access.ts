import {
  removeSubscription,
  subscribeFromNow,
  subscriberLine,
  subscribers,
} from '../../../functions/reactions/webhooks/deliver.ts';
import { CommandRefused } from '../../local/errors.ts';
import { allPages } from '../apiClient.ts';
import {
  type AnswerOf,
  argument,
  type Command,
  callingOperation,
  listResult,
  optionalOption,
  REMOTE_OPTIONS,
  requiredOption,
  WrongUsage,
} from '../usage.ts';

const shown = ({ id, keys }: AnswerOf<'/v1/vendors', 'POST'>): string => {
  const lines = keys.map((key) => {
    const secret =
      key.secret === undefined ? '' : `\n  secret ${key.secret}\n  It is shown this once: hand it to the vendor now.`;
    return `  key ${key.id} (${key.scheme})${secret}`;
  });
  return [`vendor ${id}`, ...lines].join('\n');
};

const tokenLine = (token: AnswerOf<'/v1/tokens', 'GET'>['items'][number]): string => {
  const { id, name, scopes, agencies, person, source, revoked, readable } = token;
  return [
    `${id}  ${name}  ${scopes.join(',')}`,
    ...(agencies.length === 0 ? [] : [`for ${agencies.join(', ')}`]),
    ...(person === null ? [] : [`used by ${person}`]),
    ...(source === null ? [] : [`reports as ${source}`]),
    ...(revoked ? ['revoked'] : []),
    ...(readable ? [] : ['cannot be read, and is refused']),
  ].join('  ');
};

export const vendorCommands: readonly Command[] = [
  callingOperation('POST', '/v1/vendors', {
    usage: 'vendor add ID --name N [--public-key whpk_…] [--contact MAIL]',
    does: 'lets a vendor post notices, by a key for this city alone; without one it gets a secret',
    takes: { name: 'string', 'public-key': 'string', contact: 'string' },
    sent: (args, options) => {
      const [publicKey, contact] = [optionalOption(options, 'public-key'), optionalOption(options, 'contact')];
      return { body: { id: argument(args, 0, 'ID'), name: requiredOption(options, 'name'), publicKey, contact } };
    },
    text: shown,
  }),
  callingOperation('POST', '/v1/vendors/{id}/keys', {
    usage: 'vendor rotate ID [--public-key whpk_…]',
    does: 'gives a vendor a new key; the old one stays valid for a week',
    takes: { 'public-key': 'string' },
    sent: (args, options) => ({
      params: { id: argument(args, 0, 'ID') },
      body: { publicKey: optionalOption(options, 'public-key') },
    }),
    text: shown,
  }),
  callingOperation('DELETE', '/v1/vendors/{id}/keys/{keyId}', {
    usage: 'vendor revoke-key ID KEYID',
    does: 'ends a key at once, for example after it leaked; what it signed before stays',
    sent: (args) => ({ params: { id: argument(args, 0, 'ID'), keyId: argument(args, 1, 'KEYID') } }),
    text: ({ id, key }) => `key ${key} of ${id} is revoked: nothing it signs is taken from now on`,
  }),
  callingOperation('PUT', '/v1/vendors/{id}/contact', {
    usage: 'vendor contact ID EMAIL|none [--language L]',
    does: 'says where a vendor wants mail about the end of its contracts, or that it wants none',
    takes: { language: 'string' },
    sent: (args, options) => {
      const [id, email] = [argument(args, 0, 'ID'), argument(args, 1, 'EMAIL, or none,')];
      return { params: { id }, body: { email: email === 'none' ? null : email, language: optionalOption(options, 'language') } };
    },
    text: ({ vendor, email }) =>
      email === null ? `${vendor} gets no mail from now on` : `${vendor} gets mail about its contracts at ${email}`,
  }),
  {
    usage: 'vendor list',
    does: 'who may post notices, and with which keys',
    takes: REMOTE_OPTIONS,
    run: async (_args, _options, { apiClient }) => {
      const items = await allPages((query) => apiClient().call('GET', '/v1/vendors', { query }));
      const textOf = ({ id, name, readable, keys }: (typeof items)[number]): string =>
        [
          `${id}  ${name}${readable ? '' : '  cannot be read: nothing that it signs is taken'}`,
          ...keys.map((key) => `  ${key.id} (${key.scheme})${key.validUntil === null ? '' : ` until ${key.validUntil}`}`),
        ].join('\n');
      return listResult(items, textOf, 'no vendor yet: aldergate vendor add ID --name N');
    },
  },
];

export const passkeyCommands: readonly Command[] = [
  callingOperation('DELETE', '/v1/holders/{id}/passkeys', {
    usage: 'passkey reset HOLDER',
    does: 'ends every passkey of an official and mails a link to set up a new one; where the rules ask for passkeys, proposes it to two persons',
    sent: (args) => ({ params: { id: argument(args, 0, 'HOLDER') } }),
    text: ({ holder, waits }) =>
      waits
        ? `two persons of two bodies must confirm that the passkeys of ${holder} are reset; each has a link by mail`
        : `every passkey of ${holder} is ended; a mail takes them a link to set up a new one`,
  }),
];

const cutOff = (word: 'reissue' | 'revoke', does: string): Command =>
  callingOperation('POST', '/v1/holders/{id}/links', {
    usage: `link ${word} HOLDER`,
    does,
    sent: (args) => ({ params: { id: argument(args, 0, 'HOLDER') }, body: { reissue: word === 'reissue' } }),
    text: ({ holder, reissued }) =>
      `every link of ${holder} is cut off; ${reissued ? 'new ones are mailed for what waits' : 'new changes make new ones'}`,
  });

export const linkCommands: readonly Command[] = [
  cutOff('reissue', 'cuts off every link of an official and mails new ones for all that waits for them'),
  cutOff('revoke', 'cuts off every link of an official; new changes make new ones'),
  callingOperation('POST', '/v1/vendors/{id}/forms', {
    usage: 'vendor form ID [--valid P30D]',
    does: 'a link to a form for a vendor that cannot sign its notices; shown this once',
    takes: { valid: 'string' },
    sent: (args, options) => ({ params: { id: argument(args, 0, 'ID') }, body: { valid: optionalOption(options, 'valid') } }),
    text: ({ vendor, id, expiresAt, url }) =>
      `form ${id} for ${vendor}, until ${expiresAt}\n${url}\nIt is shown this once: send it to the vendor.`,
  }),
  {
    usage: 'vendor forms ID [--revoke]',
    does: 'the forms a vendor has by link; with --revoke ends all of them',
    takes: { revoke: 'boolean', ...REMOTE_OPTIONS },
    run: async (args, options, { apiClient }) => {
      const vendor = argument(args, 0, 'ID');
      const params = { id: vendor };
      if (options['revoke'] === true) {
        const json = await apiClient().call('DELETE', '/v1/vendors/{id}/forms', { params });
        return { json, text: `forms of ${vendor} ended: ${json.revoked}` };
      }
      const items = await allPages((query) => apiClient().call('GET', '/v1/vendors/{id}/forms', { params, query }));
      return listResult(
        items,
        ({ id, createdAt, expiresAt, revokedAt }) =>
          `${id}  made ${createdAt}  ${revokedAt === null ? `until ${expiresAt}` : `revoked ${revokedAt}`}`,
        `no form yet: aldergate vendor form ${vendor}`,
      );
    },
  },
];

const listed = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

export const tokenCommands: readonly Command[] = [
  callingOperation('POST', '/v1/tokens', {
    usage: 'token create --name N --scope state:read[,observe,notice,admin] [--agency A[,A]] [--person HOLDER|none] [--source S]',
    does: 'a token for a program that asks or reports; shown this once',
    takes: { name: 'string', scope: 'string', agency: 'string', person: 'string', source: 'string' },
    sent: (_args, options) => {
      const agency = optionalOption(options, 'agency');
      const person = optionalOption(options, 'person');
      const source = optionalOption(options, 'source');
      return {
        body: {
          name: requiredOption(options, 'name'),
          scopes: listed(requiredOption(options, 'scope')),
          ...(agency !== undefined && { agencies: listed(agency) }),
          ...(person !== undefined && { person: person === 'none' ? null : person }),
          ...(source !== undefined && { source }),
        },
      };
    },
    text: ({ id, scopes, token }) => `token ${id} (${scopes.join(', ')})\n${token}\nIt is shown this once.`,
  }),
  callingOperation('DELETE', '/v1/tokens/{id}', {
    usage: 'token revoke ID',
    does: 'ends a token at once',
    sent: (args) => ({ params: { id: argument(args, 0, 'ID') } }),
    text: ({ id }) => `token ${id} is revoked`,
  }),
  {
    usage: 'token list',
    does: 'the tokens there are, without the tokens themselves',
    takes: REMOTE_OPTIONS,
    run: async (_args, _options, { apiClient }) => {
      const items = await allPages((query) => apiClient().call('GET', '/v1/tokens', { query }));
      return listResult(items, tokenLine, 'no token yet');
    },
  },
];

const subscribe: Command = {
  usage: 'subscribe URL',
  does: 'sends every event from now on to a program, by signed webhooks',
  run: async (args, _options, { local }) => {
    const url = argument(args, 0, 'URL');
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) throw new WrongUsage(`${url} is not an http or https address`);
    if (parsed.username !== '' || parsed.password !== '')
      throw new WrongUsage(
        'a user name in an address is not sent: what is delivered is signed with the secret of the subscription',
      );
    const subscription = await subscribeFromNow(local().ports, url);
    return { json: subscription, text: `subscription ${subscription.id}\nsecret ${subscription.secret}\nIt is shown this once.` };
  },
};

const subscriptions: Command = {
  usage: 'subscriptions',
  does: 'lists the subscribers, without their secrets, and what waits for them',
  run: async (_args, _options, { local }) => listResult(await subscribers(local().ports), subscriberLine, 'no subscribers'),
};

const unsubscribe: Command = {
  usage: 'unsubscribe ID',
  does: 'ends a subscription',
  run: async (args, _options, { local }) => {
    const id = argument(args, 0, 'ID');
    if (!(await removeSubscription(local().ports.sideStore, id))) throw new CommandRefused(`there is no subscription ${id}`);
    return { json: { id, ended: true }, text: `subscription ${id} has ended` };
  },
};

export const subscribeCommands: readonly Command[] = [subscribe, subscriptions, unsubscribe];
