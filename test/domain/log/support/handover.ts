import { formatNote, formatVerifierKey, handoverText, signText } from '../../../../domain/log/note.ts';
import type { TestKey } from './keys.ts';

export const AT = '2026-05-01T12:00:00.000Z';
export const UNTIL = '2026-05-31T12:00:00.000Z';

/** Returns a handover whose note the given keys sign. */
export const announced = (from: TestKey, to: TestKey, signers: readonly TestKey[] = [from, to], at = AT) => {
  const text = handoverText({ by: from.key, key: to.key, until: UNTIL });
  const signatures = signers.map(({ key, sign }) => signText(text, key, sign));
  const note = Buffer.from(formatNote({ text, signatures })).toString('utf8');
  return {
    at,
    by: formatVerifierKey(from.key),
    key: formatVerifierKey(to.key),
    until: UNTIL,
    note,
  };
};
