import { expect, test } from 'vitest';
import { listCases, readFigures } from '../../../../functions/register/derived/lists.ts';
import { NOON } from '../../openGate.ts';
import { openDerived, said } from './derivedCity.ts';

const approve = async (city: Awaited<ReturnType<typeof openDerived>>, key: string, notice: object = {}, terms?: object) => {
  const { change, digest } = await city.gate.notice({ feature: key, ...notice });
  const over =
    terms === undefined
      ? {}
      : { terms: { from: null, until: null, audience: null, conditions: null, maintenance: false, ...terms } };
  await city.gate.certify(change, digest, over);
  await city.gate.sign(change, digest, over);
  return { change, digest };
};

test('a contract ends while its product stays on; a feature that nobody announced', async () => {
  const city = await openDerived();
  await approve(city, 'acme', { kind: 'contract', endsAt: '2026-04-01' });
  await approve(city, 'acme.lpr');
  await city.until('2026-03-03T12:00:00.000Z');
  await city.report({ features: { 'acme.lpr': true, 'acme.faces': true } });
  await city.until('2026-03-04T12:00:00.000Z');
  await city.until('2026-04-10T12:00:00.000Z');
  await city.report({ features: { 'acme.lpr': false, 'acme.faces': false } });
  await city.until('2026-04-11T12:00:00.000Z');
  expect((await city.events()).map(said).filter((each) => !each.includes('Task'))).toEqual([
    `${NOON} acme: pending for none`,
    `${NOON} acme: enabled for all`,
    `${NOON} acme.lpr: pending for none`,
    `${NOON} acme.lpr: enabled for all`,
    '2026-03-03T12:00:00.000Z acme.faces: never-announced by audit since 2026-03-03T12:00:00.000Z',
    '2026-04-02T00:00:00.000Z acme: expired for none',
    '2026-04-02T00:00:00.000Z acme.lpr: blocked for none',
    '2026-04-02T00:00:00.000Z acme.lpr: not-approved by audit since 2026-04-02T00:00:00.000Z',
    '2026-04-10T12:00:00.000Z acme.faces: closed 2026-03-03T12:00:00.000Z to 2026-04-10T12:00:00.000Z',
    '2026-04-10T12:00:00.000Z acme.lpr: closed 2026-04-02T00:00:00.000Z to 2026-04-10T12:00:00.000Z',
  ]);
  expect(await readFigures(city.ports.sideStore)).toMatchObject({ openCases: 0, pastCases: 2 });
  expect((await listCases(city.ports.sideStore, { limit: 9 }))?.items.map(({ key }) => key)).toEqual(['acme.faces', 'acme.lpr']);
});
