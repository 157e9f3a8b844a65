import * as z from 'zod';
import { accept, type Check, type Decider, type Decision, nothing, PASSED, reject } from '../kernel/decider.ts';
import { type Problem, problemsOf } from '../kernel/problems.ts';
import { strictObject } from '../kernel/zodTypes.ts';
import { plusDuration } from '../kernel/zone.ts';
import { isValid, KnownKey, type VendorEvent, VendorId, VendorKey, VendorName } from './events.ts';

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const VENDOR_STATE_VERSION = 2;

/** `keys`: those valid when the last one was added; `spent`: the {@link traceOf} of all older ones, which never return. */
export const VendorState = strictObject(() => ({
  vendor: z.string().nullable(),
  name: z.string().nullable(),
  keys: z.array(KnownKey),
  spent: z.array(z.string()),
}));
export type VendorState = z.infer<typeof VendorState>;

const initialVendorState: VendorState = { vendor: null, name: null, keys: [], spent: [] };

const evolveVendor = (state: VendorState, event: VendorEvent): VendorState => {
  switch (event.type) {
    case 'VendorAdded':
      return { ...state, vendor: event.vendor, name: event.name };
    case 'KeyAdded': {
      const valid = state.keys.filter((known) => isValid(known, event.at));
      const over = state.keys.filter((known) => !isValid(known, event.at)).map(({ key }) => traceOf(key));
      return {
        ...state,
        keys: [...valid, { key: event.key, validFrom: event.at, validUntil: null }],
        spent: [...state.spent, ...over],
      };
    }
    case 'KeyRetired':
      return {
        ...state,
        keys: state.keys.map((known) => (known.key.id === event.key ? { ...known, validUntil: event.validUntil } : known)),
      };
  }
};

export type VendorRejection =
  | 'invalid-input'
  | 'vendor-exists'
  | 'no-such-vendor'
  | 'no-such-key'
  | 'key-in-use'
  | 'too-many-keys';

/** Each notice is tried against all of them. */
export const KEYS_MAX = 4;
/** The state keeps a trace of each, so that none returns. Weekly rotation reaches it in seven years. */
const KEYS_EVER_MAX = 400;
/** Vendors roll out new keys host by host. */
const ROTATION_OVERLAP = 'P7D';

interface AddVendor {
  readonly type: 'addVendor';
  readonly at: string;
  readonly vendor: string;
  readonly name: string;
  readonly key: VendorKey;
}

interface RotateKey {
  readonly type: 'rotateKey';
  readonly at: string;
  readonly key: VendorKey;
}

interface RetireKey {
  readonly type: 'retireKey';
  readonly at: string;
  readonly keyId: string;
}

export type VendorCommand = AddVendor | RotateKey | RetireKey;

type Decided = Decision<VendorEvent, VendorRejection>;

const decide = (command: VendorCommand, state: VendorState): Decided => {
  switch (command.type) {
    case 'addVendor':
      return addVendor(command, state);
    case 'rotateKey':
      return rotateKey(command, state);
    case 'retireKey':
      return retireKey(command, state);
  }
};

const addVendor = ({ at, vendor, name, key }: AddVendor, state: VendorState): Decided => {
  const invalid = problemOf(VendorId, vendor, '/id') ?? problemOf(VendorName, name, '/name');
  if (invalid !== undefined) return reject('invalid-input', invalid.detail, invalid.pointer);
  if (state.vendor !== null) {
    const same = state.vendor === vendor && state.name === name && state.keys.some((known) => isSame(known.key, key));
    return same ? nothing : reject('vendor-exists', `The vendor ${state.vendor} exists; rotate its key instead.`);
  }
  const unfit = problemOf(VendorKey, key);
  if (unfit !== undefined) return reject('invalid-input', unfit.detail, unfit.pointer);
  return accept<VendorEvent>({ type: 'VendorAdded', v: 1, at, vendor, name }, { type: 'KeyAdded', v: 1, at, key });
};

const rotateKey = ({ at, key }: RotateKey, { vendor, keys, spent }: VendorState): Decided => {
  if (vendor === null) return reject('no-such-vendor', 'There is no such vendor; add it first.');
  const unfit = problemOf(VendorKey, key);
  if (unfit !== undefined) return reject('invalid-input', unfit.detail, unfit.pointer);
  const valid = keys.filter((known) => isValid(known, at));
  if (valid.some((known) => isSame(known.key, key))) return nothing;
  const fit = checkNewKey(key, keys, valid, spent);
  if (!fit.ok) return fit;
  const until = plusDuration(at, ROTATION_OVERLAP, 'UTC');
  // A key retired earlier keeps its own end: a rotation never prolongs one.
  const retired = valid.filter(({ validUntil }) => validUntil === null).map((known): VendorEvent => keyRetired(at, known, until));
  return accept<VendorEvent>({ type: 'KeyAdded', v: 1, at, key }, ...retired);
};

const checkNewKey = (
  key: VendorKey,
  keys: readonly KnownKey[],
  valid: readonly KnownKey[],
  spent: readonly string[],
): Check<VendorRejection> => {
  if (valid.some((known) => known.key.id === key.id)) return reject('key-in-use', `Another key has the id ${key.id}.`);
  const [id, part] = namesIn(traceOf(key));
  const known = [...spent, ...keys.map((each) => traceOf(each.key))].map(namesIn);
  if (known.some(([other]) => other === id)) return reject('key-in-use', `The key ${key.id} was retired, and no key comes back.`);
  if (part !== undefined && known.some(([, other]) => other === part))
    return reject('key-in-use', 'This public key is known, or was once, under another id.', '/publicKey');
  if (valid.length >= KEYS_MAX)
    return reject('too-many-keys', `${KEYS_MAX} keys count already; retire one, or wait until one has run out.`);
  if (keys.length + spent.length >= KEYS_EVER_MAX)
    return reject('too-many-keys', `A vendor has at most ${KEYS_EVER_MAX} keys in its life.`);
  return PASSED;
};

const retireKey = ({ at, keyId }: RetireKey, { vendor, keys, spent }: VendorState): Decided => {
  if (vendor === null) return reject('no-such-vendor', 'There is no such vendor; add it first.');
  const known = keys.find(({ key }) => key.id === keyId);
  if (known === undefined) {
    const isSpent = spent.some((trace) => namesIn(trace)[0] === keyId);
    return isSpent ? nothing : reject('no-such-key', `${vendor} has no key ${keyId}.`);
  }
  return isValid(known, at) ? accept(keyRetired(at, known, at)) : nothing;
};

const keyRetired = (at: string, { key }: KnownKey, validUntil: string): VendorEvent => ({
  type: 'KeyRetired',
  v: 1,
  at,
  key: key.id,
  validUntil,
});

const publicPart = (key: VendorKey): string | undefined => (key.scheme === 'v1a' ? key.publicKey : undefined);

const TRACE_CHARS = 24;

/** The id of a key, and enough of a public key to know it again under another id. */
const traceOf = (key: VendorKey): string => [key.id, publicPart(key)?.slice(0, TRACE_CHARS) ?? []].flat().join(' ');

const namesIn = (trace: string): readonly string[] => trace.split(' ');

const isSame = (a: VendorKey, b: VendorKey): boolean => a.id === b.id && a.scheme === b.scheme && publicPart(a) === publicPart(b);

const problemOf = (schema: z.ZodType, value: unknown, pointer = ''): Problem | undefined => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return undefined;
  const first = problemsOf(parsed.error)[0];
  return { pointer: `${pointer}${first?.pointer ?? ''}`, detail: first?.detail ?? 'is not valid' };
};

export const vendorDecider: Decider<VendorCommand, VendorState, VendorEvent, VendorRejection> = {
  initialState: initialVendorState,
  decide,
  evolve: evolveVendor,
};
