import { featureStream } from '../../domain/feature/keys.ts';
import type { Consumer } from '../platform/feed/consumer.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { getRegister, putRegister, type RegisterDoc } from './docs.ts';
import { emptyRegister } from './fold.ts';
import type { ProjectorPorts } from './snapshot.ts';
import { putChanges, snapshotOf } from './snapshot.ts';

/** The name of the projector as a consumer: of its marks, and of its place in the feed. */
export const PROJECTOR = 'projector';

const PREFIX = featureStream('');

/** Reports whether a stream belongs in the register. */
export const isFeatureStream = (stream: string): boolean => stream.startsWith(PREFIX) && stream.length > PREFIX.length;

/** Returns the key of the feature that a stream holds. */
export const featureOf = (stream: string): string => stream.slice(PREFIX.length);

/** Marks a feature as unreadable, so that lists show that instead of what it once was. */
const markUnreadable = async ({ sideStore }: ProjectorPorts, key: string): Promise<void> => {
  const known = (await getRegister(sideStore, key)) ?? emptyRegister(key);
  if (!known.unreadable) await putRegister(sideStore, { ...known, unreadable: true });
};

/**
 * Brings the stored read model of a feature up to its head, and returns its register document; undefined if the feature has no
 * commit or cannot be read. Changes are written before the register: a crash in between repeats a fold, which changes nothing.
 */
export const catchUp = async (ports: ProjectorPorts, key: string): Promise<RegisterDoc | undefined> => {
  try {
    const snapshot = await snapshotOf(ports, key);
    if (snapshot === undefined) return undefined;
    if (snapshot.dirty) {
      await putChanges(ports.sideStore, snapshot);
      await putRegister(ports.sideStore, snapshot.register);
    }
    return snapshot.register;
  } catch (error) {
    if (!(error instanceof CorruptStore)) throw error;
    await markUnreadable(ports, key);
    return undefined;
  }
};

/** Projects one stream: a feature is brought up to its head, any other stream is ignored. */
export const project = async (ports: ProjectorPorts, stream: string): Promise<void> => {
  if (isFeatureStream(stream)) await catchUp(ports, featureOf(stream));
};

/** Returns the projector as a consumer of the feed. The register keeps versions of its own, so handling a commit twice costs two reads. */
export const projector = (ports: ProjectorPorts): Consumer => ({
  name: PROJECTOR,
  wants: isFeatureStream,
  handle: ({ stream }) => project(ports, stream),
});
