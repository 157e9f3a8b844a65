import { type Consumer, RELEASED_AT_ONCE } from '../../../functions/platform/feed/consumer.ts';
import { type DeadLetter, type ParkedEntry, replayDeadLetters } from '../../../functions/platform/feed/deadLetters.ts';
import { jsonLogger } from '../../../functions/platform/logging.ts';
import { mailFollower } from '../../../functions/reactions/notify/derivedMails.ts';
import { driftLines } from '../../../functions/reactions/relay/relay.ts';
import { listSubscriptions, webhookOf } from '../../../functions/reactions/webhooks/deliver.ts';
import { type DerivedConsumer, replayFollowed } from '../../../functions/register/derived/followers.ts';
import { projector } from '../../../functions/register/project.ts';
import { consumersOf } from '../../local/consumers.ts';
import { type Installation, mailerOf, mailingPorts } from '../../local/installation.ts';
import { type Command, WrongUsage } from '../usage.ts';

/** The consumers of this machine, as the server runs them. All but the projection wait until a commit is in the log. */
interface OpenConsumers {
  readonly projection: Consumer;
  readonly others: readonly Consumer[];
  /** Consumers of derived data; each subscriber has its own, under its name. */
  readonly derived: readonly DerivedConsumer[];
  readonly close: () => Promise<void>;
}

const openConsumers = async (installation: Installation): Promise<OpenConsumers> => {
  const logger = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line));
  const mailer = mailerOf(installation);
  const ports = mailingPorts(installation, logger, mailer);
  const subscribed = (await listSubscriptions(ports.sideStore)).map((each) => webhookOf(each, Date.now));
  return {
    projection: projector(ports),
    others: [...consumersOf(ports), ...subscribed.map(({ commits }) => commits)],
    derived: [driftLines(logger), mailFollower(ports), ...subscribed.map(({ derived }) => derived)],
    close: () => mailer.close(),
  };
};

type Failed = DeadLetter | ParkedEntry;

const placeOf = (letter: Failed): string => ('entry' in letter ? letter.entry : `${letter.stream}@${letter.version}`);

const lineOf = (letter: Failed): string => `${letter.consumer} still cannot cope with ${placeOf(letter)}: ${letter.error}`;

const jsonOf = (letter: Failed) =>
  'entry' in letter
    ? { consumer: letter.consumer, entry: letter.entry, error: letter.error }
    : { consumer: letter.consumer, stream: letter.stream, version: letter.version, error: letter.error };

export const replayCommand: Command = {
  usage: 'replay [CONSUMER]',
  does: 'tries once more what a consumer (notify, projector, …) gave up on and set aside; exit code 1 while any of it stays',
  run: async ([name], _options, { local }) => {
    const installation = local();
    const { projection, others, derived, close } = await openConsumers(installation);
    const consumers = [projection, ...others];
    const isAsked = (each: { readonly name: string }): boolean => name === undefined || each.name === name;
    const [asked, following] = [consumers.filter(isAsked), derived.filter(isAsked)];
    if (asked.length + following.length === 0) {
      const names = new Set([...consumers, ...derived].map((each) => each.name));
      throw new WrongUsage(`no consumer is called ${name}; there are ${[...names].join(', ')}`);
    }
    const ports = { ...installation.ports, logger: () => undefined };
    let handled = 0;
    const failed: Failed[] = [];
    for (const consumer of following) {
      const replayed = await replayFollowed(ports, consumer);
      handled += replayed.handled;
      failed.push(...replayed.failed);
    }
    for (const consumer of asked) {
      const isReleased = consumer === projection ? RELEASED_AT_ONCE : ports.isReleased;
      const replayed = await replayDeadLetters({ ...ports, isReleased }, consumer);
      handled += replayed.handled;
      failed.push(...replayed.failed);
    }
    await close();
    const inOutbox =
      handled > 0 && installation.settings.smtpUrl === undefined ? ['no mail server is set: mails lie in outbox/'] : [];
    const text = [`${handled} handled, ${failed.length} stay set aside`, ...failed.map(lineOf), ...inOutbox].join('\n');
    return { json: { handled, failed: failed.map(jsonOf) }, text, failed: failed.length > 0 };
  },
};
