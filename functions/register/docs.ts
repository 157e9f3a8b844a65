// Storage format of the read model in the side store. It is derived and may be thrown away; what cannot be read is folded anew.
import * as z from 'zod';
import {
  AdviceGiven,
  ApprovalRevoked,
  BallotCast,
  MaintenanceContested,
  Pinned,
  Provenance,
  SignatureGiven,
  VoteCertified,
} from '../../domain/feature/events.ts';
import { NoticeFacts } from '../../domain/feature/notice.ts';
import { CHANGE_STATUSES, FeatureState, STATE_VERSION } from '../../domain/feature/state.ts';
import { Terms } from '../../domain/feature/terms.ts';
import { type ChangeView, VIEW_VERSION } from '../../domain/feature/view.ts';
import { type JsonValue, jsonOf } from '../../domain/kernel/json.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { INSTRUMENTS, KINDS, Requirement } from '../../domain/policy/schema.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { ChangeLine, LINES_MAX } from './line.ts';

const REGISTER = 'register';
const CHANGE = 'change';
/** Digits of a change's number in an id, so that ids sort as numbers do. */
const NUMBER_DIGITS = 7;

/**
 * What the register says of one feature. `version`: of its stream, up to which events are folded in. `touched`: for the newest
 * changes the version that touched each last, by which a change document that lags behind is told. `named`: the title is that of
 * an approved wording. `lines`: the newest changes, by number. `unreadable`: the stream could not be read when last tried;
 * nothing here may then be taken for true.
 */
const RegisterDoc = z.strictObject({
  viewVersion: z.literal(VIEW_VERSION),
  stateVersion: z.literal(STATE_VERSION),
  key: z.string(),
  version: z.int().min(0),
  at: Instant.nullable(),
  title: z.string().nullable(),
  kind: z.enum(KINDS).nullable(),
  named: z.boolean(),
  newest: z.int().min(0),
  unreadable: z.boolean(),
  touched: z.record(z.string(), z.int()),
  lines: z.array(ChangeLine).max(LINES_MAX),
  state: FeatureState,
});
export type RegisterDoc = z.infer<typeof RegisterDoc>;

const version = { version: z.int().min(1) };
const decision = BallotCast.shape.decision;

const RequirementView = z.strictObject({
  id: z.string(),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  rule: Requirement,
  status: z.enum(['waiting', 'open', 'met', 'refused', 'overridden']),
  deadlineAt: Instant.nullable(),
  tally: VoteCertified.shape.tally.nullable(),
  override: z.strictObject({ meetingDate: VoteCertified.shape.meetingDate, tally: VoteCertified.shape.tally }).nullable(),
  ballots: z.record(z.string(), decision),
  denominator: z.strictObject({ seats: z.int(), filled: z.int() }).nullable(),
});

const View: z.ZodType<ChangeView> = z.strictObject({
  key: z.string(),
  number: z.int().min(1),
  status: z.enum(CHANGE_STATUSES),
  revisions: z
    .array(
      z.strictObject({
        revision: z.int().min(1),
        digest: z.string(),
        at: Instant,
        words: z.int().min(1),
        notice: NoticeFacts,
        provenance: Provenance,
      }),
    )
    .min(1),
  pinned: Pinned.nullable(),
  requirements: z.array(RequirementView),
  terms: Terms.nullable(),
  acts: z.array(
    z.discriminatedUnion('type', [
      VoteCertified.extend(version),
      SignatureGiven.extend(version),
      BallotCast.extend(version),
      AdviceGiven.extend(version),
      ApprovalRevoked.extend(version),
    ]),
  ),
  veto: z.strictObject({ requirement: z.string(), by: z.enum(['holder', 'deadline']), at: Instant, until: Instant }).nullable(),
  closesAt: Instant.nullable(),
  approved: z.strictObject({ at: Instant, version: z.int().min(1), validUntil: Instant.nullable(), terms: Terms }).nullable(),
  termsBy: z.strictObject({ requirement: z.string(), holder: z.string(), at: Instant }).nullable(),
  contested: MaintenanceContested.pick({ at: true, by: true, reason: true }).nullable(),
  ended: z.strictObject({ at: Instant, because: z.string() }).nullable(),
});

const ChangeDoc = z.strictObject({ viewVersion: z.literal(VIEW_VERSION), version: z.int().min(1), view: View });
/** One change; `version`: of the last commit that touched it. */
export type ChangeDoc = z.infer<typeof ChangeDoc>;

/** Where a change's document lies. */
export const changeDocId = (key: string, n: number): string => `${key}/${String(n).padStart(NUMBER_DIGITS, '0')}`;

/** A stored register document; undefined for what is missing, of another version of the code, or not what its place says. */
export const parseRegister = (key: string, value: JsonValue | undefined): RegisterDoc | undefined => {
  const parsed = RegisterDoc.safeParse(value);
  return parsed.success && parsed.data.key === key ? parsed.data : undefined;
};

/** A stored change document; undefined for what is missing, of another version of the code, or not what its place says. */
export const parseChange = (key: string, n: number, value: JsonValue | undefined): ChangeDoc | undefined => {
  const parsed = ChangeDoc.safeParse(value);
  return parsed.success && parsed.data.view.key === key && parsed.data.view.number === n ? parsed.data : undefined;
};

export const getRegister = async (sideStore: SideStore, key: string): Promise<RegisterDoc | undefined> =>
  parseRegister(key, await sideStore.get(REGISTER, key));

export const putRegister = (sideStore: SideStore, doc: RegisterDoc): Promise<void> =>
  sideStore.put(REGISTER, doc.key, jsonOf(doc));

export const getChange = async (sideStore: SideStore, key: string, n: number): Promise<ChangeDoc | undefined> =>
  parseChange(key, n, await sideStore.get(CHANGE, changeDocId(key, n)));

export const putChange = (sideStore: SideStore, doc: ChangeDoc): Promise<void> =>
  sideStore.put(CHANGE, changeDocId(doc.view.key, doc.view.number), jsonOf(doc));

/** Every register document whose key begins with the text, by key; those that cannot be read have no `doc`. */
export const listRegister = async (
  sideStore: SideStore,
  prefix = '',
): Promise<readonly { readonly key: string; readonly doc: RegisterDoc | undefined }[]> =>
  (await sideStore.list(REGISTER, prefix)).map(({ id, value }) => ({ key: id, doc: parseRegister(id, value) }));

/** The documents of the changes of one feature, or of all, with their place; those that cannot be read have no `doc`. */
export const listChangeDocs = async (
  sideStore: SideStore,
  key?: string,
): Promise<readonly { readonly id: string; readonly doc: ChangeDoc | undefined }[]> =>
  (await sideStore.list(CHANGE, key === undefined ? '' : `${key}/`)).map(({ id, value }) => {
    const cut = id.lastIndexOf('/');
    return { id, doc: parseChange(id.slice(0, cut), Number(id.slice(cut + 1)), value) };
  });

export const removeRegister = (sideStore: SideStore, key: string): Promise<void> => sideStore.remove(REGISTER, key);
export const removeChange = (sideStore: SideStore, id: string): Promise<void> => sideStore.remove(CHANGE, id);
