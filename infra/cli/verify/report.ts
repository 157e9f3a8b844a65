import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../../domain/log/note.ts';
import type { FeatureStanding, LateCommit, SignedCount, TextCount } from '../../../functions/log/verify/replay.ts';
import type { CheckedLog } from './check.ts';

export const lifeLines = (pinned: VerifierKey, { checkpoint, replay }: CheckedLog): readonly string[] => {
  const own = formatVerifierKey(pinned);
  const { handovers } = replay.life;
  return [
    ...handovers
      .filter(({ by }) => by === own)
      .map(({ key, until }) => {
        const signs = checkpoint.cosignatures([parseVerifierKey(key)]).length > 0;
        const how = signs ? 'signed this checkpoint too' : 'has not signed yet';
        return `the pinned key counts until ${until}; it vouches for the next one, which ${how}; pin that one: ${key}`;
      }),
    ...handovers
      .filter(({ key }) => key === own)
      .map(({ by, at }) => `the pinned key was announced at ${at} by the key before it: ${by}`),
  ];
};

export const lifeJson = ({ replay: { life } }: CheckedLog) => ({
  handovers: life.handovers.map(({ at, by, key, until }) => ({ at, by, key, until })),
});

export const noticeLines = ({ notices, rawChecked, replay }: CheckedLog): readonly string[] => {
  const { signed, bySecret, enteredByCity } = notices;
  const raw = rawChecked
    ? `${replay.texts.files === 0 ? '' : 'but for what is withheld '}their raw messages are those of their events, and every v1a signature holds`
    : 'their raw messages were not read: --notices does';
  return [
    `${signed} notices signed by a vendor's public key, ${bySecret} under a shared secret, ${enteredByCity} entered by the city; ${raw}`,
    ...(bySecret === 0 ? [] : ['cannot be checked: v1 signatures, which only the city and the vendor can make or verify']),
  ];
};

/** Names a policy that was approved but not adopted: the rules in force are not those of the vote. */
export const policyLines = ({ replay }: CheckedLog, standings: readonly FeatureStanding[]): readonly string[] => {
  const own = standings.find(({ key, isOn }) => isOn && key === POLICY_KEY);
  const words = replay.change(POLICY_KEY, own?.evaluation.change ?? 0)?.revisions.at(-1)?.notice;
  const sha256 = words?.documents.find(({ kind }) => kind === 'policy')?.sha256;
  return sha256 === undefined || replay.policy === `sha256:${sha256}`
    ? []
    : [`WATCH ${POLICY_KEY}/${own?.evaluation.change} is approved, and the policy that it names is not in force`];
};

export const lateLines = (late: readonly LateCommit[]): readonly string[] =>
  late.map(
    ({ index, stream, version, at, from }) =>
      `LATE entry ${index}: ${stream}@${version} is of ${at} and entered the log later; for past answers it counts from ${from}`,
  );

export const textsLine = ({ commitments, withheld, files }: TextCount): string =>
  `${commitments} texts of officials by commitment, ${withheld} withheld; ${files} notices or documents withheld`;

const DID = { confirmation: 'confirmed', signature: 'signed', ballots: 'voted yes' } as const;

const actLine = (act: FeatureStanding['approvals'][number]): string => {
  const who = `${act.name ?? act.holder} (${act.seat})`;
  const where = act.body ?? act.requirement;
  if (act.instrument === 'certification') {
    const vote = act.yes === undefined ? '' : `: ${act.yes} of ${act.of} yes, ${act.needed} needed`;
    const file = act.fileNumber === undefined ? '' : `, file ${act.fileNumber}`;
    const purpose = act.purpose === undefined || act.purpose === 'adopt' ? '' : `, ${act.purpose}`;
    return `${act.requirement}: vote of ${where} on ${act.meetingDate}${file}${purpose}${vote}; certified by ${who} at ${act.at}`;
  }
  return `${act.requirement}: ${DID[act.instrument]} for ${where} by ${who} at ${act.at}`;
};

export const standingLines = ({ key, evaluation, isOn, audience, since, approvals }: FeatureStanding): readonly string[] => {
  const { change, revision, digest, effectiveUntil: until, conditions, variant, because } = evaluation;
  if (!isOn) return [`OFF ${key} (${variant}): ${because}`];
  return [
    `ON  ${key} since ${since}${until === null ? '' : ` until ${until}`}${audience === null ? '' : `, for ${audience.join(', ')} only`}`,
    `      change ${key}/${change}, revision ${revision}, ${digest}`,
    ...approvals.map((act) => `      ${actLine(act)}`),
    ...conditions.map((condition) => `      condition: ${condition}`),
  ];
};

export const standingJson = ({ key, title, evaluation, isOn, audience, since, approvals }: FeatureStanding) => ({
  key,
  title,
  enabled: isOn,
  status: evaluation.variant,
  because: evaluation.because,
  change: evaluation.change === null ? null : `${key}/${evaluation.change}`,
  revision: evaluation.revision,
  digest: evaluation.digest,
  since,
  validUntil: evaluation.validUntil,
  effectiveUntil: evaluation.effectiveUntil,
  audience,
  conditions: evaluation.conditions,
  approvals,
});

export const passkeyLines = ({ decisions, signed, keys, gates }: SignedCount): readonly string[] =>
  signed === 0
    ? []
    : [
        `${signed} of ${decisions} decisions signed with passkeys, ${keys} keys, at ${gates.join(' and ')}; every signature holds`,
      ];
