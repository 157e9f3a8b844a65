import { randomBytes } from 'node:crypto';
import { askedActs } from '../../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../../domain/feature/due.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { findChange, isOpen } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { hidingAt, type Place, placeName } from '../../../../domain/redaction/decide.ts';
import { attachDocument, type SentDocument } from '../../../gate/documents.ts';
import { orderFeature, recordOptOut } from '../../../gate/feature.ts';
import { headsBelow } from '../../../gate/heads.ts';
import { keepText, orderRedaction, type RedactionOrder, readText, removeText } from '../../../gate/redactions.ts';
import { mapInTurns } from '../../../platform/turns.ts';
import { placesOf } from '../../../register/documents.ts';
import { type ChangesQuery, listChanges } from '../../../register/lists.ts';
import { type ChangeReading, readChange } from '../../../register/project.ts';
import { type ChangeJson, changeAnswer, changeJson, latestOf, todayOf } from '../../../register/views/changeJson.ts';
import { badField, requirePage } from '../../http/input.ts';
import { intakeRefused, refused, refusedBy } from '../../http/problems.ts';
import type { DocumentRequest, RedactionJson } from '../../routes/api/records.ts';
import { type ApiDeps, handling } from '../bind.ts';

const SALT_KEY_BYTES = 32;

const readOrRefuse = async (
  { ports }: ApiDeps,
  key: string,
  n: number,
  code: 'unknown-change' | 'not-found' = 'unknown-change',
): Promise<ChangeReading> => {
  const reading = await readChange(ports, key, n);
  if (reading === undefined) throw refused(code, { detail: `there is no change ${changeId(key, n)}` });
  return reading;
};

const answerOf = async ({ ports, checkpoint }: ApiDeps, reading: ChangeReading): Promise<{ readonly body: ChangeJson }> => ({
  body: await changeAnswer(ports, reading, checkpoint()),
});

/** Reports whether the contest on record is for this reason, as far as its text can be read. */
const isContestedFor = async ({ ports }: ApiDeps, { key, number: change, contested }: ChangeView, reason: string) => {
  if (contested === null || contested.reason === null) return false;
  const place = { key, change, revision: null, commitment: contested.reason, audience: 'officials' } as const;
  return (await readText(ports, place))?.text === reason;
};

/** Advice and a confirmation included. */
const waitsFor = ({ view, state }: ChangeReading, body: string, now: string): boolean => {
  const present = advanceTo(state, now);
  const change = findChange(present, view.number);
  return change !== undefined && askedActs(present, change).some(({ actors }) => actors.body === body);
};

interface WantedChanges extends ChangesQuery {
  readonly body?: string | undefined;
}

/** With a closed status: the body had to act on the change. Otherwise: the change waits for it now. */
const concerns = (reading: ChangeReading, { status, body, now }: WantedChanges): boolean => {
  if (body === undefined) return true;
  const isOver = status !== undefined && status !== 'open' && !isOpen({ status });
  return isOver ? reading.view.requirements.some((each) => each.body === body) : waitsFor(reading, body, now);
};

/** Reads on until enough changes pass the filter, so that a filtered page does not look like the last. */
const collect = async (
  { ports }: ApiDeps,
  query: WantedChanges,
): Promise<{ items: readonly ChangeReading[]; next: string | null }> => {
  const items: ChangeReading[] = [];
  for (let cursor = query.cursor; ; ) {
    const page = requirePage(await listChanges(ports, { ...query, cursor, limit: query.limit - items.length }));
    items.push(...page.items.filter((reading) => concerns(reading, query)));
    if (page.next === null || items.length >= query.limit) return { items, next: page.next };
    cursor = page.next;
  }
};

const sentDocument = (
  { kind, title, mediaType, content }: DocumentRequest,
  sender: Pick<SentDocument, 'actor' | 'notBefore' | 'counted'>,
): SentDocument => ({
  kind,
  title: title ?? kind,
  mediaType: mediaType ?? 'application/octet-stream',
  content: Buffer.from(content, 'base64'),
  ...sender,
});

const attach = async (deps: ApiDeps, { key, n }: { key: string; n: number }, sent: SentDocument) => {
  const { view } = await readOrRefuse(deps, key, n);
  const done = await attachDocument(deps.ports, { key, n, revision: latestOf(view) }, sent);
  if (!done.ok) throw intakeRefused(done.rejection);
  return answerOf(deps, await readOrRefuse(deps, key, n));
};

const OF_ROSTER = { key: null, change: null, revision: null } as const;

export const redactionHandlers = handling((deps) => {
  const answer = async (order: RedactionOrder): Promise<{ readonly body: RedactionJson }> => {
    const done = await orderRedaction(deps.ports, order);
    if (!done.ok) throw refusedBy(done.rejection);
    const { redaction, all } = done;
    const isElsewhere = (place: Place): boolean =>
      hidingAt([{ ...redaction, status: 'withheld', everywhere: false }], place) === undefined;
    const others = (await placesOf(deps.ports, redaction.what, all, redaction.commitment)).filter(isElsewhere);
    const named = new Map(others.map((place) => [placeName(place), hidingAt(all, place) !== undefined]));
    const elsewhere = [...named].map(([place, withheld]) => ({ place, withheld }));
    return { body: { ...redaction, place: placeName(redaction), elsewhere } };
  };
  const by = ({ name }: { readonly name: string }): string => `token:${name}`;
  return {
    '/v1/features/{key}/redactions/withhold': {
      POST: ({ params, caller, body: { revision = null, everywhere = false, ...body } }) =>
        answer({ action: 'withhold', ...params, ...body, revision, everywhere, by: by(caller) }),
    },
    '/v1/features/{key}/redactions/disclose': {
      POST: ({ params, caller, body: { revision = null, ...body } }) =>
        answer({ action: 'disclose', ...params, ...body, revision, by: by(caller) }),
    },
    '/v1/roster/redactions/withhold': {
      POST: ({ caller, body }) => answer({ action: 'withhold', ...OF_ROSTER, ...body, everywhere: false, by: by(caller) }),
    },
    '/v1/roster/redactions/disclose': {
      POST: ({ caller, body }) => answer({ action: 'disclose', ...OF_ROSTER, ...body, by: by(caller) }),
    },
  };
});

/**
 * The same request again returns the current state. The text gets a random salt, since this function does not hold the key that derives
 * the salts of officials' texts.
 */
export const actHandlers = handling((deps) => ({
  '/v1/changes/{key}/{n}/contest': {
    POST: async ({ params: { key, n }, body, caller }) => {
      const { ports } = deps;
      const known = await readOrRefuse(deps, key, n);
      const reason = await keepText(ports, randomBytes(SALT_KEY_BYTES), changeId(key, n), body.reason);
      const done = await orderFeature(ports, {
        key,
        commandId: `contest/${caller.id}/${changeId(key, n)}/${known.view.revisions.length}`,
        actor: `token:${caller.name}`,
        request: { type: 'contest', change: n, by: { token: caller.name }, reason },
      });
      const now = await readOrRefuse(deps, key, n);
      if (now.view.contested?.reason === reason) return answerOf(deps, now);
      // An earlier contest has a reason of its own.
      await removeText(ports, reason);
      if (!(await isContestedFor(deps, now.view, body.reason)))
        throw done.ok
          ? refused('not-maintenance', { detail: `${changeId(key, n)} is contested already` })
          : refusedBy(done.rejection);
      return answerOf(deps, now);
    },
  },
  '/v1/changes/{key}/{n}/opt-out': {
    POST: async ({ params: { key, n }, body: { evidence = null, ...said }, caller: { name, person } }) => {
      if (person === null) throw refused('token-without-person', { detail: 'an opt-out is recorded by a token of a person' });
      const report = { key, n, ...said, evidence, caller: { name, person } };
      const known = await readOrRefuse(deps, key, n);
      const done = await recordOptOut(deps.ports, report, known.view);
      if (!done.ok) throw refusedBy(done.rejection);
      return answerOf(deps, await readOrRefuse(deps, key, n));
    },
  },
  '/v1/changes/{key}/{n}/withdraw': {
    POST: async ({ params: { key, n }, body, bytes, signed: { vendor, id, provenance, headers, sender } }) => {
      if (body.withdraw !== changeId(key, n))
        throw badField('/withdraw', `is not ${changeId(key, n)}, the change that the address names`);
      const done = await orderFeature(deps.ports, {
        key,
        commandId: `withdraw/${vendor}/${id}`,
        actor: sender.actor,
        request: { type: 'withdraw', change: n, digest: digestOf(bytes), provenance },
        notBefore: sender.notBefore,
        attachments: [{ sha256: digestOf(bytes), mediaType: 'application/json', bytes }, headers],
      });
      const now = await readOrRefuse(deps, key, n);
      // The state forgets which changes were withdrawn long ago, the view does not.
      const isAgain = !done.ok && done.rejection.code === 'closed' && now.view.status === 'withdrawn';
      if (!done.ok && !isAgain) throw refusedBy(done.rejection);
      return answerOf(deps, now);
    },
  },
}));

/** The list may lag by a second; one change is strongly consistent. */
export const changeHandlers = handling((deps) => ({
  '/v1/changes': {
    GET: async ({ query }) => {
      const today = await todayOf(deps.ports);
      const { items, next } = await collect(deps, { ...query, now: today.now });
      const checkpoint = deps.checkpoint();
      const approved = items.flatMap(({ view: { key, status }, state }) => (status === 'approved' ? [{ key, state }] : []));
      const headsOf = await headsBelow(deps.ports, approved);
      const listed = await mapInTurns(items, async ({ view, state }) => {
        const heads = view.status === 'approved' ? headsOf({ key: view.key, state }) : [];
        return changeJson({ view, state }, today, { heads, checkpoint });
      });
      return { body: { items: listed, next } };
    },
  },
  '/v1/changes/{key}/{n}': {
    GET: async ({ params: { key, n } }) => answerOf(deps, await readOrRefuse(deps, key, n, 'not-found')),
  },
  '/v1/documents': {
    POST: ({ body: { change, ...document }, signed: { sender } }) => attach(deps, change, sentDocument(document, sender)),
  },
  '/v1/changes/{key}/{n}/documents': {
    POST: ({ params, body, bytes, caller }) => {
      const counted = { sender: `token:${caller.id}`, bytes: bytes.length };
      return attach(deps, params, sentDocument(body, { actor: `token:${caller.name}`, counted }));
    },
  },
}));
