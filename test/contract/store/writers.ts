import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { load } from '../../../functions/platform/store/load.ts';
import { submit } from '../../../functions/platform/store/submit.ts';
import { enter, ledger, ledgerOf, portsOn } from '../ledger.ts';
import type { StoreUnderTest } from './underTest.ts';

/** On DynamoDB, where each lost race is a call, the number of calls grows with the square of both. The long proofs set 50. */
const WRITERS = Number(process.env.ALDERGATE_WRITERS ?? 12);
const COMMANDS = 8;
const PATIENCE_MS = 300_000;

/** A store that did not answer in time may have written: the same command is sent again. */
const unavailable = (error: unknown): undefined => {
  if (!(error instanceof StoreUnavailable)) throw error;
};

/** Tests with more concurrent writers on one stream than a city has. */
export const writers = (subject: () => StoreUnderTest): void => {
  test(
    'many writers, eight commands each, one stream: each is acknowledged, some after a retry, and none is written twice',
    async () => {
      const { store, other } = subject();
      let contended = 0;
      const write = async (writer: number): Promise<void> => {
        // A separate queue for each, as in separate processes: the store alone orders them.
        const ports = portsOn(writer % 2 ? store : other);
        for (let index = 0; index < COMMANDS; ) {
          const answer = await submit(ports, ledger, enter('feature/contended', [`${writer}-${index}`])).catch(unavailable);
          if (answer?.ok) {
            index += 1;
            continue;
          }
          if (answer !== undefined) expect(answer.rejection.code).toBe('contended');
          contended += 1;
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
      const commits = await store.history('feature/contended', { limit: 2_000 });
      expect(commits.map(({ version }) => version)).toEqual(Array.from({ length: WRITERS * COMMANDS }, (_, index) => index + 1));
      expect(new Set(commits.map(({ commandId }) => commandId)).size).toBe(WRITERS * COMMANDS);
      // Folds the whole history, which checks the hash chain and every event.
      const { state } = await load(other, ledgerOf(2), 'feature/contended');
      expect(new Set(state.entries).size).toBe(WRITERS * COMMANDS);
      console.log(`${WRITERS} writers: told to come again ${contended} times`);
    },
    PATIENCE_MS,
  );
};
