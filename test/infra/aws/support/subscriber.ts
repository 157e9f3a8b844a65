import { subscribeFromNow } from '../../../../functions/reactions/webhooks/deliver.ts';
import { listening } from '../../../support/listening.ts';

interface Heard {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Subscriber {
  readonly heard: Heard[];
  mood: 'well' | 'failing' | 'moved';
  readonly secret: string;
  readonly close: () => Promise<void>;
}

const STATUS = { well: 204, failing: 503, moved: 307 } as const;

export const startSubscriber = async (tables: Parameters<typeof subscribeFromNow>[0]): Promise<Subscriber> => {
  const { url, serve, close } = await listening();
  const { secret } = await subscribeFromNow(tables, `${url}/events`);
  const subscriber: Subscriber = { heard: [], mood: 'well', secret, close };
  serve(async (request) => {
    const headers = Object.fromEntries(request.headers);
    const heard = { id: headers['webhook-id'] ?? '', headers, body: await request.text() };
    if (subscriber.mood === 'well') subscriber.heard.push(heard);
    return new Response(null, { status: STATUS[subscriber.mood], headers: { location: '/elsewhere' } });
  });
  return subscriber;
};
