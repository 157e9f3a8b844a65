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

/** After all tries. */
export interface Unpublished {
  readonly event: CloudEvent;
  readonly code: string;
  readonly message: string;
}

/**
 * Publishes at least once, those of one subject in the order given. Resolves with the events not accepted, each with every later one of its
 * subject.
 */
export interface Bus {
  publish(events: readonly CloudEvent[]): Promise<readonly Unpublished[]>;
}

/** All fields must match, each by any member of its list. */
export interface Pattern {
  readonly [field: string]: Pattern | readonly (string | { readonly prefix: string })[];
}
