import { DerivedEvent } from '../../../../domain/derived/events.ts';
import type { Commit } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import {
  DERIVED_FAMILY,
  eventTypeOf,
  familyOf,
  SOURCE,
  storeTampered,
} from '../../../../functions/reactions/relay/cloudEvents.ts';
import { STORIES } from '../../../domain/judge/stories.ts';

const eventsIn = ({ stream, events }: Commit): readonly (readonly [string, JsonObject])[] => {
  const family = familyOf(stream);
  if (family === undefined) return [];
  return events.map((event) => [eventTypeOf(family, { type: event['type'] as string, v: event['v'] as number }), event]);
};

const tampered = storeTampered('1', '2026-04-01T00:00:00.000Z', { stream: 'feature/northcam', version: 2, change: 'MODIFY' });

const place = { v: 1, at: '2026-04-01T06:00:00.000Z', sequence: 12 } as const;
const key = 'northcam.lookup';
const task = {
  key,
  kind: 'switch-off',
  vendor: 'northcam',
  since: '2026-04-01T06:00:00.000Z',
  by: '2026-04-01T06:00:00.000Z',
  how: 'Settings, Sharing, untick Nationwide lookup',
  because: 'seen-on',
  change: 'northcam.lookup/1',
  digest: `sha256:${'7d'.repeat(32)}`,
  agencies: null,
  below: 0,
  urgent: true,
} as const;

/** What follows from the log in a city whose lookup is seen on, in no story. */
export const derived: readonly DerivedEvent[] = [
  {
    type: 'AnswerChanged',
    ...place,
    key,
    onFor: ['police'],
    variant: 'audience',
    because: 'the approval is for named agencies, and none was given',
    version: '2026.3',
  },
  {
    type: 'DriftOpened',
    ...place,
    key,
    kind: 'not-approved',
    since: '2026-03-31T18:20:00.000Z',
    seen: { on: true, agencies: null, version: null },
    source: 'city-it',
  },
  { type: 'DriftClosed', ...place, key, since: '2026-03-31T18:20:00.000Z', until: '2026-04-01T06:00:00.000Z' },
  { type: 'TaskOpened', ...place, task },
  { type: 'TaskClosed', ...place, task },
].map((event) => DerivedEvent.parse(event));

/** Returns an example of every type of event, the shortest that the stories of the judge's tests have. */
export const eventExamples = (): ReadonlyMap<string, JsonObject> => {
  const examples = new Map<string, JsonObject>();
  const length = (event: JsonObject) => JSON.stringify(event).length;
  for (const story of Object.values(STORIES))
    for (const [type, event] of story().commits.flatMap(eventsIn)) {
      const known = examples.get(type);
      if (known === undefined || length(event) < length(known)) examples.set(type, event);
    }
  examples.set(tampered.type, tampered.data);
  for (const event of derived) examples.set(eventTypeOf(DERIVED_FAMILY, event), event);
  return examples;
};

const FENCE = '```';

/** Left out, since each run of the stories makes them anew, or for their length. */
const KEY_MATERIAL: readonly string[] = ['credential', 'publicKey', 'cose', 'signature'];

const printed = (event: JsonObject) =>
  JSON.stringify(event, (name, value: unknown) => (KEY_MATERIAL.includes(name) ? '…' : value)).replaceAll(
    /([0-9a-f]{8})[0-9a-f]{56}/g,
    '$1…',
  );

/** Renders `docs/events.md`, the types of events with an example each: generated, never edited; a test fails when it is stale. */
export const eventsDocument = (): string => {
  const chapters = [...eventExamples()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, event]) => `## ${type}\n\n${FENCE}json\n${printed(event)}\n${FENCE}`);
  return `${[
    '# Events on the bus',
    '',
    'Made from the stories of the tests: `npx vitest run test/functions/reactions/relay/relay.test.ts --update` writes it anew.',
    '',
    `Every event is a CloudEvents 1.0 object; on EventBridge it is the detail, with source \`${SOURCE}\` and its type as detail-type.`,
    'Events come at least once, and in order within a subject. Drop what you have seen: `id` is the id of the commit and the index in',
    'it, the same each time. `subject` is the key of the feature (else the stream), `sequence` the version of its stream, `time` the',
    'instant of the commit. An event is published once its commit was judged and is in the public log. Below is the `data` of each type,',
    'as an example; a running gate serves the JSON Schema of all at `/events.schema.json`, and `npm run -s schemas` prints it.',
    '',
    `An \`${SOURCE}.${DERIVED_FAMILY}\` event is no commit. It follows from the log by rule or by time, and anyone computes the same from the log:`,
    'that the answer for a key changed (also because an ancestor or time changed it), that a case of drift or a task opened or closed. Its',
    '`subject` is the key (the vendor, if a source is silent), `time` the instant from which it is so, `sequence` the index in the public',
    'log of the entry that caused it, or of the last one before the boundary of time that did; `id` is made of these. They come in the order',
    'of the log, then of the keys, apart from the events of commits, which may come before or after them; on AWS within a minute. A',
    'subscriber that is added later receives those from then on. `AnswerChanged` is what a program that switches something on or off waits',
    'for; [what such a program looks like](deploy.md#programs-in-other-accounts).',
    '',
    'A subscriber (`aldergate subscribe URL`) gets each as a `POST` of `application/cloudevents+json`, signed as [Standard',
    'Webhooks](https://www.standardwebhooks.com) `v1` with the secret that `subscribe` prints; `webhook-id` is the `id`. It has taken what it',
    'answers with a 2xx within ten seconds. Everything else, a redirect and a 410 too, is tried again until it is taken or `unsubscribe` ends',
    'it: an event of a commit keeps back the later ones of its subject, a derived one all later derived ones. One that gives no answer, or',
    '429, 502, 503 or 504, is left alone for five seconds, then twice as long each time, up to a minute. Of what follows from the log the',
    'events of ninety days are kept. `aldergate subscriptions` says since when something waits for a subscriber, and why.',
    '',
    chapters.join('\n\n'),
  ].join('\n')}\n`;
};
