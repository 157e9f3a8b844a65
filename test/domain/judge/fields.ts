import { ACTS, poolOf, Sample, withOtherFields, withOtherFrames } from './mutants/fields.ts';
import type { Original } from './mutants/original.ts';

/** The check that binds a field of an event. */
export type Bound = 'judged' | 'signed by a passkey' | 'signed by the vendor' | 'claimed by the gate';

/** Fields of a decision that its passkey signs, if one is required, beyond those the judge checks itself. */
const DECISIONS = ['VoteCertified', 'SignatureGiven', 'BallotCast', 'AdviceGiven', 'ConfirmationGiven', 'RollbackConfirmed'];
const SIGNED_BY_PASSKEY = ['seat', 'roll', ...DECISIONS.flatMap((type) => ACTS[type]?.[1].split(' ') ?? [])];
/** Fields of a notice that follow from its public raw bytes and the vendor's signature over them. */
const WORDINGS = ['ChangeNotified', 'ChangeRevised'];
const SIGNED_BY_VENDOR = /^(?:notice(?:\..*)?|digest|provenance\.message|signed(?:\..*)?)$/;

const boundOf = (field: string) => {
  const [type = '', ...rest] = field.split('.');
  const name = rest.join('.');
  if (DECISIONS.includes(type) && SIGNED_BY_PASSKEY.includes(rest[0] ?? '')) return 'signed by a passkey';
  const byVendor =
    WORDINGS.includes(type) || type === 'ChangeWithdrawn' || (type === 'ObservationRecorded' && name.startsWith('signed'));
  return byVendor && SIGNED_BY_VENDOR.test(name) ? 'signed by the vendor' : 'claimed by the gate';
};

/**
 * Returns every field in these logs with what binds it, and the number of mutated logs; `every`: which events are
 * changed ({@link Sample}).
 */
export const fieldsBound = (
  logs: readonly Original[],
  every: number,
): { readonly mutants: number; readonly fields: ReadonlyMap<string, Bound> } => {
  const sample = new Sample(every);
  const pool = poolOf(logs.map(({ log }) => log));
  const fields = new Map<string, Bound>();
  let mutants = 0;
  for (const original of logs)
    for (const mutantsOf of [withOtherFrames, withOtherFields])
      for (const mutant of mutantsOf(original, sample, pool)) {
        mutants += 1;
        const known = fields.get(mutant.field);
        if (known !== undefined && known !== 'judged') continue;
        fields.set(mutant.field, original.stands(mutant) ? boundOf(mutant.field) : 'judged');
      }
  return { mutants, fields };
};
