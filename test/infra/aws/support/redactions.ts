import { describe, expect, test } from 'vitest';
import { TEXT_KIND } from '../../../../functions/gate/redactions.ts';
import { openDynamoSideStore } from '../../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { clientAt } from '../../../contract/dynamoTables.ts';
import { testGuard } from '../../../support/macs.ts';
import type { Played } from './firstDecision.ts';

const ORDER = { authority: 'Records Act', fileNumber: '26-7' };
const SHOWN = 'Withheld by Records Act, file 26-7';

/**
 * Tests of orders about what the first decision left behind: its raw notice is withheld and shown again, and the mayor's comment is disposed
 * of by two persons.
 */
export const redactions = (played: () => Played): void => {
  const ordered = async (action: string, commitment: string, more: object = {}) => {
    const { gate, actors } = played();
    const answer = await actors.operator('POST', `/v1/features/acme/redactions/${action}`, { commitment, ...ORDER, ...more });
    await gate.pump();
    await gate.sweep();
    return answer;
  };
  const page = async (path: string): Promise<string> => {
    const { body } = await played().gate.request('GET', path, undefined, { accept: 'text/html' });
    return body.replaceAll(/<[^>]+>/g, '');
  };

  describe('what an order hides', () => {
    test('a raw notice is withheld at its address in the log, on the page and in the data, and shown again', async () => {
      const { gate, actors } = played();
      const change = async () => (await actors.operator('GET', '/v1/changes/acme/1')).json;
      const { digest } = await change();
      const file = () => gate.request('GET', `/log/notice/${String(digest).slice('sha256:'.length)}`);
      expect((await file()).statusCode).toBe(200);

      expect((await ordered('withhold', digest, { reason: 'court-order' })).status).toBe(200);
      expect(await file()).toMatchObject({ statusCode: 451, body: expect.stringContaining('Records Act, file 26-7') });
      expect(await page('/changes/acme/1')).toContain(SHOWN);
      expect((await change()).notice.redacted).toMatchObject({ reason: 'court-order', ...ORDER });

      expect((await ordered('disclose', digest)).status).toBe(200);
      expect((await file()).statusCode).toBe(200);
      expect(await page('/changes/acme/1')).not.toContain(SHOWN);
    });

    test('a comment is hidden once its disposal is asked for, and gone from the table once the clerk confirmed it', async () => {
      const { gate, actors } = played();
      const client = clientAt(gate.engine);
      const sideStore = openDynamoSideStore({ client, table: 'SideTable', guard: testGuard });
      const { items } = (await actors.operator('GET', '/v1/features/acme/history')).json;
      const commitment = String(items.find(({ comment }: { comment?: string | null }) => typeof comment === 'string')?.comment);
      const kept = async (): Promise<boolean> => (await sideStore.get(TEXT_KIND, commitment)) !== undefined;

      expect((await ordered('dispose', commitment, { reason: 'personal-data' })).status).toBe(200);
      expect(await page('/changes/acme/1')).toContain('It will be destroyed once a second person confirms it.');
      const link = await actors.linkOf('hc');
      expect(await page(link)).toContain('Destroy this text for good?');
      expect(await kept()).toBe(true);

      expect((await actors.submit(link, {})).statusCode).toBe(303);
      await gate.pump();
      await gate.sweep();
      expect(await kept()).toBe(false);
      expect(await page('/changes/acme/1')).toContain('Destroyed by Records Act, file 26-7');
      expect(await actors.isOn('acme')).toBe(true);
      client.destroy();
    });
  });
};
