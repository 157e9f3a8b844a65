import { featureStream } from '../../../domain/feature/keys.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { ChangeReading } from '../../register/read.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import type { DriftPorts } from './driftMail.ts';

export interface NotifyPorts extends RegisterPorts, DriftPorts, Pick<FeedPorts, 'isReleased' | 'wallMs'> {}

/**
 * `waits` while the newest commit of a change's feature is not in the log, `refused` if the stream cannot be read: the register follows
 * commits before they are judged, and no mail may.
 */
export const judgementOf = async ({ store, isReleased }: NotifyPorts, { view: { key } }: ChangeReading) => {
  const head = await ifReadable(store.head(featureStream(key)), () => 'refused' as const);
  if (head === 'refused') return head;
  return head !== undefined && (await isReleased(head)) ? 'judged' : 'waits';
};
