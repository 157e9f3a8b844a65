import type { Mailer } from '../../platform/mail/port.ts';
import type { SiteDeps } from '../site/deps.ts';

/** What the pages about passkeys stand on: the site's own, and mail, for a person hears of every key that is set up or removed. */
export interface PasskeyDeps extends SiteDeps {
  readonly mailer: Mailer;
}
