import { evaluate, mayBeOn, VARIANTS, type Variant } from '../../domain/feature/evaluate.ts';
import { windowAround } from '../../domain/feature/instants.ts';
import { vendorOf } from '../../domain/feature/keys.ts';
import { openChanges } from '../../domain/feature/state.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import type { RegisterAttributes } from '../platform/store/dynamo/registerItem.ts';
import { type DynamoRegister, openRegisterTable, type RegisterTableOptions } from '../platform/store/dynamo/registerTable.ts';
import { parseRegister, type RegisterDoc } from './documents.ts';
import { headOf } from './rows.ts';

/** Comes before every instant: the moment of a feature with a change to which no policy is bound, which the next run of the clock mends. */
const AT_ONCE = '0';

/** The part of an answer that a feature gives by itself, independent of what is above it and of who asks. */
const ownVariant = (doc: RegisterDoc, now: string): Variant => evaluate(vendorOf(doc.key), [headOf(doc)], {}, now).variant;

const attributesOfDoc = (doc: RegisterDoc, now: string): RegisterAttributes => {
  const status = ownVariant(doc, now);
  if (doc.unreadable) return { status, moment: null, isWaiting: false };
  const open = openChanges(doc.state);
  const moment = open.some(({ pin }) => pin === null) ? AT_ONCE : windowAround(doc.state, now).until;
  return { status, moment, isWaiting: open.length > 0 };
};

/** Returns the attributes by which a document of the register is found. They hold until its moment, or the next commit. */
export const registerAttributes = (key: string, value: JsonValue, now: string): RegisterAttributes => {
  const doc = parseRegister(key, value);
  return doc === undefined ? { status: 'unknown', moment: null, isWaiting: false } : attributesOfDoc(doc, now);
};

/**
 * Returns the statuses of features by themselves that can answer with a variant: one in force can be off because of what holds above it,
 * or for who asks.
 */
export const statusesFor = (variant: Variant): readonly Variant[] => {
  const inForce = VARIANTS.filter(mayBeOn);
  const answers: readonly Variant[] = [...inForce, 'blocked', 'version'];
  return answers.includes(variant) ? inForce : VARIANTS.filter((each) => each === variant);
};

/** Opens the table of the register, whose attributes are computed by the wall clock. */
export const openRegister = (options: Pick<RegisterTableOptions, 'client' | 'table' | 'guard'>): DynamoRegister =>
  openRegisterTable({
    ...options,
    now: Date.now,
    attributesOf: (key, value) => registerAttributes(key, value, new Date().toISOString()),
  });
