import { hash } from 'node:crypto';
import { errorFields } from '../../platform/logging.ts';
import { passkeyDraft } from '../../reactions/notify/passkeyDrafts.ts';
import { post } from '../../reactions/notify/post.ts';
import { refused } from '../http/refused.ts';
import type { PasskeyDeps } from './holder.ts';

/**
 * Mails a person that a passkey is being added or removed, before it happens. If no mail can be sent, rejects with 503 and
 * nothing changes. Sending the same news again is the same mail.
 */
export const mailPasskeyChange = async (
  { ports, keys, mailer, logger }: PasskeyDeps,
  holder: string,
  news: 'added' | 'removed',
  credential: string,
): Promise<void> => {
  const at = ports.clock();
  const event = `passkey-${hash('sha256', credential).slice(0, 32)}`;
  try {
    const draft = passkeyDraft({ holder, news, at, zone: ports.zone });
    await post({ ...ports, mailer, logger, linkKey: keys.linkKey }, event, [draft]);
  } catch (error) {
    logger({ level: 'error', event: 'no mail about a passkey', holder, news, ...errorFields(error) });
    throw refused('unavailable', { detail: 'no mail could be sent, so nothing was changed; try again' });
  }
};
