import * as z from 'zod';
import { FAMILIES, type Family, SOURCE } from '../../../reactions/relay/cloudEvents.ts';
import type { Components } from './components.ts';

type Json = Readonly<Record<string, unknown>>;

const SUMMARIES: Readonly<Record<Family, string>> = {
  feature: 'A change was notified, decided, approved or ended',
  policy: 'The rules changed, or were proposed',
  roster: 'The roster changed, or an official’s links or passkeys were ended',
  vendor: 'A vendor or one of its keys was added, or a key was retired',
  observation: 'Somebody reported what is on at a vendor',
  redaction: 'The text of an official was removed',
  revocation: 'A revocation was recorded that its feature’s stream could not take',
  access: 'A token, a form of a vendor or a passkey was made or ended',
};

const eventOf = (family: Family) =>
  z.looseObject({
    specversion: z.literal('1.0').describe('The version of CloudEvents.'),
    id: z.string().describe('Names the event; also the webhook-id, the same when it is sent again.'),
    source: z.literal(SOURCE).describe('Where the event comes from.'),
    type: z.string().describe(`${SOURCE}.${family}.TYPE.vVERSION, as /events.schema.json lists them.`),
    subject: z.string().describe('What it is about: a feature’s key, or the name of the stream.'),
    time: z.string().describe('When it happened.'),
    datacontenttype: z.literal('application/json').describe('The media type of the data.'),
    sequence: z.int().min(1).describe('The version of the stream; grows within a subject.'),
    data: z.looseObject({}).describe('The event itself, as /events.schema.json describes its type.'),
  });

/**
 * Returns the `webhooks` section: every event is posted to subscribers as a CloudEvent, signed by Standard Webhooks, at least once and in
 * order within a stream.
 */
export const webhooksOf = (components: Components): Json =>
  Object.fromEntries(
    (Object.keys(FAMILIES) as Family[]).map((family) => [
      family,
      {
        post: {
          operationId: `${family}Event`,
          summary: SUMMARIES[family],
          security: [{ signature: [] }],
          requestBody: {
            required: true,
            content: { 'application/cloudevents+json': { schema: components.schemaOf(eventOf(family), 'output') } },
          },
          responses: { '2XX': { description: 'The event is taken. Any other answer: it is sent again.' } },
        },
      },
    ]),
  );
