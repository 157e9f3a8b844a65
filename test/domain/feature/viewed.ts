import { expect } from 'vitest';
import { advanceTo, due } from '../../../domain/feature/due.ts';
import { changesTouched, type FeatureEvent } from '../../../domain/feature/events.ts';
import { type ChangeState, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { termsDigest } from '../../../domain/feature/terms.ts';
import { ChangeView, foldChange } from '../../../domain/feature/view.ts';

/** The JSON of views that have come through their schema: a long story shows most of them again at every step. */
const known = new Set<string>();

const mustSurvive = (view: ChangeView) => {
  const json = JSON.stringify(view);
  if (known.has(json)) return;
  expect(ChangeView.parse(JSON.parse(json))).toStrictEqual(view);
  known.add(json);
};

/** Returns the views of all changes after these events, of which each alters those alone that it touches. */
export const viewsAfter = (events: readonly FeatureEvent[]): ReadonlyMap<number, ChangeView> => {
  const views = new Map<number, ChangeView>();
  for (const [index, event] of events.entries()) {
    const touched = changesTouched(event);
    for (const n of new Set([...views.keys(), ...touched])) {
      const before = views.get(n);
      const view = foldChange(before, event, index + 1);
      if (view?.number !== n) continue;
      if (!touched.includes(n)) expect(view).toBe(before);
      views.set(n, view);
    }
  }
  return views;
};

const factsOfState = (change: ChangeState) => ({
  status: change.status,
  revision: change.revision,
  digest: change.digest,
  closesAt: change.closesAt,
  terms: change.terms,
  veto: change.veto,
  confirmation: change.confirmation && {
    requirement: change.confirmation.requirement,
    at: change.confirmation.at,
    until: change.confirmation.until,
    disputed: change.confirmation.disputed,
  },
  approved: change.approved,
});

const factsOfView = ({ veto, confirmation, approved, ...view }: ChangeView) => ({
  status: view.status,
  revision: view.revisions.length,
  digest: view.revisions.at(-1)?.digest ?? '',
  closesAt: view.closesAt,
  terms: view.terms && termsDigest(view.terms),
  veto: veto && { requirement: veto.requirement, at: veto.at, until: veto.until },
  confirmation: confirmation && {
    requirement: confirmation.requirement,
    at: confirmation.at,
    until: confirmation.until,
    disputed: confirmation.disputed,
  },
  approved: approved && { at: approved.at, validUntil: approved.validUntil, terms: approved.terms },
});

/** Checks that the views of a feature's changes say what its state says, with all that is due at `now`. */
export const mustAgree = (past: readonly FeatureEvent[], state: FeatureState, now: string): void => {
  const views = viewsAfter([...past, ...due(state, now)]);
  for (const change of advanceTo(state, now).changes) {
    const view = views.get(change.number);
    if (view === undefined) throw new Error(`change ${change.number} has no view`);
    mustSurvive(view);
    const facts = factsOfView(view);
    // An approval that was overtaken before it could begin is in the view alone.
    const isForgotten = change.approved === null && change.status !== 'approved' && !isOpen(change);
    expect({ ...facts, approved: isForgotten ? null : facts.approved }).toStrictEqual(factsOfState(change));
    for (const { id, status, deadlineAt } of view.requirements) {
      const known = change.requirements[id];
      // While a second vote waits for its confirmation, its body is shown as having yet to decide.
      if (view.veto !== null && view.confirmation?.requirement === id) expect(status).toBe('open');
      else expect(status === 'waiting' ? undefined : status, id).toBe(known?.status);
      const isRefused = view.veto?.requirement === id && view.confirmation === null;
      const runs = known === undefined || known.status === 'open' || isRefused;
      if (runs) expect(deadlineAt).toBe(known?.deadlineAt ?? null);
    }
  }
};
