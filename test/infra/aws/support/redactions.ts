import { describe, expect, test } from 'vitest';
import type { Played } from './firstDecision.ts';

const ORDER = { authority: 'Records Act', fileNumber: '26-7' };
const SHOWN = 'Withheld from the public by Records Act, file 26-7';

/**
 * Tests of orders about what the first decision left behind: its raw notice is withheld and shown again.
 */
export const redactions = (played: () => Played): void => {
  const ordered = async (action: string, commitment: string, more: object = {}) => {
    const { gate, actors } = played();
    const answer = await actors.operator('POST', `/v1/features/acme/redactions/${action}`, {
      change: 1,
      commitment,
      ...ORDER,
      ...more,
    });
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
  });
};
