import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import type { Pattern } from '../../platform/bus/pattern.ts';
import type { CloudEvent } from '../../platform/bus/port.ts';
import { SOURCE } from './catalogue.ts';

/** Wire format: the type of the bus event for a commit that was overwritten or deleted. */
export const STORE_TAMPERED = `${SOURCE}.StoreTampered.v1`;

/** Commits are only ever inserted, so any other record of the table's stream is an incident. */
export const StoreTampered = strictObject(() => ({ stream: z.string(), version: z.int(), change: z.enum(['MODIFY', 'REMOVE']) }));
type StoreTampered = z.infer<typeof StoreTampered>;

/**
 * Returns the incident event. `id`: that of the stream record, which distinguishes a repeat from a second incident. `at`: when it
 * was done.
 */
export const storeTampered = (id: string, at: string, { stream, version, change }: StoreTampered): CloudEvent => ({
  specversion: '1.0',
  id: `tampered-${id}`,
  source: SOURCE,
  type: STORE_TAMPERED,
  subject: stream,
  time: at,
  datacontenttype: 'application/json',
  sequence: version,
  data: { stream, version, change },
});

/** Matches every incident of this kind. */
export const TAMPERED_RULE = { source: [SOURCE], 'detail-type': [STORE_TAMPERED] } as const satisfies Pattern;
