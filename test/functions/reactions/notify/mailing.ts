import { expect } from 'vitest';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { mailRenewals } from '../../../../functions/reactions/notify/links.ts';
import { notifier } from '../../../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { COUNCIL } from '../../../support/fixtures/city.ts';
import { type Gate, openGate, URL_OF_GATE } from '../../openGate.ts';

const LINK_LINE = new RegExp(`^${URL_OF_GATE}/d/([A-Za-z0-9_-]{43})$`);
export const linkKey = new Uint8Array(32).fill(9);

type Refuse = (message: Message) => Error | undefined;

/** The gate's own options, and the address of the city's IT. */
interface MailingOptions extends NonNullable<Parameters<typeof openGate>[0]> {
  readonly itMail?: string | undefined;
}

/** A gate with a mailer that keeps what it sends, and the consumer of mails alone. */
export const mailing = async ({ itMail, ...options }: MailingOptions = {}) => {
  const gate = await openGate(options);
  const sent: Message[] = [];
  let refuse: Refuse = () => undefined;
  const mailer = {
    send: async (message: Message) => {
      const error = refuse(message);
      if (error !== undefined) throw error;
      sent.push(message);
    },
    close: async () => undefined,
  };
  const ports = { ...gate.ports, mailer, linkKey, itMail };
  const consumers = runConsumers(gate.ports, [notifier(ports)]);
  const refuseIf = (next: Refuse): void => {
    refuse = next;
  };
  /** What was sent since the last call, in order. */
  const mails = async (): Promise<readonly Message[]> => {
    await consumers.sweep();
    return sent.splice(0);
  };
  /** What only the calendar gives reason for, now; the register is brought up to date before. */
  const regular = async (...keys: readonly string[]): Promise<readonly Message[]> => {
    await mails();
    for (const key of keys.length === 0 ? ['acme'] : keys) await catchUp(gate.ports, key);
    await writeRegularly(ports);
    return sent.splice(0);
  };
  /** What is mailed to those who asked for new links by an old one. */
  const renewals = async (): Promise<readonly Message[]> => {
    await mailRenewals(ports);
    return sent.splice(0);
  };
  return { gate, ports, mails, regular, renewals, sent, consumers, refuseIf };
};

export const linksOf = ({ text }: Message): string[] => text.split('\n').flatMap((line) => LINK_LINE.exec(line)?.[1] ?? []);
export const who = (mails: readonly Message[], pick: (message: Message) => boolean = () => true): string[] =>
  mails.filter(pick).map(({ to }) => to.replace('@city.example', ''));
export const withLink = (message: Message): boolean => linksOf(message).length > 0;

export const MEMBERS: readonly string[] = COUNCIL;

/** Checks that the mails ask each person in office in a body that decides, by an own link, to confirm what is told of acme/2. */
export const expectDecidingAreAsked = async (gate: Gate, asked: readonly Message[]): Promise<void> => {
  expect(who(asked).sort()).toEqual(['clerk', 'deputy-clerk', 'mayor', ...MEMBERS].sort());
  for (const mail of asked) {
    const [link = '', ...more] = linksOf(mail);
    expect(more).toEqual([]);
    const holder = mail.to.replace('@city.example', '');
    const known = await resolveLink({ ...gate, linkKey }, link);
    expect(known).toMatchObject({ purpose: 'confirm-rollback', holder, key: 'acme', n: 2 });
  }
};
