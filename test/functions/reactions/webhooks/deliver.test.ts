import { expect, test } from 'vitest';
import { RELEASED_AT_ONCE } from '../../../../functions/platform/feed/consumer.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { subscribeFromNow, webhookOf } from '../../../../functions/reactions/webhooks/deliver.ts';
import { answering } from '../../../support/listening.ts';
import { openGate } from '../../openGate.ts';

test.each([400, 500])(
  'an event that its subscriber refuses with %d holds up those of its own feature and no others, also after an outage',
  async (refusal) => {
    const gate = await openGate();
    const taken: string[] = [];
    let isAway = true;
    const url = await answering((request, response) => {
      void request.toArray().then((chunks) => {
        const { subject } = JSON.parse(Buffer.concat(chunks).toString()) as { subject: string };
        const status = isAway ? 503 : subject === 'acme.refused' ? refusal : 204;
        if (status === 204) taken.push(subject);
        response.writeHead(status).end();
      });
    });
    const subscription = await subscribeFromNow(gate.ports, url);
    for (const feature of ['acme.refused', 'acme.second', 'acme.third']) await gate.notice({ feature });
    let nowMs = Date.now();
    const ports = { ...gate.ports, isReleased: RELEASED_AT_ONCE, wallMs: () => nowMs };
    const { commits } = webhookOf(subscription, () => nowMs);
    const sweep = async () => {
      nowMs += 60_000;
      await runConsumers(ports, [commits]).sweep();
    };
    await sweep();
    isAway = false;
    for (let sweeps = 0; sweeps < 3; sweeps += 1) await sweep();
    expect(taken.toSorted()).toEqual(['acme.second', 'acme.third']);
  },
);
