import { commitmentNamed } from '../../../../../domain/feature/events.ts';
import { featureAggregate } from '../../../../../functions/gate/aggregates.ts';
import { orderRedaction } from '../../../../../functions/gate/redactions.ts';
import { eventsOf } from '../../../../../functions/platform/store/load.ts';
import { certificate, decision, openCity } from './city.ts';

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
  const [commitment = ''] = commits.flatMap((commit) =>
    eventsOf(featureAggregate, commit).flatMap((event) => commitmentNamed(event) ?? []),
  );
  const order = {
    key: 'acme',
    change: 1,
    revision: null,
    commitment,
    by: 'token:records',
    authority: 'Records Act',
    fileNumber: '26-0017',
  };
  return {
    city,
    clerk,
    mayor,
    veto,
    commitment,
    order,
    /** The words of a page, without its elements. */
    page: async (path: string): Promise<string> => (await city.page(path)).replaceAll(/<[^>]+>/g, ''),
    withhold: (reason: 'personal-data' | 'mistake' = 'personal-data') =>
      orderRedaction(city.ports, { ...order, action: 'withhold', everywhere: false, reason }),
    disclose: () => orderRedaction(city.ports, { ...order, action: 'disclose' }),
    /** The commitments of the texts that are stored. */
    texts: async () => (await city.ports.sideStore.list('text')).map(({ id }) => id),
  };
};
