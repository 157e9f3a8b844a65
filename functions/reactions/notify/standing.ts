import { featureStream } from '../../../domain/feature/keys.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { ChangeReading } from '../../register/read.ts';
import type { NotifyPorts } from './notify.ts';

/**
 * `waits` while the newest commit is not in the log, `refused` if the stream cannot be read: the register follows commits before they are
 * judged, and no mail may.
 */
export const standingOf = async ({ store, isReleased }: NotifyPorts, { view: { key } }: ChangeReading) => {
  const head = await ifReadable(store.head(featureStream(key)), () => 'refused' as const);
  if (head === 'refused') return head;
  return head !== undefined && (await isReleased(head)) ? 'judged' : 'waits';
};
