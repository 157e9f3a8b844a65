import { STAGE_KIND } from '../../../functions/handlers/runtime/stage.ts';
import { COPY_KINDS } from '../../../functions/log/health.ts';
import { LINK_KIND, MOVED_KINDS } from '../../../functions/log/privatePart.ts';
import { LOG_KINDS } from '../../../functions/log/sequencer/logIndex.ts';
import { LEASE_KINDS } from '../../../functions/platform/lease.ts';
import { CHANGE_INDEX, TIME_INDEX } from '../../../functions/platform/store/dynamo/tables.ts';
import type { SideKind } from '../../../functions/platform/store/sideStore.ts';
import { FOLLOWER_KINDS } from '../../../functions/register/derived/followers.ts';
import { DERIVED_KINDS, LISTED_KINDS } from '../../../functions/register/derived/records.ts';
import type { RecordsStack } from '../stacks/recordsStack.ts';
import type { GateFunction } from './gateFunction.ts';

/** The side kinds in which a consumer keeps its mark, failures and parked commits, and reports its health. */
export const CONSUMER_KINDS = ['mark', 'trouble', 'feed-cursor', 'dead-letter', 'health'] as const;

export interface FunctionPlan {
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** The size of the temporary folder. Default: 512, which costs nothing. */
  readonly temporaryMb?: number;
  readonly access: Access;
}

const READ_MODEL = ['change', 'document-place'] as const;
const WHOLE_REGISTER = ['read', 'whole', 'write'] as const;
const REGISTER_EDITION = 'register-edition';
const DIRECTORIES = ['directory', 'directory-proposed'] as const;

/**
 * Lambda allots processor time by memory; 1,769 MB are one processor. Functions whose callers wait get more;
 * in the others the SDK still starts in well under a second.
 */
const WAITED_FOR_MB = 1_024;
const IN_THE_BACKGROUND_MB = 512;

export const FUNCTIONS = {
  api: {
    description: 'Aldergate: notices of vendors, questions of the city',
    memoryMb: WAITED_FOR_MB,
    // A contended command gives up after 5 s and the slowest list of a thousand features takes a few; the HTTP API waits 29 s.
    timeoutSeconds: 20,
    access: {
      // Adopting a policy with --repin walks all features.
      feed: 'places',
      appends: [
        'access/*',
        'document/*',
        'feature/*',
        'observation/*',
        'policy',
        'receipt/*',
        'redaction/*',
        'roster',
        'settings',
        'vendor/*',
      ],
      reads: ['derived-source', 'log-held', 'log-published', REGISTER_EDITION, ...COPY_KINDS, ...LISTED_KINDS],
      register: WHOLE_REGISTER,
      writes: [
        'notice-usage',
        'text',
        'token',
        'vendor',
        'vendor-contact',
        'vendor-form',
        'vendor-secret',
        ...READ_MODEL,
        ...DIRECTORIES,
      ],
    },
  },
  site: {
    description: 'Aldergate: pages for officials, for the public and for developers',
    memoryMb: WAITED_FOR_MB,
    timeoutSeconds: 20,
    access: {
      // IT records on the worklist what was done or seen.
      appends: ['feature/*', 'observation/*', 'receipt/*', 'revocation', 'roster', 'settings'],
      reads: [
        'bounce',
        'derived-figures',
        'derived-source',
        'log-held',
        'log-place',
        'log-published',
        'passkey',
        REGISTER_EDITION,
        'vendor-form',
        ...LISTED_KINDS,
      ],
      register: WHOLE_REGISTER,
      // The inbox makes links that no mail has made yet, and the clerk's desk revokes the links of a lost phone.
      writes: ['agenda', 'link', 'notice-usage', 'renewal-asked', 'text', 'weekly-off', ...READ_MODEL, ...DIRECTORIES],
    },
  },
  passkeys: {
    description: 'Aldergate: passkeys of officials, and decisions made with them',
    memoryMb: WAITED_FOR_MB,
    timeoutSeconds: 20,
    access: {
      // A reset by the clerk is an event of the roster; a roster is confirmed with a passkey.
      appends: ['access/*', 'feature/*', 'roster', 'settings'],
      // A refused decision shows the page of its link, with the place of the person's earlier acts in the log.
      reads: ['link', 'log-held', 'log-place', 'log-published'],
      register: ['read', 'write'],
      // A person gets a mail when a key is set up or removed.
      writes: [
        'passkey',
        'passkey-spent',
        'passkey-turn',
        'passkey-use',
        'sent',
        'text',
        'trouble',
        ...READ_MODEL,
        ...DIRECTORIES,
      ],
    },
  },
  projector: {
    description: 'Aldergate: keeps the register for lists and pages',
    memoryMb: IN_THE_BACKGROUND_MB,
    // The first sweep after a restore folds every feature; later ones take a second.
    timeoutSeconds: 300,
    access: { feed: true, reads: [], register: ['read', 'write'], writes: [...CONSUMER_KINDS, ...READ_MODEL] },
  },
  notify: {
    description: 'Aldergate: mail to officials',
    memoryMb: WAITED_FOR_MB,
    // A notice mails about twenty people, one after the other; SES in its sandbox takes one mail a second.
    timeoutSeconds: 120,
    access: {
      feed: true,
      reads: [
        'agenda',
        'derived-figures',
        'directory',
        'directory-proposed',
        'log-held',
        'log-place',
        'passkey',
        REGISTER_EDITION,
        'vendor-contact',
        'weekly-off',
        ...LISTED_KINDS,
        ...FOLLOWER_KINDS.reads,
      ],
      register: WHOLE_REGISTER,
      writes: [
        ...CONSUMER_KINDS,
        ...FOLLOWER_KINDS.writes,
        ...LEASE_KINDS,
        ...READ_MODEL,
        'bounce',
        'fault-mailed',
        'forced-mailed',
        'link',
        'mail-due',
        'morning-mailed',
        'renewal-asked',
        'renewal-mailed',
        'sent',
        'task-new',
        'weekly-mailed',
      ],
    },
  },
  webhooks: {
    description: 'Aldergate: reports every event to other programs by signed webhooks',
    memoryMb: IN_THE_BACKGROUND_MB,
    // A request to a subscriber times out after 10 s; the next sweep tries again.
    timeoutSeconds: 120,
    access: {
      feed: true,
      reads: ['log-place', 'subscription', ...FOLLOWER_KINDS.reads],
      register: [],
      writes: [...CONSUMER_KINDS, ...FOLLOWER_KINDS.writes, ...LEASE_KINDS],
    },
  },
  derived: {
    description: 'Aldergate: what follows from the public log by rule or time: answers, cases of drift, tasks',
    memoryMb: WAITED_FOR_MB,
    // After a format change everything is folded again in one run; other runs take a second.
    timeoutSeconds: 900,
    access: {
      feed: true,
      // Time events are followed once every earlier commit is in the log.
      reads: ['feed-cursor', 'log-held', 'log-place'],
      register: [],
      writes: ['dead-letter', 'mark', 'trouble', ...DERIVED_KINDS, ...FOLLOWER_KINDS.writes, ...LEASE_KINDS],
    },
  },
  clock: {
    description: 'Aldergate: records what time has done, brings an approved policy and a confirmed roster into force',
    memoryMb: WAITED_FOR_MB,
    // A tick is a read and a write; a thousand lapses in one minute fit in this time.
    timeoutSeconds: 120,
    access: {
      feed: true,
      appends: ['feature/*', 'policy', 'roster', 'settings'],
      reads: ['log-held', 'log-place', REGISTER_EDITION, ...COPY_KINDS],
      register: WHOLE_REGISTER,
      // Puts the addresses of a roster into use.
      writes: [...CONSUMER_KINDS, ...READ_MODEL, ...DIRECTORIES],
    },
  },
  sequencer: {
    description: 'Aldergate: takes commits into the public log, then publishes their events to the bus',
    // The entries of a full checkpoint are 8 MB, several times in memory.
    memoryMb: WAITED_FOR_MB,
    // After an import the whole history is published, a thousand commits per checkpoint; retries of the bus add up to about 30 s. The
    // next run continues unfinished work.
    timeoutSeconds: 300,
    access: {
      feed: true,
      // The logbook records a handover to the next key.
      appends: ['log', 'logbook/*'],
      reads: [],
      register: [],
      writes: [...CONSUMER_KINDS, ...LOG_KINDS, 'log-published', 'log-witness'],
    },
  },
  log: {
    description: 'Aldergate: the public log, for everybody',
    memoryMb: IN_THE_BACKGROUND_MB,
    // A proof reads about ten tiles.
    timeoutSeconds: 10,
    access: { reads: ['document-place', 'log-held', 'log-place'], register: [], writes: [] },
  },
  copies: {
    description: 'Aldergate: copies of everything for another region or account, encrypted where it is private',
    memoryMb: WAITED_FOR_MB,
    // A copy reads every commit of the log: some hundred thousand fit.
    timeoutSeconds: 900,
    // Two files of up to 5 GB, which is what S3 takes in one request.
    temporaryMb: 10_240,
    access: {
      reads: MOVED_KINDS.filter((kind) => kind !== LINK_KIND),
      register: [],
      writes: [...COPY_KINDS, ...LEASE_KINDS],
    },
  },
} as const satisfies Record<string, FunctionPlan>;
export type FunctionName = keyof typeof FUNCTIONS;
/** A function that every stage has. */
export type CoreFunction = Exclude<FunctionName, 'copies'>;

const ALARM_KIND = 'health';

/** A function's use of the register: `read` one document, answer for the `whole` of it, `write` a document. */
type RegisterUse = 'read' | 'whole' | 'write';

/** The access of a function to the tables. Kinds and streams are partition keys, so IAM can limit a function to them. */
export interface Access {
  /** `places`: the feed without its commits. */
  readonly feed?: true | 'places';
  readonly appends?: readonly string[];
  readonly reads: readonly SideKind[];
  readonly writes: readonly SideKind[];
  readonly register: readonly RegisterUse[];
}

const ofPartitions = (test: 'StringEquals' | 'StringLike', keys: readonly string[]) => ({
  [`ForAllValues:${test}`]: { 'dynamodb:LeadingKeys': [...keys] },
});

const allowRegister = (target: GateFunction, table: string, uses: readonly RegisterUse[]): void => {
  if (uses.includes('read')) target.allow(['dynamodb:GetItem'], [table]);
  if (uses.includes('whole')) {
    target.allow(['dynamodb:Scan', 'dynamodb:BatchGetItem'], [table]);
    target.allow(['dynamodb:Query'], [`${table}/index/${CHANGE_INDEX.name}`]);
  }
  if (uses.includes('write')) target.allow(['dynamodb:PutItem'], [table]);
};

/** The kinds of records that a function may read, and write. Only what writes has to know whether the stage is open. */
export const kindsOf = ({ reads, writes }: Access): { readonly read: readonly string[]; readonly written: readonly string[] } => {
  const written = [...new Set([...writes, ALARM_KIND])].sort();
  return { read: [...new Set([...reads, ...written, ...(writes.length > 0 ? [STAGE_KIND] : [])])].sort(), written };
};

/**
 * Allows a function exactly this access. Appending allows only PutItem, and kinds listed in `reads` cannot be written.
 */
export const allowTables = (target: GateFunction, records: RecordsStack, access: Access): void => {
  const { feed, appends = [], register } = access;
  const { read, written } = kindsOf(access);
  allowRegister(target, records.register.table.tableArn, register);
  const { tableArn: commits } = records.commits.table;
  const { tableArn: sideStore } = records.sideStore.table;
  target.allow(['dynamodb:Query'], [commits]);
  if (feed !== undefined) target.allow(['dynamodb:Query'], [`${commits}/index/${TIME_INDEX.name}`]);
  if (feed === true) target.allow(['dynamodb:BatchGetItem'], [commits]);
  if (appends.length > 0) target.allow(['dynamodb:PutItem'], [commits], ofPartitions('StringLike', appends));
  target.allow(['dynamodb:GetItem', 'dynamodb:Query'], [sideStore], ofPartitions('StringEquals', read));
  target.allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], [sideStore], ofPartitions('StringEquals', written));
};
