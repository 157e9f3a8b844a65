import { featureStream } from '../../../domain/feature/keys.ts';
import { Notice } from '../../../domain/feature/notice.ts';
import type { RevisionView } from '../../../domain/feature/view.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import { isHidden } from '../../../domain/redaction/state.ts';
import { readRedaction } from '../../gate/redactions.ts';
import type { Store } from '../../platform/store/port.ts';

/**
 * Returns a notice in full, as it was sent, from beside the commit that its revision names; undefined if it is missing, is not a notice,
 * or is withheld by an order. The store has checked the bytes against their digest. The text is the vendor's and attacker-controlled.
 */
export const noticeOf = async (
  store: Store,
  key: string,
  { words, digest }: Pick<RevisionView, 'words' | 'digest'>,
): Promise<Notice | undefined> => {
  const [[record], order] = await Promise.all([
    store.history(featureStream(key), { after: words - 1, upTo: words, limit: 1 }),
    readRedaction(store, digest),
  ]);
  if (isHidden(order)) return undefined;
  const attachment = record?.attachments.find(({ sha256 }) => sha256 === digest);
  const parsed = attachment === undefined ? undefined : parseStrict(attachment.bytes);
  return parsed?.ok ? Notice.safeParse(parsed.value).data : undefined;
};
