import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { POLICY } from '../../functions/web/site/support/policies.ts';
import { type Held, searchNotice, settle } from './cityProcess.ts';
import { makePlace, type Place, type RunningServer, serve } from './process.ts';

// On a running gate: what counts is when words arrived, who comes after whom, whose terms stand, and from when.

let place: Place | undefined;
let server: RunningServer | undefined;

afterEach(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
  if (place !== undefined) rmSync(place.folder, { recursive: true, force: true });
});

const [RULE] = POLICY.rules;
const [COUNCIL, MAYOR] = RULE?.require ?? [];
/** The mayor signs after two others: the council's vote, and the signature of the board's chair, who can come first. */
const AFTER_TWO = {
  ...POLICY,
  rules: [
    {
      ...RULE,
      require: [COUNCIL, { id: 'chair', body: 'board', instrument: 'signature' }, { ...MAYOR, after: ['council', 'chair'] }],
    },
  ],
};

const forced = (more: object = {}) => searchNotice('acme', { kind: 'update', optOut: 'no', ...more });
const held = (more: object = {}) => searchNotice('acme', { kind: 'update', optOut: 'yes', ...more });

test('arrival decides what is outdated, every name in `after` counts, the first signature sets the terms, and they say from when', async () => {
  place = await makePlace();
  server = await serve(place);
  const city = await settle(place, AFTER_TWO);
  const decision = ({ revision, digest }: Held, terms: Readonly<Record<string, string>>) => ({
    decision: 'approve',
    revision: String(revision),
    digest,
    ...terms,
  });
  const sign = async (person: string, change: Held, terms: Readonly<Record<string, string>>) =>
    (await city.submit(await city.linkOf(person, change), decision(change, terms))).status;
  const certify = async (change: Held, fields: Readonly<Record<string, string>>) =>
    city.submit(await city.linkOf('hc', change), city.certificate(change, fields));
  const statusOf = async (change: Held, requirement: string): Promise<string | undefined> => {
    const { requirements } = (await (await city.api('GET', `/v1/changes/${change.change}`)).json()) as {
      requirements: { id: string; status: string }[];
    };
    return requirements.find(({ id }) => id === requirement)?.status;
  };

  // The chair comes first and sets the terms; the mayor waits for both.
  const approve = async (change: Held, terms: Readonly<Record<string, string>> = {}): Promise<void> => {
    expect(await sign('b1', change, terms)).toBe(303);
    expect(await statusOf(change, 'mayor')).toBe('waiting');
    const other = await certify(change, { ...terms, conditions: 'Images are kept for a day.' });
    expect([other.status, JSON.stringify(await other.json())]).toEqual([409, expect.stringContaining('other-terms')]);
    expect((await certify(change, terms)).status).toBe(303);
    expect(await sign('hm', change, terms)).toBe(303);
  };

  const first = await city.hold(held({ title: 'First' }));
  const second = await city.hold(held({ title: 'Second' }));
  // Words of a lower number that arrive later, and cannot be held back.
  await city.hold(forced({ title: 'First, reworded', revises: 1 }));
  expect(first.change).toBe('acme/1');
  await approve(second);
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'outdated' });

  // Words of a higher number that were refused before the approved ones arrived.
  await city.hold(held({ title: 'Third' }));
  const fourth = await city.hold(forced({ title: 'Fourth' }));
  expect((await certify(fourth, { 'vote.district-1': 'no', 'vote.district-2': 'no' })).status).toBe(303);
  const third = await city.hold(held({ title: 'Third, reworded', revises: 3 }));
  expect(third).toMatchObject({ change: 'acme/3', revision: 2 });
  await approve(third);
  expect(await city.answer('acme')).toMatchObject({ value: true, variant: 'enabled' });

  // An approval that starts later is off until then.
  const later = await city.hold(searchNotice('acme.later'));
  await approve(later, { from: '2999-01-01' });
  expect(await city.answer('acme.later')).toMatchObject({ value: false, variant: 'scheduled' });
});
