import type { SendMailOptions } from 'nodemailer';
import type { Message } from './port.ts';

const CHANGE_HEADER = 'X-Aldergate-Change';
const REVISION_HEADER = 'X-Aldergate-Revision';

/** In nodemailer's form. */
export const mailOptions = (message: Message, from: string): SendMailOptions => ({
  from,
  to: { name: '', address: message.to },
  subject: message.subject,
  text: message.text,
  html: message.html,
  messageId: `<${message.messageId}>`,
  ...(message.thread !== null && { references: `<${message.thread}>`, inReplyTo: `<${message.thread}>` }),
  ...(message.calendar !== null && {
    attachments: [
      { filename: 'deadline.ics', content: message.calendar, contentType: 'text/calendar; charset=utf-8; method=PUBLISH' },
    ],
  }),
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
  // No content of a message can make the server read a file or fetch an address.
  disableFileAccess: true,
  disableUrlAccess: true,
});
