import { randomBytes } from 'node:crypto';
import { awaitedIn } from '../../../../domain/feature/awaited.ts';
import { changeId, vendorOf } from '../../../../domain/feature/keys.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { orderFeature } from '../../../gate/feature.ts';
import { headsWith } from '../../../gate/heads.ts';
import { recordOptOut } from '../../../gate/optOuts.ts';
import { keepText, removeText } from '../../../gate/texts.ts';
import { CorruptStore } from '../../../platform/store/errors.ts';
import { type ChangesQuery, listChanges } from '../../../register/lists.ts';
import { type ChangeReading, readChange } from '../../../register/project.ts';
import { changeAnswer, changeJson, readChangeJson, todayOf } from '../../../register/views/changeJson.ts';
import { checkInput, requirePage } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import type { RECORD_OPERATIONS } from '../../routes/api/records.ts';
import { type VENDOR_OPERATIONS, Withdrawal } from '../../routes/api/vendors.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';
import { verifyWebhook } from '../webhooks/verify.ts';
import { headersAttachment } from './notices.ts';

type ContestHandlers = Pick<ApiHandlers<typeof RECORD_OPERATIONS>, '/v1/changes/{key}/{n}/contest'>;

const SALT_KEY_BYTES = 32;

const readOrRefuse = async ({ ports }: ApiDeps, key: string, n: number) => {
  const reading = await readChange(ports, key, n);
  if (reading === undefined) throw refused('unknown-change', { detail: `there is no change ${changeId(key, n)}` });
  return reading;
};

const isContested = ({ contested }: ChangeView): boolean => contested !== null;

/**
 * Serves IT's contest of an update that came as maintenance. The reason is stored as officials' texts are; its salt is random, since this
 * function does not hold the key that derives theirs. A change that is contested already is answered as it stands.
 */
export const contestHandlers = (deps: ApiDeps): ContestHandlers => ({
  '/v1/changes/{key}/{n}/contest': {
    POST: async ({ params: { key, n }, body, caller }) => {
      const { ports, checkpoint } = deps;
      const known = await readOrRefuse(deps, key, n);
      if (isContested(known.view)) return { body: await changeAnswer(ports, known, checkpoint()) };
      const reason = await keepText(ports, randomBytes(SALT_KEY_BYTES), changeId(key, n), body.reason);
      const done = await orderFeature(ports, {
        key,
        commandId: `contest/${caller.id}/${changeId(key, n)}/${known.view.revisions.length}`,
        actor: `token:${caller.name}`,
        request: { type: 'contest', change: n, by: { token: caller.name }, reason },
      });
      const now = await readOrRefuse(deps, key, n);
      // A contest that came first has its own reason.
      if (now.view.contested?.reason !== reason) await removeText(ports, reason);
      if (!done.ok && !isContested(now.view)) throw refusedBy(done.rejection);
      return { body: await changeAnswer(ports, now, checkpoint()) };
    },
  },
});

type OptOutHandlers = Pick<ApiHandlers<typeof RECORD_OPERATIONS>, '/v1/changes/{key}/{n}/opt-out'>;

/** Serves the record that the city opted out of a revision at the vendor. The same record again is answered as it stands. */
export const optOutHandlers = (deps: ApiDeps): OptOutHandlers => ({
  '/v1/changes/{key}/{n}/opt-out': {
    POST: async ({ params: { key, n }, body: { evidence = null, ...said }, caller: { name, person } }) => {
      const { ports, checkpoint } = deps;
      if (person === null) throw refused('token-without-person', { detail: 'an opt-out is recorded by a token of a person' });
      const report = { key, n, ...said, evidence, caller: { name, person } };
      const known = await readOrRefuse(deps, key, n);
      const done = await recordOptOut(ports, report, known.view.optOut);
      if (!done.ok) throw refusedBy(done.rejection);
      return { body: await changeAnswer(ports, await readOrRefuse(deps, key, n), checkpoint()) };
    },
  },
});

type WithdrawalHandlers = Pick<ApiHandlers<typeof VENDOR_OPERATIONS>, '/v1/changes/{key}/{n}/withdraw'>;

/** Serves a vendor's withdrawal of an open change. The same message again gives the same answer. */
export const withdrawalHandlers = ({ ports, checkpoint }: ApiDeps): WithdrawalHandlers => ({
  '/v1/changes/{key}/{n}/withdraw': {
    POST: async ({ params: { key, n }, body, bytes, header }) => {
      const { vendor, id, provenance, keySince } = await verifyWebhook(ports, vendorOf(key), header, bytes);
      const { withdraw } = checkInput(Withdrawal, body);
      if (withdraw !== changeId(key, n)) {
        const detail = `is not ${changeId(key, n)}, the change that the address names`;
        throw refused('invalid-input', { detail: `/withdraw ${detail}`, errors: [{ pointer: '/withdraw', detail }] });
      }
      const done = await orderFeature(ports, {
        key,
        commandId: `withdraw/${vendor}/${id}`,
        actor: `vendor:${vendor}`,
        request: { type: 'withdraw', change: n, digest: digestOf(bytes), provenance },
        notBefore: keySince,
        attachments: [{ sha256: digestOf(bytes), mediaType: 'application/json', bytes }, headersAttachment(header)],
      });
      if (!done.ok) throw refusedBy(done.rejection);
      const change = await readChangeJson(ports, key, n, checkpoint());
      if (change === undefined) throw new CorruptStore(`feature/${key} cannot be read`);
      return { body: change };
    },
  },
});

type ChangeHandlers = Pick<ApiHandlers<typeof RECORD_OPERATIONS>, '/v1/changes' | '/v1/changes/{key}/{n}'>;

/** Reports whether an open change waits for an act of a body, advice and a vote on a veto included. */
const waitsFor = (view: ChangeView, body: string): boolean => {
  const awaited = awaitedIn(view).map(({ requirement }) => requirement);
  return view.requirements.some((requirement) => requirement.body === body && awaited.includes(requirement.id));
};

/** Reports whether a change concerns the body: for a closed status if it had to act in it, else if the change waits for it now. */
const concerns = (view: ChangeView, { status, body }: Pick<ChangesQuery, 'status' | 'body'>): boolean =>
  body === undefined || (status !== undefined && status !== 'open' && !isOpen({ status })) || waitsFor(view, body);

/** Reads pages of the register until enough changes pass the filter, so that a filtered page does not look like the last. */
const collect = async (
  { ports }: ApiDeps,
  query: ChangesQuery,
): Promise<{ items: readonly ChangeReading[]; next: string | null }> => {
  const items: ChangeReading[] = [];
  for (let cursor = query.cursor; ; ) {
    const page = requirePage(await listChanges(ports, { ...query, cursor, limit: query.limit - items.length }));
    items.push(...page.items.filter(({ view }) => concerns(view, query)));
    if (page.next === null || items.length >= query.limit) return { items, next: page.next };
    cursor = page.next;
  }
};

/** Serves the list of changes, which may lag by a second, and one change, strongly consistent, with its full notice. */
export const changeHandlers = (deps: ApiDeps): ChangeHandlers => ({
  '/v1/changes': {
    GET: async ({ query }) => {
      const today = await todayOf(deps.ports);
      const { items, next } = await collect(deps, { ...query, now: today.now });
      const checkpoint = deps.checkpoint();
      const listed = items.map(async ({ view, state }) => {
        const heads = view.status === 'approved' ? await headsWith(deps.ports, view.key, state) : [];
        return changeJson(view, today, { heads, checkpoint });
      });
      return { body: { items: await Promise.all(listed), next } };
    },
  },
  '/v1/changes/{key}/{n}': {
    GET: async ({ params: { key, n } }) => {
      const change = await readChangeJson(deps.ports, key, n, deps.checkpoint());
      if (change === undefined) throw refused('not-found', { detail: `there is no change ${key}/${n}` });
      return { body: change };
    },
  },
});
