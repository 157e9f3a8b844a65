import { join } from 'node:path';
import { askForEveryone } from '../../functions/gate/renewals.ts';
import { privateLinesIn } from '../../functions/log/privateFile.ts';
import {
  BadPrivatePart,
  type CopiedKeys,
  privatePart,
  readPrivatePart,
  writePrivatePart,
} from '../../functions/log/privatePart.ts';
import { AgeError } from '../../functions/platform/age.ts';
import { CommandRefused } from './errors.ts';
import type { Installation } from './installation.ts';
import { movedKeys, takeMovedKeys } from './secrets.ts';

/** The file of a private part, and the one of the identity that it is encrypted to. */
export interface PrivateSource {
  readonly file: string;
  readonly identity: string | undefined;
}

const keysPath = ({ settings }: Installation): string => join(settings.data, 'keys.json');

/** Yields the private part of an installation. */
export const privateText = (installation: Installation): AsyncIterable<string> =>
  privatePart(installation.ports.sideStore, movedKeys(keysPath(installation)));

const refusing = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BadPrivatePart || error instanceof AgeError) throw new CommandRefused(error.message);
    throw error;
  }
};

/** Reads all of a private part and returns its keys. Throws CommandRefused for what is none. */
export const readPrivateKeys = ({ file, identity }: PrivateSource): Promise<CopiedKeys> =>
  refusing(async () => (await readPrivatePart(privateLinesIn(file, identity))).keys);

/**
 * Imports a private part, behind the commits that belong to it. Its keys take effect at the next start. The keys for MACs stay this installation's
 * own, and so does that for links if the part has none: then everyone is mailed new links. May be repeated.
 */
export const importPrivate = (installation: Installation, { file, identity }: PrivateSource): Promise<void> =>
  refusing(async () => {
    const { keys } = await writePrivatePart(installation.ports.sideStore, privateLinesIn(file, identity));
    if (keys.link === undefined) await askForEveryone(installation.ports);
    takeMovedKeys(keysPath(installation), keys);
  });
