import type { CloudEvent } from './port.ts';

/** The part of an event that rules match: the fields of an EventBridge event that the gate sets. */
export interface Envelope {
  readonly source: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly detail: CloudEvent;
}

/** Returns an event as EventBridge carries it: the CloudEvent is the detail. */
export const envelopeOf = (event: CloudEvent): Envelope => ({
  source: event.source,
  'detail-type': event.type,
  time: event.time,
  detail: event,
});
