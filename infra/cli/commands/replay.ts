import type { Consumer } from '../../../functions/platform/feed/consumer.ts';
import { RELEASED_AT_ONCE } from '../../../functions/platform/feed/consumer.ts';
import { type DeadLetter, replayDeadLetters } from '../../../functions/platform/feed/deadLetters.ts';
import { jsonLogger } from '../../../functions/platform/logging.ts';
import { webhookConsumer } from '../../../functions/reactions/webhooks/deliver.ts';
import { listSubscriptions } from '../../../functions/reactions/webhooks/subscriptions.ts';
import { projector } from '../../../functions/register/project.ts';
import { consumersOf } from '../../local/consumers.ts';
import type { Installation } from '../../local/installation.ts';
import { mailerOf } from '../../local/mailer.ts';
import { type Command, WrongUsage } from '../usage.ts';

/** The consumers of this machine, as the server runs them. Only the projection does not wait until a commit is in the log. */
interface Everyone {
  readonly projection: Consumer;
  readonly others: readonly Consumer[];
  readonly close: () => Promise<void>;
}

const everyone = async (installation: Installation): Promise<Everyone> => {
  const logger = jsonLogger(installation.ports.clock, (line) => void process.stderr.write(line));
  const mailer = mailerOf(installation);
  const ports = {
    ...installation.ports,
    logger,
    mailer,
    linkKey: installation.secrets.linkKey,
    itMail: installation.settings.itMail,
  };
  const subscribed = (await listSubscriptions(ports.sideStore)).map((each) => webhookConsumer(each, Date.now));
  return { projection: projector(ports), others: [...consumersOf(ports), ...subscribed], close: () => mailer.close() };
};

const lineOf = ({ consumer, stream, version, error }: DeadLetter): string =>
  `${consumer} still cannot cope with ${stream}@${version}: ${error}`;

export const replayCommand: Command = {
  usage: 'replay [CONSUMER]',
  does: 'tries once more what a consumer (notify, projector, …) gave up on and set aside; exit code 1 while any of it stays',
  run: async ([name], _options, { local }) => {
    const installation = local();
    const { projection, others, close } = await everyone(installation);
    const consumers = [projection, ...others];
    const asked = consumers.filter((each) => name === undefined || each.name === name);
    if (asked.length === 0)
      throw new WrongUsage(`no consumer is called ${name}; there are ${consumers.map((each) => each.name).join(', ')}`);
    const ports = { ...installation.ports, logger: () => undefined };
    let handled = 0;
    const failed: DeadLetter[] = [];
    for (const consumer of asked) {
      const isReleased = consumer === projection ? RELEASED_AT_ONCE : ports.isReleased;
      const replayed = await replayDeadLetters({ ...ports, isReleased }, consumer);
      handled += replayed.handled;
      failed.push(...replayed.failed);
    }
    await close();
    const places = failed.map(({ consumer, stream, version, error }) => ({ consumer, stream, version, error }));
    const text = [`${handled} handled, ${failed.length} stay set aside`, ...failed.map(lineOf)].join('\n');
    return { json: { handled, failed: places }, text, failed: failed.length > 0 };
  },
};
