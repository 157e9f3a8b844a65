import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import type { CheckedLog } from './check.ts';

/** Returns lines on the log's keys, beginning and end, from the pinned key's point of view. */
export const lifeLines = (pinned: VerifierKey, { checkpoint, replay }: CheckedLog): readonly string[] => {
  const own = formatVerifierKey(pinned);
  const { handovers, frozen, continued, lost } = replay.life;
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
    ...(continued === undefined
      ? []
      : [
          `goes on where ${continued.predecessor.origin} ended, at ${continued.predecessor.size} commits, root ${continued.predecessor.root}`,
        ]),
    ...(lost === undefined
      ? []
      : [
          `began at ${lost.at} because the keys of ${lost.lost.origin} were lost, at ${lost.lost.size} commits, root ${lost.lost.root}: what was approved there does not count here; its key was ${lost.lost.key}`,
        ]),
    ...(frozen === undefined
      ? []
      : [`frozen at ${frozen.at}, this was its last commit; it goes on at ${frozen.successor.origin}: ${frozen.successor.key}`]),
  ];
};

/** Returns the log's keys, beginning and end as JSON. */
export const lifeJson = ({ replay: { life } }: CheckedLog) => ({
  handovers: life.handovers.map(({ at, by, key, until }) => ({ at, by, key, until })),
  predecessor: life.continued === undefined ? null : life.continued.predecessor,
  keysLost: life.lost === undefined ? null : { ...life.lost.lost, at: life.lost.at },
  successor: life.frozen === undefined ? null : { ...life.frozen.successor, frozenAt: life.frozen.at },
});
