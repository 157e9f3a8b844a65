import type { Context } from 'hono';
import { expect, test } from 'vitest';
import { findChange, initialState } from '../../../../domain/feature/state.ts';
import { readLogTimes } from '../../../../functions/gate/heads.ts';
import { recordReport } from '../../../../functions/gate/observations.ts';
import type { GatePorts } from '../../../../functions/gate/ports.ts';
import { orderRedaction } from '../../../../functions/gate/redactions.ts';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { SequencerJudge } from '../../../../functions/log/sequencer/judge.ts';
import { logSigner, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { listChanges } from '../../../../functions/register/lists.ts';
import { project, readFeature } from '../../../../functions/register/project.ts';
import type { PersonalAct } from '../../../../functions/register/waiting.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import type { LinkDeps, SiteDeps } from '../../../../functions/web/site/deps.ts';
import type { Person } from '../../../../functions/web/site/links.ts';
import { localeOf } from '../../../../functions/web/site/locale.ts';
import { dayHint } from '../../../../functions/web/site/official/decide/forms.ts';
import { readSituation } from '../../../../functions/web/site/official/decide/situation.ts';
import { inboxEntries } from '../../../../functions/web/site/official/inbox.ts';
import { calendarPage } from '../../../../functions/web/site/public/calendar.ts';
import { council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { folderUntil } from '../../../support/folders.ts';
import { atEndOfTest } from '../../../support/shared.ts';
import { NOON, openGate } from '../../openGate.ts';
import { NO_MEMORY, ORIGIN, PRIVATE_KEY } from './ports.ts';

/** As both settings have it, but at once: what it finds beyond the log is looked at in the same round. */
const COMPARING = { everyMs: 0, streams: 1_000, streamsAtStart: 1_000, rows: 1_000 };
const hour = (part: number) => new Date(Date.parse(NOON) + part * 3_600_000).toISOString();

const opened = async (comparing?: typeof COMPARING, wanted: Parameters<typeof openGate>[0] = {}) => {
  const gate = await openGate({ honest: comparing !== undefined, ...wanted });
  const judge = new SequencerJudge(NO_MEMORY, comparing);
  const blobs = folderBlobs(folderUntil('backlog', atEndOfTest));
  const ports = { ...gate.ports, ...SOLE_WRITER, judge, blobs, signer: logSigner(PRIVATE_KEY, ORIGIN) };
  await sequence(ports);
  const fill = async (): Promise<void> => {
    const product = ['acme', ...Array<string>(3).fill('x'.repeat(40))].join('.');
    for (let n = 0; n < 200; n += 1) await gate.notice({ feature: `${product}.feature-${n}` });
  };
  return { gate, ports, judge, fill };
};

test('what waited for hours, and fills several checkpoints, enters the log in its order: none of it is late', async () => {
  const { gate, ports, judge, fill } = await opened(COMPARING);
  const { digest } = await gate.approve();
  const place = { key: 'acme', change: 1, revision: 1 };
  const order = { action: 'withhold', ...place, commitment: digest, everywhere: false, by: 'token:operator' } as const;
  const reason = { reason: 'mistake', authority: 'An order', fileNumber: '1' } as const;
  expect(await orderRedaction(ports, { ...order, ...reason })).toMatchObject({ ok: true });
  await fill();
  gate.at(hour(1));
  await gate.revoke('acme/1');
  gate.at(hour(2));
  await rotateVendor(gate.ports, 'acme');
  await sequence(ports, ['vendor/acme', 'feature/acme']);
  expect(judge.endOf('feature/acme').version).toBe(4);
  expect((await readLogTimes(ports)).late).toEqual([]);
});

const look = async (ports: GatePorts): Promise<void> => {
  const facts = { source: 'check', observedAt: NOON, features: { acme: true }, evidence: null, note: null };
  const report = { vendor: 'acme', facts, commandId: 'look', actor: 'token:it', person: null };
  expect(await recordReport(ports, report)).toEqual({ ok: true, written: true });
};
const letLook = (ports: GatePorts) => createToken(ports, { name: 'it', scopes: ['observe'], person: null });
const LOOKED = 'observation/acme/check';

test('what names something that another clock dates later, beyond a full checkpoint, enters the log with that', async () => {
  const { ports, judge, fill } = await opened();
  await look(ports);
  await fill();
  await letLook(ports);
  await sequence(ports);
  expect(judge.endOf(LOOKED).version).toBe(1);
});

test('what names something of its own minute enters the log before what came an hour later', async () => {
  const { gate, ports, judge } = await opened();
  await look(ports);
  await letLook(ports);
  gate.at(hour(1));
  await gate.notice();
  await sequence(ports);
  expect(judge.endOf(LOOKED).version).toBe(1);
  expect((await readLogTimes(ports)).late).toEqual([]);
});

/** A notice of noon that enters the log after one of some hours later, as when its row could not be read meanwhile. */
const noticedLate = async (notice: string, hours = 2) => {
  let isLost = true;
  const isThere = ({ stream }: { readonly stream: string }) => !isLost || stream !== 'feature/acme';
  const feedOf = async (read: ReturnType<Store['feed']>) => ({ ...(await read), items: (await read).items.filter(isThere) });
  const storeOf = (store: Store): Store => ({ ...store, feed: (...page) => feedOf(store.feed(...page)) });
  const rules = policy(rule([council(), mayor()], { notice, window: 'P90D' }));
  const { gate, ports, judge } = await opened(undefined, { storeOf, rules });
  const { change, digest } = await gate.notice();
  const onTime = await gate.notice({ feature: 'acme.on-time' });
  gate.at(hour(hours));
  await gate.notice({ feature: 'acme.other' });
  await sequence(ports);
  isLost = false;
  await sequence(ports, ['feature/acme']);
  expect((await readLogTimes(ports)).late).toEqual([{ stream: 'feature/acme', version: 1, from: hour(hours) }]);
  const stands = async () => {
    await sequence(ports);
    expect(judge.endOf('feature/acme').version).toBe(3);
  };
  const link = {
    purpose: 'decide',
    holder: 'hm',
    body: 'mayor',
    seat: 'mayor',
    requirement: 'mayor',
    key: 'acme',
    n: 1,
  } as const;
  const hint = async () => {
    const deps = { ports: gate.ports } as unknown as LinkDeps;
    const situation = await readSituation(deps, { ...link, requirement: 'council', revision: 1, generation: 1 });
    return dayHint(localeOf('en', gate.ports.zone, situation.now), situation);
  };
  /** From when it can be decided, by the mayor's page and inbox, the change as lists and mails read it, and the calendar. */
  const shown = async () => {
    const deps = { ports: gate.ports } as unknown as LinkDeps;
    const { view } = await readSituation(deps, { ...link, revision: 1, generation: 1 });
    const who = { holder: { id: link.holder }, body: link.body, seat: link.seat };
    const { state } = (await readFeature(gate.ports, 'acme')) ?? { state: initialState };
    const act = { key: 'acme', change: findChange(state, 1), rule: { id: link.requirement }, who } as PersonalAct;
    const [entry] = await inboxEntries(deps, { live: false } as Person, [act]);
    await project(gate.ports, 'feature/acme');
    const [listed] = (await listChanges(gate.ports, { limit: 1, now: gate.ports.clock() }))?.items ?? [];
    const context = { req: { url: 'https://gate.example/calendar?format=json' } } as unknown as Context;
    const { items } = (await (await calendarPage(deps as unknown as SiteDeps, context)).json()) as {
      items: { what: string; change: string; at: string }[];
    };
    const opens = items.find(({ what, change: name }) => what === 'opens' && name === 'acme/1');
    return [view.pinned?.from, entry?.act.change.from, listed?.view.pinned?.from, opens?.at];
  };
  const approveOnTime = async (): Promise<void> => {
    await gate.certify(onTime.change, onTime.digest);
    await gate.sign(onTime.change, onTime.digest);
  };
  const [certify, sign] = [() => gate.certify(change, digest), () => gate.sign(change, digest)];
  return { certify, sign, approveOnTime, at: gate.at, hint, shown, stands };
};

test('words that entered the log late are decided as much later as they were late, by the gate as by the judge, and pages say so', async () => {
  const { at, certify, sign, approveOnTime, shown, stands } = await noticedLate('P7D');
  at(hour(7 * 24));
  await approveOnTime();
  const [tooEarly, from] = [hour(7 * 24 + 1), hour(7 * 24 + 2)];
  at(tooEarly);
  await certify();
  expect(await shown()).toEqual([from, from, from, from]);
  await expect(sign()).rejects.toThrow('too-early');
  at(from);
  await sign();
  await stands();
});

test('the clerk’s form names the first day of a meeting by when the words entered the log', async () => {
  for (const [hours, day] of [
    [2, 'March 9'],
    [14, 'March 10'],
  ] as const)
    expect(await (await noticedLate('P7D', hours)).hint()).toContain(`${day}, 2026`);
});

test('words that entered the log late and need no notice are decided at once', async () => {
  const { certify, sign, stands } = await noticedLate('P0D');
  await certify();
  await sign();
  await stands();
});
