import { expect, test } from 'vitest';
import { featureStream } from '../../../domain/feature/keys.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { featureAggregate, readRosters } from '../../../functions/gate/aggregates.ts';
import { confirmersFor } from '../../../functions/gate/linksFor.ts';
import { load } from '../../../functions/platform/store/load.ts';
import { COUNCIL, council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { NOON, openGate } from '../openGate.ts';

const confirmedByCouncil = policy(
  rule([council({ confirmedBy: 'council' }), mayor()], { notice: 'P0D', window: 'P90D', term: 'P1Y' }),
);

test('who can confirm a certificate: the members of the body it speaks for, while it waits and not before or after', async () => {
  const gate = await openGate({ rules: confirmedByCouncil });
  const { change, digest } = await gate.notice();
  const confirmers = async () => {
    const { state } = await load(gate.store, featureAggregate, featureStream('acme'));
    const { inForce } = await readRosters(gate.ports);
    const who = confirmersFor(state, 1, inForce?.roster ?? expect.fail('no roster'), localMoment(NOON, 'UTC'));
    return who.map(({ holder, body }) => `${body}/${holder.id}`);
  };
  expect(await confirmers()).toEqual([]);
  await gate.certify(change, digest);
  expect(await confirmers()).toEqual(COUNCIL.map((seat) => `council/${seat}`));
  await gate.confirm(change, digest);
  expect(await confirmers()).toEqual([]);
});
