import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { approvedWith, isOvertaken, tookEffect } from '../arrival.ts';
import type { ChangeCommand, DecisionContext, WordsCommand } from '../commands.ts';
import type { FeatureEvent, Provenance } from '../events.ts';
import { lingeringAt } from '../evolve/lingering.ts';
import { documentMark, optOutIn } from '../evolve/words.ts';
import { isEntered, type NoticeFacts } from '../notice.ts';
import { type ChangeState, type FeatureState, findChange, isOpen, openChanges } from '../state.ts';
import { fitsBudget, OPEN_CHANGES_MAX } from '../stateBudget.ts';
import { checkOpen, checkWords, type Decided, type FeatureCheck } from './guard.ts';
import { pin } from './pin.ts';

/** `command` identifies the notice, so that a repeat is recognised. */
export interface Notify extends DecisionContext {
  readonly type: 'notify';
  readonly key: string;
  readonly command: string;
  readonly revises: number | null;
  readonly digest: string;
  readonly notice: NoticeFacts;
  readonly provenance: Provenance;
}

export interface Withdraw extends ChangeCommand {
  readonly type: 'withdraw';
  /** SHA-256 of the withdrawal's raw body. */
  readonly digest: string;
  readonly provenance: Provenance;
}

/** `documents`: those that the notice names; `by`: the credential that sent the bytes. */
export interface AttachDocument extends WordsCommand {
  readonly type: 'attach';
  readonly kind: string;
  readonly title: string;
  readonly sha256: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly by: string;
  readonly documents: NoticeFacts['documents'];
}

const wordingOf = (command: Notify) => {
  const { kind, impact, version } = command.notice;
  return {
    key: command.key,
    kind,
    impact,
    version,
    documents: {},
    entered: isEntered(command.provenance),
    ...optOutIn(command.key, command.notice),
  };
};

const isKnown = (state: FeatureState, command: string): boolean => state.changes.some((change) => change.acts.includes(command));

const announce = (command: Notify, state: FeatureState): Decided => {
  const { at, notice, key, digest, provenance } = command;
  const change = state.count + 1;
  const removal = notice.kind === 'removal';
  const wording = wordingOf(command);
  const pinned = removal ? null : pin(wording, at, command);
  const open = openChanges(state);
  if (!removal && (open.length >= OPEN_CHANGES_MAX || !fitsBudget(state, wording, pinned, command))) {
    return reject(
      'too-many-open',
      `${open.length} changes of this feature are open; another fits when one of them is decided, withdrawn or lapses`,
    );
  }
  const notified: FeatureEvent = {
    type: 'ChangeNotified',
    v: 1,
    at,
    change,
    key,
    command: command.command,
    revision: 1,
    digest,
    notice,
    provenance,
    pinned,
  };
  if (!removal) return accept<FeatureEvent>(notified);
  const effectiveAt = notice.effectiveAt === null || notice.effectiveAt < at ? at : notice.effectiveAt;
  return accept<FeatureEvent>(notified, {
    type: 'FeatureRemoved',
    v: 1,
    at,
    change,
    effectiveAt,
    closes: [...open.map(({ number: n }) => n), change],
  });
};

/**
 * Replaces the words of an open change. Every decision on the old words becomes void, including a veto, and the window restarts.
 */
const revise = (command: Notify, state: FeatureState, n: number): Decided => {
  const change = findChange(state, n);
  if (change === undefined || !isOpen(change)) {
    return n > state.count
      ? reject('unknown-change', `change ${n} does not exist`, '/revises')
      : reject('closed', `change ${n} is not open any more`, '/revises');
  }
  if (change.digest === command.digest && !isOvertaken(state, change, command.at)) return nothing;
  const { at, digest, notice, provenance } = command;
  const wording = wordingOf(command);
  const pinned = pin(wording, at, command);
  const others = { ...state, changes: state.changes.filter((known) => known.number !== n) };
  if (!fitsBudget(others, wording, pinned, command))
    return reject('too-many-open', 'there is no room for the decisions on this revision while so many changes are open');
  return accept<FeatureEvent>({
    type: 'ChangeRevised',
    v: 1,
    at,
    change: n,
    command: command.command,
    revision: change.revision + 1,
    digest,
    notice,
    provenance,
    pinned,
  });
};

/**
 * Returns the open change that a signed notice revises: the newest of the same kind and version that the city entered. An entry without a
 * version matches any.
 */
const enteredBefore = ({ provenance, notice }: Notify, state: FeatureState): number | null =>
  provenance.scheme === null
    ? null
    : (openChanges(state).findLast(
        ({ entered, kind, version }) => entered && kind === notice.kind && (version === null || version === notice.version),
      )?.number ?? null);

/**
 * Records a notice, which never turns anything on. A notice that the city enters only adds a change. Repeating the exact words of an open
 * change, or of an approval in force or waiting, announces nothing new, unless later words overtook them: then they arrive anew.
 */
export const notify = (command: Notify, state: FeatureState): Decided => {
  if (isKnown(state, command.command) || approvedWith(state, command.digest, command.at) !== undefined) return nothing;
  const { notice, provenance } = command;
  if (isEntered(provenance) && command.revises !== null)
    return reject('adds-only', 'what the city enters is a new change; only the vendor revises one', '/revises');
  if (isEntered(provenance) && notice.kind === 'removal')
    return reject('adds-only', 'only the vendor removes a feature; a body that approved it can switch it off', '/kind');
  const again = command.revises === null ? openChanges(state).find(({ digest }) => digest === command.digest) : undefined;
  if (again !== undefined) return isEntered(provenance) ? nothing : revise(command, state, again.number);
  const revises = command.revises ?? enteredBefore(command, state);
  return revises === null ? announce(command, state) : revise(command, state, revises);
};

/**
 * Withdraws a change. If its words have taken effect, even after closing without approval, two named persons must still confirm the
 * rollback.
 */
export const withdraw = ({ at, change: n, digest, provenance }: Withdraw, state: FeatureState): Decided => {
  const change = findChange(state, n);
  if (change?.status === 'withdrawn') return nothing;
  if (n > state.count || n < 1) return reject('unknown-change', `change ${n} does not exist`);
  const lingers = lingeringAt(state, n, at);
  if (lingers?.vendor === 'withdrew') return nothing;
  const isOwed = lingers !== undefined && lingers.vendor !== 'none' && tookEffect(lingers.words, at);
  if (!isOwed && (change === undefined || !isOpen(change)))
    return reject('closed', `change ${n} is closed: it cannot be withdrawn`);
  return accept<FeatureEvent>({ type: 'ChangeWithdrawn', v: 1, at, change: n, digest, provenance });
};

/**
 * If the notice names hashes for a kind of document, an attached one must match. One from the vendor must always match, because the
 * vendor's signature covers the notice only.
 */
const checkNamed = ({ by, kind, sha256, documents }: AttachDocument): FeatureCheck => {
  const hashes = documents.flatMap((each) => (each.kind === kind && each.sha256 !== undefined ? [`sha256:${each.sha256}`] : []));
  if (hashes.includes(sha256) || (hashes.length === 0 && !by.startsWith('vendor:'))) return PASSED;
  return reject(
    'document-refused',
    hashes.length === 0
      ? `the notice names no ${kind} by its hash; the vendor can send a revision that does`
      : `the notice names another ${kind}, ${hashes.join(' or ')}`,
    '/content',
  );
};

/** Attaches a document that the rule requires; its bytes are already stored. Rejected after a body has approved. */
export const attach = (command: AttachDocument, _state: FeatureState, change: ChangeState): Decided => {
  const ready = allOf(checkWords(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const { at, kind, title, sha256, mediaType, bytes, by } = command;
  const known = Object.hasOwn(change.documents, kind) ? change.documents[kind] : undefined;
  if (known === undefined) return reject('document-refused', `the rule for this change asks for no ${kind}`, '/kind');
  if (known === documentMark(sha256)) return nothing;
  if (change.terms !== null) return reject('already-decided', 'a body has decided on the documents that were there');
  const fits = checkNamed(command);
  if (!fits.ok) return fits;
  const { number, revision, digest } = change;
  return accept<FeatureEvent>({
    type: 'DocumentAttached',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    kind,
    title,
    sha256,
    mediaType,
    bytes,
    by,
  });
};
