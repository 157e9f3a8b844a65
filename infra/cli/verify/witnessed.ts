import { LogError } from '../../../domain/log/errors.ts';
import type { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import { CommandRefused } from '../../local/errors.ts';
import { WrongUsage } from '../usage.ts';

/** The witnesses whose cosignatures are required, and how many of them. */
export interface Demanded {
  readonly keys: readonly VerifierKey[];
  readonly quorum: number;
}

const witnessKey = (vkey: string): VerifierKey => {
  try {
    const key = parseVerifierKey(vkey.trim());
    if (key.type === 4) return key;
  } catch (error) {
    if (error instanceof LogError) throw new WrongUsage(`--witness: ${error.message}`);
    throw error;
  }
  throw new WrongUsage('--witness: is not the key of a witness');
};

/** Reads `--witness VKEY[,VKEY]` and `--quorum N`; without a number all of them must have cosigned. */
export const demandedWitnesses = (witness: string | undefined, quorum: string | undefined): Demanded => {
  const keys = witness === undefined ? [] : witness.split(',').map(witnessKey);
  const number = quorum === undefined ? keys.length : Number(quorum);
  if (!Number.isInteger(number) || number < 0 || number > keys.length)
    throw new WrongUsage(`--quorum is a number from 0 to ${keys.length}, that of the witnesses given`);
  return { keys, quorum: number };
};

/** Returns which witnesses cosigned, and when. Throws CommandRefused below the quorum, LogError for an invalid cosignature. */
export const witnessedLines = (checkpoint: SignedCheckpoint, { keys, quorum }: Demanded): readonly string[] => {
  const found = checkpoint.cosignatures(keys);
  if (found.length < quorum)
    throw new CommandRefused(
      `does not verify: ${found.length} of the ${keys.length} witnesses cosigned this checkpoint, ${quorum} are asked for`,
    );
  return found.map(({ key, time = 0 }) => `cosigned by ${key.name} at ${new Date(time * 1_000).toISOString()}`);
};
