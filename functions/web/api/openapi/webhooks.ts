import * as z from 'zod';
import { SOURCE } from '../../../reactions/relay/cloudEvents.ts';
import type { Components } from './components.ts';

const Event = z
  .looseObject({
    specversion: z.literal('1.0').describe('The version of CloudEvents.'),
    id: z.string().describe('Names the event; also the webhook-id, the same when it is sent again.'),
    source: z.literal(SOURCE).describe('Where the event comes from.'),
    type: z.string().describe(`${SOURCE}.FAMILY.TYPE.vVERSION, as /events.schema.json lists them.`),
    subject: z.string().describe('What it is about: a feature’s key, or the name of the stream.'),
    time: z.string().describe('When it happened.'),
    datacontenttype: z.literal('application/json').describe('The media type of the data.'),
    sequence: z
      .int()
      .min(0)
      .describe(
        'The version of the stream, which grows; of a derived event the index in the public log of the entry that caused it.',
      ),
    data: z.looseObject({}).describe('The event itself, as /events.schema.json describes its type.'),
  })
  .meta({ id: 'Event', description: 'An event as a CloudEvent.' });

/** Returns the `webhooks` section: events are posted to subscribers, signed, at least once and in order within a stream. */
export const webhooksOf = (components: Components) => ({
  event: {
    post: {
      operationId: 'event',
      summary:
        'Something happened: a change was notified or decided, a rule, a person or a key changed, an answer, a task or a case of drift',
      security: [{ signature: [] }],
      requestBody: {
        required: true,
        content: { 'application/cloudevents+json': { schema: components.schemaOf(Event, 'output') } },
      },
      responses: { '2XX': { description: 'The event is taken. Any other answer: it is sent again.' } },
    },
  },
});
