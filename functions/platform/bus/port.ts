import type { JsonObject } from '../../../domain/kernel/json.ts';

/** Wire format: CloudEvents 1.0 in structured mode. `sequence`: the version of the stream the event stands in. */
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

/** An event the bus did not take, after all tries. */
export interface Unpublished {
  readonly event: CloudEvent;
  readonly code: string;
  readonly message: string;
}

/**
 * Where events leave for everybody who listens. At least once; events of one subject are taken in the order in which they are
 * given. Resolves with those that were not taken, and with an event every later one of its subject.
 */
export interface Bus {
  publish(events: readonly CloudEvent[]): Promise<readonly Unpublished[]>;
}
