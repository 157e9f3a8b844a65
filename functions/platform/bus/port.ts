import type { JsonObject } from '../../../domain/kernel/json.ts';

/** Wire format: CloudEvents 1.0 in structured mode. `sequence`: the version of the event's commit in its stream. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly sequence: number;
  readonly data: JsonObject;
}

/** An event that was not accepted after all tries. */
export interface Unpublished {
  readonly event: CloudEvent;
  readonly code: string;
  readonly message: string;
}

/**
 * Publishes each event at least once, in the given order within a subject. Resolves with the events not accepted, each with all later ones
 * of its subject.
 */
export interface Bus {
  publish(events: readonly CloudEvent[]): Promise<readonly Unpublished[]>;
}

/** All fields must match, each with any member of its list. */
export interface Pattern {
  readonly [field: string]: Pattern | readonly (string | { readonly prefix: string })[];
}
