import * as z from 'zod';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../domain/feature/view.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { Instant } from '../../../domain/kernel/zodTypes.ts';
import { ballotsAreOpen, latestOf } from './changeJson.ts';

/** Wire format. One event of a feature (docs/events.md). */
export const HistoryEntry = z
  .looseObject({
    version: z.int().min(1).describe('The version of the feature’s stream that holds the event.'),
    at: Instant,
    type: z.string().describe('The type of the event, such as ChangeNotified.'),
    actor: z.string().describe('Whose credential caused the event, such as vendor:flock or holder:clerk.'),
    change: z.string(),
  })
  .meta({ id: 'HistoryEntry', description: 'One event of a feature, with the fields of the event itself beside these.' });
export type HistoryEntry = z.infer<typeof HistoryEntry>;

// A ballot shows in its decision, in its terms (only a yes sets any) and, by trying every answer, in the fingerprint of the act and in
// what a passkey signed.
const HIDDEN_OF_OPEN_BALLOT = ['decision', 'terms', 'act', 'comment', 'assertion'];
const BOOKKEEPING = ['v', 'type', 'at', 'change', 'key', 'room', 'command', 'act'];

const isHidden = (event: FeatureEvent, view: ChangeView | undefined): boolean => {
  if (event.type !== 'BallotCast') return false;
  if (view === undefined) return true;
  const requirement = view.requirements.find(({ id }) => id === event.requirement);
  return latestOf(view).revision === event.revision && requirement !== undefined && ballotsAreOpen(view, requirement);
};

/**
 * `view`: its change as it is now. A ballot that is still open shows that it was cast and not how; without a view every ballot counts
 * as open.
 */
export const historyEntry = (
  key: string,
  event: FeatureEvent,
  { version, actor }: { readonly version: number; readonly actor: string },
  view: ChangeView | undefined,
): HistoryEntry => {
  const left = isHidden(event, view) ? [...BOOKKEEPING, ...HIDDEN_OF_OPEN_BALLOT] : BOOKKEEPING;
  const shown = Object.fromEntries(Object.entries(event).filter(([field]) => !left.includes(field))) as Record<string, JsonValue>;
  return { version, at: event.at, type: event.type, actor, change: changeId(key, event.change), ...shown };
};
