import type { CloudEvent } from './port.ts';

/** What rules match: the fields of an EventBridge event that this house sets. */
export interface Envelope {
  readonly source: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly detail: CloudEvent;
}

/** An event as EventBridge carries it: the CloudEvent is the detail. */
export const envelopeOf = (event: CloudEvent): Envelope => ({
  source: event.source,
  'detail-type': event.type,
  time: event.time,
  detail: event,
});
