import type { PageTable } from './route.ts';

export const SITE_PAGES = {
  '/': { GET: 'the register: every feature and whether it is on' },
  '/numbers': { GET: 'the register in figures' },
  '/on-without-permission': { GET: 'what was seen on beyond what is approved, now and before' },
  '/vendors/{id}': { GET: 'one vendor and its features' },
  '/features/{key}': { GET: 'one feature and its history' },
  '/changes/{key}/{n}': { GET: 'one change' },
  '/changes/{key}/{n}/packet': { GET: 'one change as a packet for a meeting' },
  '/packet': { GET: 'several changes as one packet' },
  '/calendar': { GET: 'what is due, by day' },
  '/calendar.ics': { GET: 'the calendar as a file to subscribe to' },
  '/feed.atom': { GET: 'what changed, as a feed' },
  '/rules': { GET: 'the policy in force, in plain words' },
  '/aldergate-verify.mjs': { GET: 'the program that verifies the log, if it was built' },
  '/check': { GET: 'how anyone can verify the log' },
  '/d/{token}': { GET: 'an official’s link: the change, the form, the receipt', POST: 'decides' },
  '/d/{token}/review': { POST: 'shows a whole decision before it is sent' },
  '/d/{token}/together': { POST: 'decides several changes at once' },
  '/d/{token}/together/review': { POST: 'shows that decision before it is sent' },
  '/d/{token}/renew': { GET: 'says that new links are mailed', POST: 'asks for new links by an old one' },
  '/d/{token}/revoke': { POST: 'revokes an approval' },
  '/d/{token}/take-back': { POST: 'takes a refusal back, within a day' },
  '/d/{token}/contest': { POST: 'contests that an update came as maintenance' },
  '/d/{token}/document/{sha256}': { GET: 'a document of the change, also a withheld one' },
  '/d/{token}/inbox': { GET: 'what waits for an official', POST: 'opens one of it' },
  '/d/{token}/desk': { GET: 'the clerk’s desk' },
  '/d/{token}/desk/consent': { GET: 'several changes certified by one vote', POST: 'certifies them' },
  '/d/{token}/desk/review': { POST: 'shows the vote on several changes before it is sent' },
  '/d/{token}/desk/agenda': { POST: 'mails the changes ticked to the body that votes' },
  '/d/{token}/desk/links': { POST: 'cuts off an official’s links' },
  '/m/{token}': { GET: 'whether an official receives the weekly mail', POST: 'changes it' },
  '/n/{token}': { GET: 'the form of a vendor that cannot sign', POST: 'sends a notice' },
  '/worklist': { GET: 'what the city must do at its vendors', POST: 'shows it, or records what was done or seen' },
  '/favicon.ico': { GET: 'the icon, where browsers look for it' },
  '/robots.txt': { GET: 'what crawlers may read' },
  '/accessibility': { GET: 'who can use the pages, and whom to ask' },
  '/privacy': { GET: 'what is kept about people' },
  '/.well-known/security.txt': { GET: 'whom to tell of a vulnerability' },
  '/assets/{file}': { GET: 'the stylesheet, fonts, icon and the one script' },
  '/dev/outbox': { GET: 'mails not really sent, on loopback only' },
  '/dev/outbox.json': { GET: 'the same for programs' },
} as const satisfies PageTable;

export const PASSKEY_PAGES = {
  '/d/{token}/passkey': { GET: 'an official’s passkeys' },
  '/d/{token}/passkey/decide': { POST: 'decides with a passkey' },
  '/d/{token}/passkey/together': { POST: 'decides several changes at once with a passkey' },
  '/d/{token}/passkey/confirm': { POST: 'confirms a roster with a passkey' },
  '/d/{token}/passkey/enrol': { POST: 'sets up a passkey' },
  '/d/{token}/passkey/prove': { POST: 'tries a passkey that was set up, and stores the first' },
  '/d/{token}/passkey/permit': { POST: 'stores another passkey by the signature of one that counts' },
  '/d/{token}/passkey/remove': { POST: 'removes a passkey' },
  '/d/{token}/passkey/reset': { GET: 'asks the clerk to confirm a reset', POST: 'ends every passkey of an official' },
} as const satisfies PageTable;

export const DOCS_PAGES = {
  '/docs': { GET: 'how to ask, to send and to report' },
  '/docs/{page}': { GET: 'the reference, by reader' },
  '/openapi.json': { GET: 'the description of the API for programs' },
  '/events.schema.json': { GET: 'the shapes of all events, as JSON Schema' },
} as const satisfies PageTable;

export const LOG_PREFIX = '/log';

/** Returns the origin of the log of a gate at an address: its public prefix without the scheme (c2sp.org/tlog-checkpoint). */
export const logOriginAt = (url: string): string => `${url.replace(/^https?:\/\//, '')}${LOG_PREFIX}`;

export const LOG_FILES = {
  '/log/checkpoint': { GET: 'the newest signed checkpoint' },
  '/log/vkey': { GET: 'the verifier key' },
  '/log/tile/{path+}': { GET: 'tiles of hashes and bundles of entries' },
  '/log/notice/{sha256}': { GET: 'a raw notice, as the vendor sent it' },
  '/log/document/{sha256}': { GET: 'a document that was attached to a change' },
  '/log/proof/{key}/{version}': { GET: 'an inclusion proof of one commit' },
  '/log/record/{key}': { GET: 'one file that proves what was known of a feature' },
} as const satisfies PageTable;
