import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import type { CheckedLog } from './check.ts';

/** Returns lines on the log's keys, from the pinned key's point of view. */
export const lifeLines = (pinned: VerifierKey, { checkpoint, replay }: CheckedLog): readonly string[] => {
  const own = formatVerifierKey(pinned);
  const { handovers } = replay.life;
  return [
    ...handovers
      .filter(({ by }) => by === own)
      .map(({ key, until }) => {
        const signs = checkpoint.cosignatures([parseVerifierKey(key)]).length > 0;
        return `the pinned key counts until ${until}; it vouches for the next one, which ${signs ? 'signed this checkpoint too' : 'has not signed yet'}; pin that one: ${key}`;
      }),
    ...handovers
      .filter(({ key }) => key === own)
      .map(({ by, at }) => `the pinned key was announced at ${at} by the key before it: ${by}`),
  ];
};

/** Returns the log's key rotations as JSON. */
export const lifeJson = ({ replay: { life } }: CheckedLog) => ({
  handovers: life.handovers.map(({ at, by, key, until }) => ({ at, by, key, until })),
});
