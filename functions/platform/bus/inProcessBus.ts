import { jsonOf } from '../../../domain/kernel/json.ts';
import type { Logger } from '../logging.ts';
import { matches, type Pattern } from './pattern.ts';
import type { Bus, CloudEvent } from './port.ts';
import { envelopeOf } from './port.ts';

/** A rule with its target, as on EventBridge. */
export interface Subscriber {
  readonly name: string;
  readonly pattern: Pattern;
  readonly receive: (event: CloudEvent) => Promise<void>;
}

/**
 * Delivers events within one machine, with the same patterns as EventBridge: each event to every subscriber whose pattern it
 * matches, one after the other. A failing subscriber is logged and delays no other: like a rule's target, it must find by
 * itself what it missed.
 */
export const inProcessBus = (subscribers: readonly Subscriber[], logger: Logger): Bus => ({
  publish: async (events) => {
    for (const event of events) {
      const envelope = jsonOf(envelopeOf(event));
      for (const { name, receive } of subscribers.filter(({ pattern }) => matches(pattern, envelope))) {
        try {
          await receive(event);
        } catch (error) {
          logger({ level: 'error', event: 'subscriber failed', subscriber: name, id: event.id, error: String(error) });
        }
      }
    }
    return [];
  },
});
