import type { SendMailOptions } from 'nodemailer';
import type { Message } from './port.ts';

/** Headers by which a mail of the outbox is found again; also of use to a city's own mail filters. */
export const CHANGE_HEADER = 'X-Aldergate-Change';
export const REVISION_HEADER = 'X-Aldergate-Revision';

/** A message as nodemailer takes it. `from`: an address, with or without a name. */
export const mailOptions = (message: Message, from: string): SendMailOptions => ({
  from,
  to: { name: '', address: message.to },
  subject: message.subject,
  text: message.text,
  html: message.html,
  messageId: `<${message.messageId}>`,
  headers: {
    'Auto-Submitted': 'auto-generated',
    'Content-Language': message.language,
    ...(message.unsubscribe !== undefined && {
      'List-Unsubscribe': `<${message.unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    }),
    ...(message.change !== null && { [CHANGE_HEADER]: message.change }),
    ...(message.revision !== null && { [REVISION_HEADER]: String(message.revision) }),
  },
  // Nothing in a message may make the server read a file or fetch an address.
  disableFileAccess: true,
  disableUrlAccess: true,
});
