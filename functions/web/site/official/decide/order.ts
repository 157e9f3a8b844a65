import { isDeepStrictEqual } from 'node:util';
import type { DecisionRequest } from '../../../../../domain/feature/decisionToSign.ts';
import { termsDigest } from '../../../../../domain/feature/terms.ts';
import type { Assertion } from '../../../../../domain/kernel/assertion.ts';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../../domain/kernel/digest.ts';
import { jsonOf } from '../../../../../domain/kernel/json.ts';
import { type FeatureRequest, orderFeature } from '../../../../gate/feature.ts';
import type { ProblemCode } from '../../../http/problems.ts';
import type { SiteDeps } from '../../deps.ts';
import type { DecideLink } from '../../links/link.ts';
import { type OfficialTexts, officialTextsOf, withText } from './officialTexts.ts';
import type { ReadCertificate, ReadDecision, ReadRevocation } from './read.ts';
import type { Act, Situation } from './situation.ts';

/** How a form ends: carried out (or known already), or refused with the reason. */
export type Ordered =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly rejection: { readonly code: ProblemCode; readonly detail: string; readonly pointer?: string };
    };

const refuse = (code: ProblemCode, detail: string, pointer?: string): Ordered => ({
  ok: false,
  rejection: { code, detail, ...(pointer !== undefined && { pointer }) },
});

/** One form is one command: sent twice it has one id. */
const order = async ({ ports }: SiteDeps, link: DecideLink, request: FeatureRequest): Promise<Ordered> => {
  const commandId = `form/${digestOf(canonical(jsonOf({ link, request }))).slice('sha256:'.length)}`;
  const done = await orderFeature(ports, { key: link.key, commandId, actor: `holder:${link.holder}`, request });
  return done.ok ? { ok: true } : { ok: false, rejection: done.rejection };
};

/** A link binds its person to one wording: what the form names must be that, and it must be the one that stands. */
const boundWording = (
  { link, latest }: Situation,
  { revision, digest }: { revision: number; digest: string },
): Ordered | undefined => {
  if (latest.revision !== link.revision)
    return refuse(
      'stale',
      `the wording is now revision ${latest.revision}, this link is for revision ${link.revision}`,
      '/revision',
    );
  if (revision !== latest.revision)
    return refuse('stale', `the wording is now revision ${latest.revision}, this form names revision ${revision}`, '/revision');
  return digest === latest.digest
    ? undefined
    : refuse('stale', `the words of revision ${latest.revision} have another digest`, '/digest');
};

const sameVotes = (act: Extract<Act, { type: 'VoteCertified' }>, votes: Readonly<Record<string, string>>): boolean =>
  act.roll.every(({ seat, vote }) => votes[seat] === vote);

/** What a form is refused with that was carried out before, once the state, which knows the latest acts, has forgotten it; the view knows all. */
const AFTER_THE_FACT: readonly ProblemCode[] = ['closed', 'already-decided', 'vetoed', 'not-vetoed', 'not-in-office'];

const sameAct = (act: Act, read: ReadDecision | ReadCertificate, comment: string | null): boolean => {
  if (act.comment !== comment) return false;
  if (act.type !== 'AdviceGiven' && termsDigest(act.terms) !== termsDigest(read.terms)) return false;
  if (act.type !== 'VoteCertified') return 'decision' in read && act.decision === read.decision;
  if (!('purpose' in read) || act.purpose !== read.purpose || !sameVotes(act, read.votes)) return false;
  const { fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 } = read;
  return isDeepStrictEqual(
    [act.fileNumber, act.meetingDate, act.mover, act.seconder, act.minutesUrl, act.minutesSha256],
    [fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256],
  );
};

type Corrected = Extract<Act, { type: 'VoteCertified' }>;

/** The corrections of this vote on these words so far, by whomever, oldest first. */
const correctionsOf = ({ view, link, latest }: Situation): readonly Corrected[] =>
  view.acts.filter(
    (act): act is Corrected & { readonly version: number } =>
      act.type === 'VoteCertified' &&
      act.purpose === 'correct' &&
      act.requirement === link.requirement &&
      act.revision === latest.revision,
  );

/** The commitment of a form's text; `done` for one that is the correction recorded last, sent again. */
const committed = (deps: SiteDeps, situation: Situation, read: ReadDecision | ReadCertificate): OfficialTexts | 'done' => {
  const { link } = situation;
  if (!('purpose' in read) || read.purpose !== 'correct') return officialTextsOf(deps, link, read.comment, 0);
  const corrections = correctionsOf(situation);
  const last = corrections.at(-1);
  const again = last?.holder === link.holder ? officialTextsOf(deps, link, read.comment, corrections.length - 1).comment : null;
  if (last !== undefined && again !== null && sameAct(last, read, again)) return 'done';
  return officialTextsOf(deps, link, read.comment, corrections.length);
};

const requestOf = (situation: Situation, read: ReadDecision | ReadCertificate, comment: string | null): DecisionRequest => {
  const { link, requirement } = situation;
  const { revision, digest, terms } = read;
  const common = { change: link.n, revision, digest, requirement: link.requirement, holder: link.holder, terms, comment };
  if ('purpose' in read) {
    const { purpose, fileNumber, meetingDate, mover, seconder, votes, minutesUrl, minutesSha256 } = read;
    return { type: 'certify', ...common, purpose, fileNumber, meetingDate, mover, seconder, votes, minutesUrl, minutesSha256 };
  }
  const type = requirement?.instrument === 'ballots' ? 'ballot' : requirement?.instrument === 'advice' ? 'advise' : 'sign';
  return { type, ...common, decision: read.decision };
};

/** The request that a form makes, for a passkey to sign: the very one that {@link orderDecision} sends. Undefined: it is done already. */
export const requestFor = async (
  deps: SiteDeps,
  situation: Situation,
  read: ReadDecision | ReadCertificate,
): Promise<DecisionRequest | undefined> => {
  const text = committed(deps, situation, read);
  return text === 'done' ? undefined : requestOf(situation, read, text.comment);
};

/** With what a decision comes: the assertion of a passkey, or only the knowledge whether its holder has one. */
export type Proof = { readonly enrolled: boolean } | { readonly assertion: Assertion };

/** Carries out what a signer, a member, an adviser or a clerk decided. */
export const orderDecision = async (
  deps: SiteDeps,
  situation: Situation,
  read: ReadDecision | ReadCertificate,
  proof: Proof,
): Promise<Ordered> => {
  const stale = boundWording(situation, read);
  if (stale !== undefined) return stale;
  const text = committed(deps, situation, read);
  if (text === 'done') return { ok: true };
  return withText(deps, situation.link, text, () => decided(deps, situation, read, proof, text.comment));
};

const decided = async (
  deps: SiteDeps,
  situation: Situation,
  read: ReadDecision | ReadCertificate,
  proof: Proof,
  comment: string | null,
): Promise<Ordered> => {
  const ordered = situation.holds
    ? await order(deps, situation.link, { ...requestOf(situation, read, comment), ...proof })
    : refuse('not-in-office', 'the person of this link does not hold its seat today');
  const known =
    !ordered.ok && AFTER_THE_FACT.includes(ordered.rejection.code) && situation.mine.some((act) => sameAct(act, read, comment));
  return known ? { ok: true } : ordered;
};

/** Switches the feature off. A link of an older wording is no longer good for it. */
export const orderRevocation = async (
  deps: SiteDeps,
  situation: Situation,
  { reason, fileNumber }: ReadRevocation,
): Promise<Ordered> => {
  const { link, latest, revocation, requirement, holds } = situation;
  if (latest.revision !== link.revision)
    return refuse('stale', `the wording is now revision ${latest.revision}; a new link was mailed`);
  const officialTexts = officialTextsOf(deps, link, reason, 0);
  const { comment: committed } = officialTexts;
  if (revocation !== undefined && revocation.reason === committed && revocation.fileNumber === fileNumber) return { ok: true };
  if (requirement === undefined || requirement.instrument === 'advice')
    return refuse('may-not-revoke', 'only a body that had to approve can switch this off');
  if (!holds) return refuse('may-not-revoke', 'the person of this link does not hold its seat today');
  return withText(deps, link, officialTexts, () =>
    order(deps, link, {
      type: 'revoke',
      change: link.n,
      requirement: link.requirement,
      holder: link.holder,
      reason: committed,
      fileNumber,
    }),
  );
};
