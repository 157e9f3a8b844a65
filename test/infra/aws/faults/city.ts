import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { evaluateKey } from '../../../../functions/gate/heads.ts';
import { makeLink } from '../../../../functions/gate/links.ts';
import { setRoster } from '../../../../functions/gate/rosters.ts';
import { directReads } from '../../../../functions/gate/rules.ts';
import { addVendor, rotateVendor } from '../../../../functions/gate/vendors.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { StreamQueue } from '../../../../functions/platform/store/submit.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { ed25519Signer } from '../../../functions/web/api/world.ts';
import { PEOPLE, ROSTER } from '../../../functions/web/site/support/city.ts';
import { certificateOf, now, POLICY } from '../support/actors.ts';
import { CITY_URL } from '../support/city.ts';
import { type Reply, requestEvent } from '../support/events.ts';
import { coldStart, type Handler } from './coldStart.ts';
import { KEYS, type Lane, type Lanes, type Snapshot, TIME_ZONE } from './lanes.ts';

const FORM = { origin: CITY_URL, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
const signer = ed25519Signer(now);

export const send = async (
  handler: Handler,
  method: string,
  path: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> => (await handler(requestEvent(method, path, body, headers), { awsRequestId: randomUUID() })) as Reply;

/** Returns a sender of a signed body, which sends the same request each time. */
export const signed = (id: string, path: string, body: string) => {
  const headers = signer.headers(body, id);
  return (handler: Handler) => send(handler, 'POST', path, body, headers);
};

const NOTICE = { feature: 'acme', kind: 'new-feature', title: 'A new way to search', summary: 'In plain words.' };

/**
 * Returns a sender of the vendor's notice, and one of its withdrawal. Made for each deed, because a signature is valid for five
 * minutes.
 */
export const noticeOf = () => signed('msg_notice', '/v1/notices', JSON.stringify(NOTICE));
export const withdrawalOf = () => signed('msg_withdrawal', '/v1/changes/acme/1/withdraw', JSON.stringify({ withdraw: 'acme/1' }));

export const form = (link: string, path: string, fields: Readonly<Record<string, string>>) => (handler: Handler) =>
  send(handler, 'POST', `${link}${path}`, new URLSearchParams(fields).toString(), FORM);

export const eventsOf = async ({ truth }: Lane): Promise<readonly string[]> =>
  (await truth.store.history('feature/acme', { limit: 100 })).flatMap((commit) =>
    commitOf(commit).events.map(({ type }) => `${commit.version} ${type as string}`),
  );

export const gatePortsOf = ({ truth }: Lane) => ({
  ...truth,
  ...directReads(truth.store),
  countNotice: async () => undefined,
  newId: randomUUID,
  queue: new StreamQueue(),
  zone: TIME_ZONE,
  city: { name: 'City', contact: undefined },
  url: CITY_URL,
});

/** Resolves with whether the feature is on, from the commits alone. */
export const isOn = async (lane: Lane): Promise<boolean> =>
  (await evaluateKey(gatePortsOf(lane), 'acme', {})).variant === 'enabled';

export const linkOf = async ({ truth }: Lane, person: 'clerk' | 'mayor', requirement: string): Promise<string> => {
  const target = { purpose: 'decide', ...PEOPLE[person], requirement, key: 'acme', n: 1, revision: 1 } as const;
  return `/d/${await makeLink({ ...truth, linkKey: KEYS.link }, target)}`;
};

/** Makes the smallest city that is open and has two commits of one stream: a vendor whose key was changed. */
export const beginCity = async (lanes: Lanes): Promise<Snapshot> => {
  const lane = await lanes.open();
  const ports = gatePortsOf(lane);
  expect(await setRoster(ports, ROSTER as JsonValue, KEYS.roster)).toMatchObject({ ok: true });
  expect(await addVendor(ports, 'acme', 'Acme', signer.publicKey)).toMatchObject({ ok: true });
  expect(await rotateVendor(ports, 'acme')).toMatchObject({ ok: true });
  return lanes.snapshot(lane);
};

/** Plays a city's way to its first approval without faults, and takes a snapshot of each stage. */
export const playCities = async (lanes: Lanes) => {
  const lane = await lanes.open();
  const [api, site] = [await coldStart('api', lanes.proxy, lane), await coldStart('site', lanes.proxy, lane)];
  const { token } = await createToken(
    { ...lane.truth, newId: randomUUID, queue: new StreamQueue() },
    { name: 'city', scopes: ['admin'], person: null },
  );
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const operate = async (method: string, path: string, body: unknown, status: number) => {
    expect(await send(api, method, path, JSON.stringify(body), headers)).toMatchObject({ statusCode: status });
  };
  await operate('PUT', '/v1/roster', ROSTER, 200);
  await operate('POST', '/v1/policy', { policy: POLICY }, 200);
  await operate('POST', '/v1/vendors', { id: 'acme', name: 'Acme', publicKey: signer.publicKey }, 201);
  const ready = await lanes.snapshot(lane);
  const notice = await noticeOf()(api);
  expect(notice.statusCode).toBe(202);
  const act = { revision: '1', digest: String((JSON.parse(notice.body) as { digest: unknown }).digest) };
  const links = { clerk: await linkOf(lane, 'clerk', 'council'), mayor: await linkOf(lane, 'mayor', 'mayor') };
  const noticed = await lanes.snapshot(lane);
  const certificate = certificateOf(act.digest, TIME_ZONE);
  expect(await form(links.clerk, '', certificate)(site)).toMatchObject({ statusCode: 303 });
  const certified = await lanes.snapshot(lane);
  const signature = { ...act, decision: 'approve', comment: 'Yes.' };
  expect(await form(links.mayor, '', signature)(site)).toMatchObject({ statusCode: 303 });
  expect(await isOn(lane)).toBe(true);
  return { ready, noticed, certified, approved: await lanes.snapshot(lane), token, links, certificate, signature };
};
export type Cities = Awaited<ReturnType<typeof playCities>>;
