/**
 * What becomes of the records of a kind when an installation moves or is restored. `moved`: they are neither in the log nor made from it, so
 * they are part of the private export. `of-subscribers`: as `moved`, those of subscribers alone; other consumers start where the archive ends.
 * `derived`: they are made anew from the commits or the log. `passing`: what they say holds for minutes, or for one place only.
 */
export type SideKindFate = 'moved' | 'of-subscribers' | 'derived' | 'passing';

/**
 * Every kind of record in the side store: no other can be written. An export has them in this order, in which an import writes them: the marks of
 * subscribers come before the subscriptions, so that a subscription never starts from the beginning.
 */
export const SIDE_KINDS = {
  directory: 'moved',
  'directory-proposed': 'moved',
  vendor: 'moved',
  'vendor-contact': 'moved',
  'vendor-secret': 'moved',
  'vendor-form': 'moved',
  token: 'moved',
  text: 'moved',
  link: 'moved',
  passkey: 'moved',
  'passkey-use': 'moved',
  'passkey-spent': 'moved',
  bounce: 'moved',
  agenda: 'moved',
  'renewal-asked': 'moved',
  // Mail: what has left, what is due, and who does not want it.
  sent: 'moved',
  'weekly-off': 'moved',
  'weekly-mailed': 'moved',
  'morning-mailed': 'moved',
  'drift-mailed': 'moved',
  'forced-mailed': 'moved',
  'mail-due': 'moved',
  'task-new': 'moved',
  mark: 'of-subscribers',
  'dead-letter': 'of-subscribers',
  subscription: 'moved',

  register: 'derived',
  'register-edition': 'derived',
  change: 'derived',
  'document-place': 'derived',
  derived: 'derived',
  'derived-source': 'derived',
  'derived-due': 'derived',
  'derived-task': 'derived',
  'derived-case': 'derived',
  'derived-figures': 'derived',
  'derived-mark': 'derived',
  'derived-journal': 'derived',
  // The queue of an import begins anew, behind what was published where the log comes from.
  'derived-event': 'derived',
  'derived-follower': 'derived',
  'log-place': 'derived',
  'log-applied': 'derived',
  'log-held': 'derived',
  'log-published': 'derived',

  // The place in a store that an import gives another order.
  'feed-cursor': 'passing',
  'log-compared': 'passing',
  'log-witness': 'passing',
  trouble: 'passing',
  lease: 'passing',
  health: 'passing',
  'fault-mailed': 'passing',
  'notice-usage': 'passing',
  'passkey-turn': 'passing',
  'renewal-mailed': 'passing',
  // The copies of this place.
  copy: 'passing',
  stage: 'passing',
} as const satisfies Readonly<Record<string, SideKindFate>>;

export type SideKind = keyof typeof SIDE_KINDS;

export const isSideKind = (kind: string): kind is SideKind => Object.hasOwn(SIDE_KINDS, kind);
