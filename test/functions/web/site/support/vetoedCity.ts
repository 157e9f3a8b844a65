import { commitmentsOf } from '../../../../../domain/feature/eventFacts.ts';
import { redactionStream } from '../../../../../domain/redaction/decide.ts';
import { featureAggregate } from '../../../../../functions/gate/aggregates.ts';
import { makeLink } from '../../../../../functions/gate/links.ts';
import { orderRedaction, readRedaction } from '../../../../../functions/gate/redactions.ts';
import { consume } from '../../../../../functions/platform/feed/consume.ts';
import { type FeedPorts, RELEASED_AT_ONCE } from '../../../../../functions/platform/feed/consumer.ts';
import { eventsOf } from '../../../../../functions/platform/store/load.ts';
import { redactor } from '../../../../../functions/reactions/adoption/redactor.ts';
import { certificate, decision, openCity, PEOPLE } from './city.ts';

const WORDS = 'Ms. Example of 5 Elm Street called me.';

/** A city whose mayor has vetoed a change with words about a person, and the orders about those words. */
export const openVetoedCity = async () => {
  const city = await openCity();
  const change = await city.notify();
  const clerk = await city.link('clerk', 'council', change);
  const mayor = await city.link('mayor', 'mayor', change);
  const veto = () => city.post(mayor, decision(change, { decision: 'refuse', comment: WORDS }));
  for (const { status } of [await city.post(clerk, certificate(change)), await veto()])
    if (status !== 303) throw new Error(`a decision was answered with ${status}`);
  const commits = await city.ports.store.history('feature/acme', {});
  /** The commitment that the veto names. */
  const [commitment = ''] = commits.flatMap((commit) => eventsOf(featureAggregate, commit).flatMap(commitmentsOf));
  const order = { key: 'acme', commitment, by: 'token:records', authority: 'Records Act', fileNumber: '26-0017' };
  /** The link by which a clerk, or somebody else, confirms the disposal that waits. */
  const confirmLink = async (who: keyof typeof PEOPLE = 'clerk'): Promise<string> => {
    const { ports, deps } = city;
    const request = (await readRedaction(ports.store, commitment))?.request?.name ?? '';
    const target = { purpose: 'confirm-disposal', ...PEOPLE[who], commitment, request } as const;
    return `/d/${await makeLink({ ...ports, linkKey: deps.keys.linkKey }, target)}`;
  };
  return {
    city,
    clerk,
    mayor,
    veto,
    commitment,
    order,
    confirmLink,
    /** The words of a page, without its elements. */
    page: async (path: string): Promise<string> => (await (await city.get(path)).text()).replaceAll(/<[^>]+>/g, ''),
    withhold: (reason: 'personal-data' | 'mistake' = 'personal-data') =>
      orderRedaction(city.ports, { ...order, action: 'withhold', reason }),
    disclose: () => orderRedaction(city.ports, { ...order, action: 'disclose' }),
    askDisposal: (person: string | null = null) =>
      orderRedaction(city.ports, { ...order, action: 'dispose', reason: 'personal-data', person }),
    dispose: async () => city.post(await confirmLink(), {}),
    /** The commitments of the texts that are stored. */
    texts: async () => (await city.ports.sideStore.list('text')).map(({ id }) => id),
    /** Runs the consumer that destroys texts; by default everything is in the log. */
    redact: async (isReleased: FeedPorts['isReleased'] = RELEASED_AT_ONCE, wallMs: number = Date.now()): Promise<void> => {
      const ports = { ...city.ports, logger: () => undefined, isReleased, wallMs: () => wallMs };
      await consume(ports, redactor(ports), redactionStream(commitment));
    },
  };
};
