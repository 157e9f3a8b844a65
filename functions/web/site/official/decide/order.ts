import type { DecisionRequest } from '../../../../../domain/feature/decisionToSign.ts';
import type { Together } from '../../../../../domain/feature/events.ts';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { termsDigest } from '../../../../../domain/feature/terms.ts';
import { isVoid } from '../../../../../domain/feature/view.ts';
import type { Assertion } from '../../../../../domain/kernel/assertion.ts';
import { canonical, digestOf } from '../../../../../domain/kernel/canonical.ts';
import { jsonOf } from '../../../../../domain/kernel/json.ts';
import {
  type FeatureOrder,
  type FeatureRequest,
  orderFeature,
  sharedCommandId,
  withoutCommit,
} from '../../../../gate/feature.ts';
import { isNamed, keepText, nameText, removeText } from '../../../../gate/redactions.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import type { ProblemCode } from '../../../http/problems.ts';
import type { LinkDeps } from '../../deps.ts';
import { type DecideLink, noteLinkUse, type RollbackLink } from '../../links.ts';
import { type Act, certificatesOf, MEETING, meetingOf, type OfficialForm, type Situation } from './situation.ts';

interface CommittedText {
  readonly text: string;
  readonly place: string;
  readonly comment: string | null;
}

const commitAt = ({ keys }: LinkDeps, place: string, text: string): CommittedText => ({
  text,
  place,
  comment: text === '' ? null : nameText(keys.textKey, place, text),
});

/** `corrected`: the record that a form corrects. It distinguishes acts that set a record back to an earlier state. */
export const commitText = (deps: LinkDeps, link: DecideLink, text: string, corrected = ''): CommittedText =>
  commitAt(deps, `${changeId(link.key, link.n)}/${link.requirement}/${link.holder}${corrected && `/${corrected}`}`, text);

export const commitRollbackReason = (deps: LinkDeps, link: RollbackLink, text: string): CommittedText =>
  commitAt(deps, `${changeId(link.key, link.n)}/rollback/${link.body}/${link.holder}`, text);

const storeText = async ({ ports, keys }: LinkDeps, { text, place }: CommittedText): Promise<void> => {
  if (text !== '') await keepText(ports, keys.textKey, place, text);
};

/**
 * Stores a text before running the command that names it, since a lost text could not be restored. After a refusal the text is removed,
 * unless an event names it: the same form may have been recorded before or meanwhile. For the same reason a recorded text is stored once
 * more. A crash leaves a text that no page shows.
 */
export const withText = async <T extends { readonly ok: boolean }>(
  deps: LinkDeps,
  link: Pick<DecideLink, 'key'>,
  committed: CommittedText,
  command: () => Promise<T>,
): Promise<T> => {
  await storeText(deps, committed);
  const ordered = await command();
  const { comment } = committed;
  if (comment === null) return ordered;
  if (ordered.ok) {
    await storeText(deps, committed);
    return ordered;
  }
  const isUnnamed = async (): Promise<boolean> => (await ifReadable(isNamed(deps.ports.store, link.key, comment))) === false;
  if (!(await isUnnamed())) return ordered;
  await removeText(deps.ports, comment);
  if (!(await isUnnamed())) await storeText(deps, committed);
  return ordered;
};

export const recordAct = <T extends { readonly ok: boolean }>(
  deps: LinkDeps,
  link: DecideLink | RollbackLink,
  committed: CommittedText,
  command: () => Promise<T>,
): Promise<T> => noteLinkUse(deps, link, withText(deps, link, committed, command));

/** `isRecorded`: an earlier act already recorded it. */
export type Ordered =
  | { readonly ok: true; readonly isRecorded?: true }
  | {
      readonly ok: false;
      readonly rejection: { readonly code: ProblemCode; readonly detail: string; readonly pointer?: string };
    };

export const refuse = (code: ProblemCode, detail: string, pointer?: string): Ordered => ({
  ok: false,
  rejection: { code, detail, ...(pointer !== undefined && { pointer }) },
});

const RECORDED: Ordered = { ok: true, isRecorded: true };

export const formId = (form: object): string => digestOf(canonical(jsonOf(form))).slice('sha256:'.length);

/** Returns a command whose id is derived from the form, so that sending the form twice is one command. */
const commandOf = (link: DecideLink, request: FeatureRequest, shared = false): FeatureOrder => {
  const commandId = `form/${formId({ link, request })}`;
  return {
    key: link.key,
    commandId: shared ? sharedCommandId(commandId) : commandId,
    actor: `holder:${link.holder}`,
    request,
  };
};

export const submitForm = async (
  { ports }: LinkDeps,
  link: DecideLink,
  request: FeatureRequest,
  shared?: boolean,
): Promise<Ordered> => {
  const done = await orderFeature(ports, commandOf(link, request, shared));
  return done.ok ? { ok: true } : { ok: false, rejection: done.rejection };
};

const checkCurrent = (
  { link, latest }: Situation,
  { revision, digest }: { readonly revision: number; readonly digest: string },
): Ordered => {
  if (latest.revision !== link.revision)
    return refuse('stale', `the latest is revision ${latest.revision}, this link is for revision ${link.revision}`, '/revision');
  if (revision !== latest.revision)
    return refuse('stale', `the latest is revision ${latest.revision}, this form names revision ${revision}`, '/revision');
  return digest === latest.digest
    ? { ok: true }
    : refuse('stale', `revision ${latest.revision} has another digest than the form names`, '/digest');
};

const certificateOf = (situation: Situation, named: string): string =>
  named || (situation.view.confirmation?.certificate ?? certificatesOf(situation).at(-1)?.act ?? '');

/** Returns the person's acts that the form may repeat: no signature followed by another, and nothing about another certificate. */
const repeatable = (situation: Situation, form: OfficialForm): readonly Act[] => {
  const { mine, view } = situation;
  const certificate = certificateOf(situation, form.certificate);
  return mine.filter((act) => {
    if (isVoid(view, act)) return false;
    if (act.type === 'SignatureGiven') return act === mine.at(-1);
    return act.type !== 'ConfirmationGiven' || act.certificate === certificate;
  });
};

const isSameAct = (act: Act, form: OfficialForm, comment: string | null): boolean => {
  if (act.comment !== comment) return false;
  if ('terms' in act && termsDigest(act.terms) !== termsDigest(form.terms)) return false;
  if (act.type !== 'VoteCertified') return form.kind === 'decision' && 'decision' in act && act.decision === form.decision;
  if (form.kind !== 'certificate' || act.purpose !== form.purpose) return false;
  if (act.roll.some(({ seat, vote }) => form.votes[seat] !== vote)) return false;
  return MEETING.every((name) => act[name] === form[name]);
};

const isCorrection = (form: OfficialForm): boolean => form.kind === 'certificate' && form.purpose === 'correct';

const commitFormText = (deps: LinkDeps, situation: Situation, form: OfficialForm): CommittedText => {
  const { link, view } = situation;
  const correcting = (act = '') => commitText(deps, link, form.comment, act);
  if (!isCorrection(form) || form.certificate !== '') return correcting(isCorrection(form) ? form.certificate : '');
  // A form that names no record corrects the standing one, unless that is this very form, sent before and undisputed.
  const [before, standing] = [undefined, ...certificatesOf(situation)].slice(-2);
  const first = correcting(before?.act);
  const isAgain = standing && view.confirmation?.disputed !== true && isSameAct(standing, form, first.comment);
  return isAgain ? first : correcting(standing?.act);
};

const isOnRecord = (situation: Situation, form: OfficialForm, comment: string | null): boolean =>
  repeatable(situation, form).some((act) => isSameAct(act, form, comment));

/** Answers a take-back form of an earlier refusal: a late copy must not undo the next. A form that names none means the standing one. */
const ofOtherRefusal = ({ mine, view }: Situation, form: OfficialForm, comment: string | null): Ordered | undefined => {
  const named = form.certificate;
  if (form.kind !== 'decision' || form.decision !== 'take-back' || named === '' || named === view.veto?.at) return undefined;
  return mine.some((act, index) => mine[index - 1]?.at === named && isSameAct(act, form, comment))
    ? RECORDED
    : refuse('nothing-to-take-back', 'the refusal that this form names does not stand');
};

/** Answers a correction of a record that is no longer the standing one: its clerk has not seen that one. */
const ofOtherRecord = (situation: Situation, form: OfficialForm): Ordered | undefined => {
  if (!isCorrection(form) || form.certificate === '' || form.certificate === certificatesOf(situation).at(-1)?.act)
    return undefined;
  return refuse('stale', 'another record stands now than the one that this form corrects', '/certificate');
};

const INSTRUMENT_REQUESTS = { ballots: 'ballot', advice: 'advise', signature: 'sign', certification: 'sign' } as const;

const requestOf = (situation: Situation, form: OfficialForm, comment: string | null): DecisionRequest => {
  const { link, requirement, view } = situation;
  const { revision, digest, terms, seen, rules } = form;
  const { holder, requirement: id } = link;
  const shown = { ...(seen !== undefined && { seen }), ...(rules !== undefined && { rules }) };
  const common = { change: link.n, revision, digest, requirement: id, holder, comment, terms, ...shown };
  if (form.kind === 'decision') {
    const { decision } = form;
    if (decision === 'take-back') return { type: 'sign', ...common, decision };
    if (decision !== 'confirm' && decision !== 'dispute')
      return { type: INSTRUMENT_REQUESTS[requirement?.instrument ?? 'signature'], ...common, decision };
    const certificate = certificateOf(situation, form.certificate);
    return { type: 'confirm', ...common, terms: view.terms ?? terms, decision, certificate };
  }
  const { purpose, votes, refusal } = form;
  return { type: 'certify', ...common, purpose, votes, ...(refusal !== undefined && { refusal }), ...meetingOf(form) };
};

/** Returns the request that {@link orderDecision} submits; undefined if it is already recorded. */
export const decisionRequestFor = async (
  deps: LinkDeps,
  situation: Situation,
  form: OfficialForm,
): Promise<DecisionRequest | undefined> => {
  const { comment } = commitFormText(deps, situation, form);
  return isCorrection(form) && isOnRecord(situation, form, comment) ? undefined : requestOf(situation, form, comment);
};

export type DecisionProof = ({ readonly enrolled: boolean } | { readonly assertion: Assertion }) & {
  readonly together?: Together;
};

/** Rejections after which the form may have been carried out before: the state keeps only the latest acts, the view keeps all. */
const AFTER_THE_FACT: readonly ProblemCode[] = [
  'closed',
  'already-decided',
  'vetoed',
  'not-vetoed',
  'nothing-to-confirm',
  'not-in-office',
];

interface Way {
  readonly submit: (request: FeatureRequest) => Promise<Ordered>;
  readonly withText: (committed: CommittedText, decide: () => Promise<Ordered>) => Promise<Ordered>;
}

const decideBy = async (
  deps: LinkDeps,
  situation: Situation,
  form: OfficialForm,
  proof: DecisionProof,
  way: Way,
): Promise<Ordered> => {
  const current = checkCurrent(situation, form);
  if (!current.ok) return current;
  const committed = commitFormText(deps, situation, form);
  const other = ofOtherRefusal(situation, form, committed.comment);
  if (other !== undefined) return other;
  // The state forgets early acts: it would take a correction from before later ones for a new one.
  if (isCorrection(form) && isOnRecord(situation, form, committed.comment)) return RECORDED;
  const replaced = ofOtherRecord(situation, form);
  if (replaced !== undefined) return replaced;
  const { holds } = situation;
  const request = { ...requestOf(situation, form, committed.comment), ...proof };
  return way.withText(committed, async () => {
    const decided = holds
      ? await way.submit(request)
      : refuse('not-in-office', 'the person of this link does not hold its seat today');
    if (decided.ok || !AFTER_THE_FACT.includes(decided.rejection.code)) return decided;
    return isOnRecord(situation, form, committed.comment) ? RECORDED : decided;
  });
};

/** Submits a decision. `shared`: the form decides several changes. */
export const orderDecision = (
  deps: LinkDeps,
  situation: Situation,
  form: OfficialForm,
  proof: DecisionProof,
  shared?: boolean,
): Promise<Ordered> => {
  const { link } = situation;
  return decideBy(deps, situation, form, proof, {
    submit: (request) => submitForm(deps, link, request, shared),
    withText: (committed, decide) => recordAct(deps, link, committed, decide),
  });
};

/** Decides like {@link orderDecision} on the same state, but stores nothing, not even the text. */
export const tryDecision = (deps: LinkDeps, situation: Situation, form: OfficialForm, proof: DecisionProof): Promise<Ordered> =>
  decideBy(deps, situation, form, proof, {
    submit: async (request) => {
      const tried = await withoutCommit(deps.ports, commandOf(situation.link, request));
      if (tried === undefined) return { ok: true };
      return tried.ok ? RECORDED : { ok: false, rejection: tried.rejection };
    },
    withText: (_, decide) => decide(),
  });
