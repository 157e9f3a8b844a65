import { hash } from 'node:crypto';
import { errorFields } from '../../platform/logging.ts';
import { passkeyDraft } from '../../reactions/notify/passkeyDrafts.ts';
import { post } from '../../reactions/notify/post.ts';
import { refused } from '../http/refused.ts';
import type { PasskeyDeps } from './holder.ts';

/**
 * Tells a person of a passkey that is set up or removed, before it is done: where no mail can leave, nothing changes in silence, and
 * they are asked to try again (503). The same again is the same mail.
 */
export const mailPasskeyChange = async (
  { ports, keys, mailer, log }: PasskeyDeps,
  holder: string,
  news: 'added' | 'removed',
  credential: string,
): Promise<void> => {
  const at = ports.clock();
  const event = `passkey-${hash('sha256', credential).slice(0, 32)}`;
  try {
    const draft = passkeyDraft({ holder, news, at, zone: ports.zone });
    await post({ ...ports, mailer, log, linkKey: keys.linkKey }, event, [draft]);
  } catch (error) {
    log({ level: 'error', event: 'no mail about a passkey', holder, news, ...errorFields(error) });
    throw refused('unavailable', { detail: 'no mail could be sent, so nothing was changed; try again' });
  }
};
