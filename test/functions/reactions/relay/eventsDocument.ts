import { readFileSync } from 'node:fs';
import { DerivedEvent } from '../../../../domain/derived/events.ts';
import type { Commit } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { DERIVED_FAMILY, eventTypeOf, familyOf, storeTampered } from '../../../../functions/reactions/relay/cloudEvents.ts';
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

/** Renders `docs/events.md` anew: under its introduction the types of events with an example each; a test fails when it is stale. */
export const eventsDocument = (): string => {
  const [introduction = ''] = readFileSync(new URL('../../../../docs/events.md', import.meta.url), 'utf8').split('\n## ', 1);
  const chapters = [...eventExamples()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, event]) => `\n## ${type}\n\n${FENCE}json\n${printed(event)}\n${FENCE}\n`);
  return introduction + chapters.join('');
};
