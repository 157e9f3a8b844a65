import { featureStream } from '../../../domain/feature/keys.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { ChangeReading } from '../../register/read.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import type { PostPorts } from './post.ts';
import type { RecipientPorts } from './recipients.ts';

export interface NotifyPorts extends RegisterPorts, PostPorts, RecipientPorts, Pick<FeedPorts, 'isReleased' | 'wallMs'> {}

/**
 * `waits` while the newest commit of a feature is not in the log, `refused` if the stream cannot be read: the register follows commits before
 * they are judged, and no mail may.
 */
export const logStandingOf = async ({ store, isReleased }: NotifyPorts, key: string) => {
  const head = await ifReadable(store.head(featureStream(key)), () => 'refused' as const);
  if (head === 'refused') return head;
  return head !== undefined && (await isReleased(head)) ? 'judged' : 'waits';
};

export const judgementOf = (ports: NotifyPorts, { view: { key } }: ChangeReading) => logStandingOf(ports, key);

/** Of what the register says of features, what was judged; undefined while any of it waits for that. */
export const judgedOnly = async <T extends { readonly key: string }>(
  ports: NotifyPorts,
  said: readonly T[],
): Promise<readonly T[] | undefined> => {
  const standings = await Promise.all(said.map(({ key }) => logStandingOf(ports, key)));
  return standings.includes('waits') ? undefined : said.filter((_, index) => standings[index] === 'judged');
};
