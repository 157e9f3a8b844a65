// Mails about what follows from the log and is no commit: each derived event makes what is due, and what is due is mailed by the records.
import type { DerivedEvent } from '../../../domain/derived/events.ts';
import { type DerivedConsumer, followDerived } from '../../register/derived/followers.ts';
import { delaysOf, mailClosed, mailOpened, mailStillOpen } from './driftMails.ts';
import { type DueAbout, type DueTopic, type MailDue, putDue, readDues } from './dues.ts';
import { mailForced } from './forcedMails.ts';
import { newTask, overTask } from './newTasks.ts';
import { mailWentOff } from './offMails.ts';
import type { NotifyPorts } from './ports.ts';

const aboutOf = ({ at, sequence }: DerivedEvent, key: string, since: string | null = null): DueAbout => ({
  key,
  at,
  sequence,
  since,
});

/** Records what a derived event makes due. A repeat changes nothing. */
export const takeDerived = async (ports: NotifyPorts, event: DerivedEvent): Promise<void> => {
  const { sideStore } = ports;
  switch (event.type) {
    case 'DriftOpened': {
      const about = aboutOf(event, event.key, event.since);
      const { wide } = await delaysOf(ports);
      // Whether the policy's grace counts is in the record of the key: looked at when it is due, and moved then.
      await putDue(sideStore, event.at, 'drift-first', about);
      return putDue(sideStore, wide({ openedAt: event.at, byEnd: false }), 'drift-wide', about);
    }
    case 'DriftClosed':
      return putDue(sideStore, event.at, 'drift-closing', aboutOf(event, event.key, event.since));
    case 'AnswerChanged':
      return event.variant === 'outdated' ? putDue(sideStore, event.at, 'off', aboutOf(event, event.key)) : undefined;
    case 'TaskOpened':
      return newTask(ports, event.task);
    case 'TaskClosed':
      return overTask(ports, event.task);
  }
};

/** A case that opened and closed meanwhile has one mail, so what opened comes first. */
const TOPICS: readonly (readonly [DueTopic, (ports: NotifyPorts, dues: readonly MailDue[]) => Promise<void>])[] = [
  ['drift-first', mailOpened],
  ['drift-wide', mailStillOpen],
  ['drift-closing', mailClosed],
  ['off', mailWentOff],
  ['forced', mailForced],
];

/** Mails what is due by now, by the records. Throws when no mail can leave; the next run continues. */
export const mailDue = async (ports: NotifyPorts): Promise<void> => {
  const dues = await readDues(ports.sideStore, ports.clock());
  for (const [topic, mail] of TOPICS) {
    const own = dues.get(topic) ?? [];
    if (own.length > 0) await mail(ports, own);
  }
};

export const mailFollower = (ports: NotifyPorts): DerivedConsumer => ({
  name: 'mails',
  handle: ({ event }) => takeDerived(ports, event),
});

/**
 * Takes what was derived since, then mails what is due: only once all of it is taken, so that what one report says is in one mail. Run it
 * by one process at a time.
 */
export const mailDerived = async (ports: NotifyPorts): Promise<void> => {
  const { name, handle } = mailFollower(ports);
  if ((await followDerived(ports, name, handle)) === 'caught-up') await mailDue(ports);
};
