import { createServer } from 'node:http';
import type { openDynamoSideStore } from '../../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { addSubscription } from '../../../../functions/reactions/webhooks/deliver.ts';
import { listened } from '../../../support/listened.ts';

interface Heard {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Subscriber {
  readonly heard: Heard[];
  mood: 'well' | 'failing' | 'moved';
  secret: string;
  readonly close: () => Promise<void>;
}

const STATUS = { well: 204, failing: 503, moved: 307 } as const;

/** Starts a subscriber of what a gate publishes, and adds it. */
export const startSubscriber = async (sideStore: ReturnType<typeof openDynamoSideStore>): Promise<Subscriber> => {
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = Buffer.concat(chunks).toString();
      if (subscriber.mood === 'well') subscriber.heard.push({ id: headers['webhook-id'] ?? '', headers, body });
      response.writeHead(STATUS[subscriber.mood], { location: '/elsewhere' }).end();
    });
  });
  const { url, close } = await listened(server);
  const subscriber: Subscriber = { heard: [], mood: 'well', secret: '', close };
  subscriber.secret = (await addSubscription(sideStore, `${url}/events`)).secret;
  return subscriber;
};
