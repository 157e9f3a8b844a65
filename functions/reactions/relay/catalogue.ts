// Wire format: the types of published events. A type is permanent; another shape is another version.
import { AccessEvent } from '../../../domain/access/events.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { ObservationEvent } from '../../../domain/observation/events.ts';
import { PolicyEvent } from '../../../domain/policy/events.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { RevocationRecorded } from '../../../domain/revocation/events.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import { VendorEvent } from '../../../domain/vendors/events.ts';

/** The source of every event of this installation on a bus. */
export const SOURCE = 'aldergate';

/** The kinds of streams whose events are published. Receipts and the log's own commits are internal. */
export const FAMILIES = {
  feature: FeatureEvent,
  policy: PolicyEvent,
  roster: RosterEvent,
  vendor: VendorEvent,
  observation: ObservationEvent,
  redaction: RedactionEvent,
  revocation: RevocationRecorded,
  access: AccessEvent,
} as const;
export type Family = keyof typeof FAMILIES;

/** Returns the kind of a stream; undefined for one whose events are not published. */
export const familyOf = (stream: string): Family | undefined => {
  const [first = ''] = stream.split('/', 1);
  return Object.hasOwn(FAMILIES, first) ? (first as Family) : undefined;
};

/** Returns the bus's name for an event of a family. */
export const eventTypeOf = (family: Family, event: { readonly type: string; readonly v: number }): string =>
  `${SOURCE}.${family}.${event.type}.v${event.v}`;
