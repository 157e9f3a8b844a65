import { describe, expect, test } from 'vitest';
import { ROSTER } from '../../../functions/web/site/support/city.ts';
import { type actorsOf, certificateOf, POLICY } from './actors.ts';
import type { GateOnAws } from './gateOnAws.ts';
import { entriesBy, published, vkeyOf } from './opened.ts';

export interface Played {
  readonly gate: GateOnAws;
  readonly actors: ReturnType<typeof actorsOf>;
}

/**
 * Tests that play the first notice to its answer, each going on where the one before ended: the notice, the stream, the relay and its
 * bus, mail, the council's vote as certified, the mayor's signature, and what is on then. `played` is asked once the gate is open.
 */
export const firstDecision = (played: () => Played, policy: object = POLICY): void => {
  describe('from an empty account to the first decision', () => {
    test('the first token, the roster and a vendor', async () => {
      const { gate, actors } = played();
      actors.hasToken(await gate.operate('firstToken.ts'));
      await gate.sweep();
      const closed = await gate.request('GET', '/readyz');
      expect(closed).toMatchObject({ statusCode: 503, body: expect.stringContaining('"closed"') });
      expect((await actors.operator('PUT', '/v1/roster', ROSTER)).status).toBe(200);
      const unready = await gate.request('GET', '/readyz');
      expect(unready).toMatchObject({ statusCode: 503, body: expect.stringContaining('sequencer has not run yet') });
      await gate.sweep();
      // What is found is kept for a second.
      const ready = async () => (await gate.request('GET', '/readyz')).statusCode;
      await expect.poll(ready, { message: gate.log.join('') }).toBe(200);
      expect(
        (await actors.operator('POST', '/v1/vendors', { id: 'acme', name: 'Acme', publicKey: actors.publicKey })).status,
      ).toBe(201);
    });

    test('a notice from before any policy is held, and bound by the clock once there is one', async () => {
      const { gate, actors } = played();
      expect(await actors.vendor('acme')).toMatchObject({
        status: 202,
        json: { change: 'acme/1', status: 'pending', requirements: [] },
      });
      await gate.pump();
      expect(gate.cloud.mails).toHaveLength(0);
      expect((await actors.operator('POST', '/v1/policy', { policy })).status).toBe(200);
      await gate.pump();
      await gate.invoke('clock', { task: 'sweep' });
      await gate.pump();
      const { json } = await actors.operator('GET', '/v1/changes/acme/1');
      expect(json.requirements).toMatchObject([
        { id: 'council', status: 'open' },
        { id: 'mayor', status: 'waiting' },
      ]);
      expect(await actors.isOn('acme')).toBe(false);
    });

    test('the clerk certifies by link, then the mayor is written to and signs, and it is on', async () => {
      const { gate, actors } = played();
      const { json: change } = await actors.operator('GET', '/v1/changes/acme/1');
      const act = { revision: '1', digest: String(change.digest) };
      const clerk = await actors.linkOf('hc');
      expect((await gate.request('GET', clerk)).statusCode).toBe(200);
      expect((await actors.submit(clerk, certificateOf(act.digest))).statusCode).toBe(303);
      await gate.pump();
      expect(await actors.isOn('acme')).toBe(false);
      const mayor = await actors.linkOf('hm');
      expect((await actors.submit(mayor, { ...act, decision: 'approve', comment: 'Yes.' })).statusCode).toBe(303);
      expect(await actors.isOn('acme')).toBe(true);
      await gate.pump();
      const receipt = await gate.request('GET', mayor);
      expect(receipt.body).toContain(act.digest);
      expect(gate.cloud.mails.every(({ configuration }) => configuration === 'MailConfiguration')).toBe(true);
    });

    test('the register shows it, to the public and to IT', async () => {
      const { gate, actors } = played();
      const page = await gate.request('GET', '/', undefined, { accept: 'text/html' });
      expect(page).toMatchObject({ statusCode: 200, headers: { 'content-type': expect.stringContaining('text/html') } });
      expect(page.body).toContain('acme');
      expect((await actors.operator('GET', '/v1/features')).json.items).toMatchObject([{ key: 'acme', enabled: true }]);
    });

    test('the bus heard every event once, in the order of its stream', () => {
      const { gate } = played();
      const heard = published(gate);
      const events = [...new Map(heard.toReversed().map((event) => [event.id, event])).values()].toReversed();
      // An AWS of others may take more than the three seconds after which the event is sent again.
      if (gate.moto === undefined) expect(events).toHaveLength(heard.length);
      const acme = events.filter(({ type, subject }) => type.startsWith('aldergate.feature.') && subject === 'acme');
      const sequence = acme.map(({ sequence: version }) => version);
      expect(sequence).toStrictEqual([...sequence].sort((a, b) => a - b));
      expect(acme.map(({ type }) => type)).toContain('aldergate.feature.ChangeApproved.v1');
    });

    test('the public log holds every commit, and a stranger can verify it', async () => {
      const { gate, actors } = played();
      const key = await vkeyOf(gate);
      expect(key.name).toBe('gate.example/log');
      const written = gate.cloud.written.filter(({ stream }) => stream !== 'log');
      expect(await entriesBy(gate, key)).toHaveLength(written.length);
      expect((await gate.request('GET', '/log/proof/acme/1')).statusCode).toBe(200);
      // An environment looks every few seconds what is published.
      const named = async () => Number((await actors.operator('GET', '/v1/features/acme')).json.checkpoint);
      await expect.poll(named).toBeGreaterThan(0);
      const record = async () => (await gate.request('GET', '/log/record/acme')).statusCode;
      await expect.poll(record).toBe(200);
    });

    test('a GET that has a body is answered as any other', async () => {
      const { gate } = played();
      expect((await gate.request('GET', '/healthz', 'what for')).statusCode).toBe(200);
    });
  });
};
