import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listOutbox, outboxMailer, smtpMailer } from '../../../../functions/platform/mail/localMailers.ts';
import { type Message, mailOptions, NotSent } from '../../../../functions/platform/mail/port.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { NOON } from '../../openGate.ts';

const LINK = `https://gate.example/d/${'aB3_-'.repeat(8)}xyz`;
const LONG = `https://${'a'.repeat(60)}.example/some/where/d/${'Q'.repeat(43)}`;
const FROM = 'Aldergate <aldergate@gate.example>';

const message = (change: Partial<Message> = {}): Message => ({
  messageId: 'abc@gate.example',
  to: 'mayor@city.example',
  subject: 'Sign or refuse: A new way to search (acme/1)',
  text: `First line\n\n${LINK}\n\nLast line\n`,
  html: `<p>First line</p><p><a href="${LINK}">Open</a></p><p>Last line</p>`,
  language: 'en',
  change: 'acme/1',
  revision: 2,
  thread: null,
  calendar: null,
  ...change,
});

const folder = () => join(folderOfTest('mail'), 'outbox');

const written = async (path: string) =>
  Promise.all(
    readdirSync(path)
      .filter((name) => name.endsWith('.eml'))
      .sort()
      .map((name) => simpleParser(readFileSync(join(path, name)))),
  );

test('a mail of the outbox is a whole message, in plain text and as a page', async () => {
  const path = folder();
  await outboxMailer(path, FROM, () => NOON).send(message());
  const [mail] = await written(path);
  expect(mail?.text).toBe(message().text);
  expect(mail?.html).toBe(message().html);
  expect(mail?.headers.get('content-type')).toMatchObject({ value: 'multipart/alternative' });
  expect(mail?.subject).toBe(message().subject);
  expect(mail?.messageId).toBe('<abc@gate.example>');
  expect(mail?.from?.value).toEqual([{ name: 'Aldergate', address: 'aldergate@gate.example' }]);
  expect(mail?.to).toMatchObject({ text: 'mayor@city.example' });
  expect(mail?.date).toEqual(new Date(NOON));
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(mail?.attachments).toEqual([]);
});

test('the outbox is listed oldest first, as it was written', async () => {
  const path = folder();
  expect(await listOutbox(path)).toEqual([]);
  let now = NOON;
  const mailer = outboxMailer(path, FROM, () => now);
  await mailer.send(message({ to: 'first@city.example' }));
  await mailer.send(message({ to: 'second@city.example', messageId: '000@x', change: null, revision: null, text: 'No link\n' }));
  now = '2026-03-03T12:00:00.000Z';
  await mailer.send(message({ to: 'third@city.example', messageId: '111@x' }));
  expect(await listOutbox(path)).toEqual([
    { to: 'first@city.example', subject: message().subject, change: 'acme/1', revision: 2, links: [LINK] },
    { to: 'second@city.example', subject: message().subject, change: null, revision: null, links: [] },
    { to: 'third@city.example', subject: message().subject, change: 'acme/1', revision: 2, links: [LINK] },
  ]);
});

test('what lies in the outbox and is no mail is not listed', async () => {
  const path = folder();
  mkdirSync(join(path, 'folder.json'), { recursive: true });
  writeFileSync(join(path, 'keys.json'), '{"link":"secret"}');
  writeFileSync(join(path, 'other.json'), 'no JSON');
  expect(await listOutbox(path)).toEqual([]);
});

test.each([
  ['plain', 'Sign', ''],
  ['a long line before it', 'Sign', 'word '.repeat(200)],
  ['other scripts', '«Año» de la ñandú: 測試 – 🎉', 'Decisión: 測試 🎉 '.repeat(30)],
  ['an equals sign at the edge', 'a=b', '='.repeat(300)],
  ['dots and From lines', 'x', '.\n..\nFrom here\n.'],
])('however the text is encoded (%s), the link stands alone on its line once decoded', async (_, subject, before) => {
  const path = folder();
  for (const link of [LINK, LONG]) {
    await outboxMailer(path, FROM, () => NOON).send(
      message({ subject, text: `${before}\n\n${link}\n\nEnd\n`, messageId: link.length + subject }),
    );
  }
  const mails = await written(path);
  for (const link of [LINK, LONG]) {
    expect(mails.some(({ text = '' }) => text.split('\n').includes(link))).toBe(true);
  }
  expect(mails.map((mail) => mail.subject)).toEqual([subject, subject]);
});

test('nothing in a subject or an address becomes a header', async () => {
  const path = folder();
  await outboxMailer(path, FROM, () => NOON).send(message({ subject: 'Hello\r\nBcc: thief@evil.example\r\n\r\nBody' }));
  const [mail] = await written(path);
  expect(mail?.bcc).toBeUndefined();
  expect(mail?.text).toBe(message().text);
});

test('nothing in a message makes the server read a file or fetch an address', () => {
  const barred = { disableFileAccess: true, disableUrlAccess: true };
  expect(mailOptions(message(), 'gate@city.example')).toMatchObject(barred);
});

test('an outbox that cannot be written is said to be out of reach', async () => {
  const mailer = outboxMailer('/dev/null/outbox', FROM, () => NOON);
  await expect(mailer.send(message())).rejects.toMatchObject({ name: 'NotSent', unreachable: true });
});

const smtp = async (options: ConstructorParameters<typeof SMTPServer>[0] = {}) => {
  const received: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      void text(stream)
        .then((mail) => received.push(mail))
        .finally(() => done());
    },
    ...options,
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as { port: number };
  const mailer = smtpMailer(`smtp://127.0.0.1:${port}`, FROM);
  onTestFinished(() => mailer.close());
  return { mailer, received, port };
};

test('a mail by SMTP arrives as it was meant', async () => {
  const { mailer, received } = await smtp();
  await mailer.send(message({ subject: 'Decisión', text: `Año\n\n${LONG}\n` }));
  const mail = await simpleParser(received[0] ?? '');
  expect(mail.subject).toBe('Decisión');
  expect(mail.text?.split('\n')).toContain(LONG);
  expect(mail.messageId).toBe('<abc@gate.example>');
});

test('a password is not sent to a server without TLS', async () => {
  const tried = vi.fn<NonNullable<SMTPServerOptions['onAuth']>>((_auth, _session, done) => done(new Error('refused')));
  const { port } = await smtp({ allowInsecureAuth: true, onAuth: tried });
  const mailer = smtpMailer(`smtp://gate:secret@127.0.0.1:${port}`, FROM);
  await expect(mailer.send(message())).rejects.toMatchObject({ unreachable: true });
  await mailer.close();
  expect(tried).not.toHaveBeenCalled();
});

test('a server has ten minutes to answer', async () => {
  const waits = vi.spyOn(Socket.prototype, 'setTimeout');
  onTestFinished(() => waits.mockRestore());
  await (await smtp()).mailer.send(message());
  expect(waits).toHaveBeenCalledWith(600_000);
});

const refusal = (code: number, text = 'not here') => Object.assign(new Error(text), { responseCode: code });

test.each([
  [530, true],
  [451, true],
  [552, false],
])('a sender refused with %i: out of reach is %s', async (code, unreachable) => {
  const { mailer } = await smtp({ onMailFrom: (_address, _session, done) => done(refusal(code)) });
  await expect(mailer.send(message())).rejects.toMatchObject({ name: 'NotSent', unreachable });
});

const onceRead =
  (then: (session: SMTPServerSession, done: (error?: Error | null) => void) => void): NonNullable<SMTPServerOptions['onData']> =>
  (stream, session, done) =>
    void stream.resume().on('end', () => then(session, done));

test.each([
  ['450 4.2.0', { onRcptTo: (_address, _session, done) => done(refusal(450, '4.2.0 <mayor@city.example>: greylisted')) }],
  ['550', { onRcptTo: (_address, _session, done) => done(refusal(550)) }],
  ['421', { onRcptTo: (_address, _session, done) => done(refusal(421)) }],
  ['452 4.2.2', { onData: onceRead((_session, done) => done(refusal(452, '4.2.2 mailbox full'))) }],
  ['554', { onData: onceRead((_session, done) => done(refusal(554))) }],
] satisfies [string, SMTPServerOptions][])(
  'a mail that is answered %s once its sender was taken keeps no other',
  async (answer, options) => {
    const { mailer } = await smtp(options);
    const why = `the mail server answered ${answer}`;
    await expect(mailer.send(message())).rejects.toMatchObject({ name: 'NotSent', unreachable: false, why });
  },
);

test('a connection that ends in the middle of a mail keeps no other', async () => {
  const ended: Socket[] = [];
  const server = createServer((socket) => {
    ended.push(socket);
    socket.write('220 here\r\n');
    socket.on('data', (said) => void (/^DATA/m.test(`${said}`) ? socket.destroy() : socket.write('250 yes\r\n')));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const mailer = smtpMailer(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, FROM);
  onTestFinished(() => mailer.close());
  await expect(mailer.send(message())).rejects.toMatchObject({ name: 'NotSent', unreachable: false });
  expect(ended).toHaveLength(1);
});

test('a server that takes mails and answers none of them takes others meanwhile, and each once', async () => {
  const taken: string[] = [];
  const answers: (() => void)[] = [];
  const onData = onceRead(({ envelope: { rcptTo } }, done) => {
    const to = rcptTo[0]?.address ?? '';
    taken.push(to);
    if (to.startsWith('clerk')) answers.push(() => done());
    else done();
  });
  const { port } = await smtp({ onData });
  const mailer = smtpMailer(`smtp://127.0.0.1:${port}`, FROM, 100);
  onTestFinished(() => mailer.close());
  const held = [1, 2, 3].map((n) => message({ messageId: `${n}@gate.example`, to: `clerk${n}@city.example` }));
  for (const each of held) await expect(mailer.send(each)).rejects.toMatchObject({ unreachable: false });
  await vi.waitFor(() => mailer.send(message()), 5_000);
  await vi.waitFor(() => expect(answers).toHaveLength(held.length), 5_000);
  for (const answer of answers) answer();
  for (const each of held) await vi.waitFor(() => mailer.send(each), 5_000);
  expect(taken.toSorted()).toEqual([...held.map(({ to }) => to), 'mayor@city.example']);
});

test('a mail that a slow server did not take after all is sent anew as soon as it is asked for again', async () => {
  const answers: (() => void)[] = [];
  const onData = onceRead((_session, done) => {
    if (answers.push(() => done(refusal(451))) > 1) done();
  });
  const { port } = await smtp({ onData });
  const mailer = smtpMailer(`smtp://127.0.0.1:${port}`, FROM, 100);
  onTestFinished(() => mailer.close());
  const late = await mailer.send(message()).catch((error: NotSent) => error);
  await vi.waitFor(() => expect(answers).toHaveLength(1), 5_000);
  answers[0]?.();
  await expect(late?.later).rejects.toBeInstanceOf(NotSent);
  await vi.waitFor(() => mailer.send(message()), 5_000);
  expect(answers).toHaveLength(2);
});

test('a server that took no mail is left alone for a while', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  let asked = 0;
  const onConnect: SMTPServerOptions['onConnect'] = (_session, done) => {
    asked += 1;
    done(asked === 1 ? refusal(554) : undefined);
  };
  const { mailer, received } = await smtp({ onConnect });
  for (const _ of ['first', 'at once']) await expect(mailer.send(message())).rejects.toMatchObject({ unreachable: true });
  expect(asked).toBe(1);
  vi.advanceTimersByTime(5_000);
  await mailer.send(message());
  expect(received).toHaveLength(1);
});

test('a server that is not there is out of reach', async () => {
  const nobody = smtpMailer('smtp://127.0.0.1:1', FROM);
  await expect(nobody.send(message())).rejects.toMatchObject({ name: 'NotSent', unreachable: true });
  await nobody.close();
});
