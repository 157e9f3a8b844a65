import { isForced } from '../arrival.ts';
import type { EventOf, Pinned } from '../events.ts';
import { isEntered, isMaintenance, packImpact } from '../notice.ts';
import { canOptOut, packOptOut, runsBySilence } from '../optOut.ts';
import { personOf } from '../persons.ts';
import type { ChangeState, FeatureState, Pin } from '../state.ts';
import { ACTS_MAX, documentsAsked, openAll } from './edit.ts';
import { wordsAfter } from './forced.ts';

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

export const withPin = (state: FeatureState, pinned: Pinned | null): FeatureState =>
  pinned === null ? state : { ...state, pins: { ...state.pins, [pinName(pinned)]: pinOf(pinned) } };

const pinOf = ({ require, term, passkeys }: Pinned): Pin => ({ require, term, ...(passkeys !== undefined && { passkeys }) });

export const pinName = (pinned: Pinned): string => `${pinned.policy}/${pinned.rule}`;

/** `documents`: those attached to the revision already. */
export const pinFields = (pinned: Pinned | null, documents: ChangeState['documents']) => ({
  pin: pinned === null ? null : pinName(pinned),
  documents: documentsAsked(pinned, documents),
  from: pinned?.from ?? null,
  closesAt: pinned?.closesAt ?? null,
  requirements: openAll({}, pinned?.opens ?? []),
});

const claimsMaintenance = ({ notice, provenance }: Worded, { contest }: FeatureState): boolean =>
  provenance.scheme !== null && isMaintenance(notice) && contest === null;

const effectOfWording = ({ notice, at }: Worded): string =>
  notice.effectiveAt === null || notice.effectiveAt < at ? at : notice.effectiveAt;

/** Of a notice, while nothing is recorded. */
export const optOutIn = (key: string, notice: Worded['notice']): Pick<ChangeState, 'optOut'> => {
  if (!canOptOut(key, notice)) return {};
  const blank = { stands: null, evidence: false, confirmed: [] };
  return {
    optOut: packOptOut({ ...blank, by: notice.optOutBy, silent: runsBySilence(notice), dated: notice.effectiveAt !== null }),
  };
};

const timing = (event: Worded, before: ChangeState | undefined, arrival: number, state: FeatureState) => {
  const { notice } = event;
  const [effect, maintenance] = [effectOfWording(event), claimsMaintenance(event, state)];
  const key = event.type === 'ChangeNotified' ? event.key : (state.key ?? '');
  const words = wordsAfter(event, before?.words ?? [], { arrival, effect, maintenance }, key);
  return { forced: isForced(notice), effect, maintenance, words, ...optOutIn(key, notice) };
};

/** Nothing is decided yet, and no opt-out recorded. Earlier notices are still recognised when repeated. */
export const worded = (event: Worded, before: ChangeState | undefined, arrival: number, state: FeatureState): ChangeState => ({
  number: event.change,
  revision: event.revision,
  arrival,
  digest: event.digest,
  status: 'pending',
  kind: event.notice.kind,
  version: event.notice.version,
  endsAt: event.notice.endsAt,
  since: event.at,
  by: event.provenance.person === null ? '' : personOf(event.provenance.person),
  entered: isEntered(event.provenance),
  impact: packImpact(event.notice.impact),
  ...pinFields(event.pinned, {}),
  terms: null,
  ...timing(event, before, arrival, state),
  veto: null,
  confirmation: null,
  acts: [...(before?.acts ?? []), event.command].slice(-ACTS_MAX),
  approved: null,
});
