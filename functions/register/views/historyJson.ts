import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { latestOf } from './changeJson.ts';
import { ballotsAreOpen } from './requirements.ts';

/** Wire format. One event of a feature's life; beside these what the event itself says. */
export interface HistoryEntry extends JsonObject {
  readonly version: number;
  readonly at: string;
  readonly type: string;
  readonly actor: string;
  readonly change: string;
}

// How a ballot went can be told from its decision, from its terms (only a yes sets any) and, by trying, from the fingerprint of the act
// and from what a passkey signed.
const HIDDEN_OF_OPEN_BALLOT = ['decision', 'terms', 'act', 'comment', 'assertion'];
/** Bookkeeping of the state: nothing a reader asks for. */
const BOOKKEEPING = ['v', 'type', 'at', 'change', 'key', 'room', 'command', 'act'];

const isHidden = (event: FeatureEvent, view: ChangeView | undefined): boolean => {
  if (event.type !== 'BallotCast') return false;
  if (view === undefined) return true;
  const requirement = view.requirements.find(({ id }) => id === event.requirement);
  return latestOf(view).revision === event.revision && requirement !== undefined && ballotsAreOpen(view, requirement);
};

/**
 * An event as a line of history. `view`: its change as it is now; a ballot that is still open tells that it was cast and not how.
 * Without a view every ballot is taken for open.
 */
export const historyEntry = (
  key: string,
  event: FeatureEvent,
  { version, actor }: { readonly version: number; readonly actor: string },
  view: ChangeView | undefined,
): HistoryEntry => {
  const left = isHidden(event, view) ? [...BOOKKEEPING, ...HIDDEN_OF_OPEN_BALLOT] : BOOKKEEPING;
  const told = Object.fromEntries(Object.entries(event).filter(([field]) => !left.includes(field))) as Record<string, JsonValue>;
  return { version, at: event.at, type: event.type, actor, change: changeId(key, event.change), ...told };
};
