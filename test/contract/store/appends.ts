import { expect, test } from 'vitest';
import { submit } from '../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn } from '../ledger.ts';
import { attachment, plain, recordAfter } from '../records.ts';
import { must, type StoreUnderTest } from './underTest.ts';

/** Tests of appends: one version, one commit; conflicts, repeats, clocks, refusals. */
export const appends = (subject: () => StoreUnderTest): void => {
  test('the second append gets the whole commit that occupies its version', async () => {
    const { store, other } = subject();
    const mine = recordAfter(undefined, {
      stream: 'feature/conflict',
      id: 'mine',
      attachments: [attachment(Buffer.from('notice'))],
    });
    const theirs = recordAfter(undefined, { stream: 'feature/conflict', id: 'theirs' });
    expect(await store.append(mine)).toEqual({ outcome: 'appended' });
    const answer = await other.append(theirs);
    if (answer.outcome !== 'occupied') throw new Error('the place was given twice');
    expect(plain(answer.occupant)).toEqual(plain(mine));
    for (const reader of [store, other]) expect(plain(must(await reader.head('feature/conflict')))).toEqual(plain(mine));
    // The winning adapter must not take a loser's record for the head either.
    expect(await store.append(theirs)).toMatchObject({ outcome: 'occupied' });
    expect(plain(must(await store.head('feature/conflict')))).toEqual(plain(mine));
    expect(await store.append(mine)).toEqual({ outcome: 'appended' });
    expect(await store.history('feature/conflict', {})).toHaveLength(1);
  });

  test('no new head is missed among those that changed, whoever wrote it', async () => {
    const { store, other } = subject();
    const first = await store.changed(['feature/'], undefined);
    expect(first.streams).toBeUndefined();
    const mayHave = async (since: string, stream: string): Promise<boolean> =>
      (await store.changed(['feature/'], since)).streams?.includes(stream) ?? true;
    await store.append(recordAfter(undefined, { stream: 'feature/changed-here' }));
    expect(store.isUnchangedSince(first.moment)).toBe(false);
    expect(await mayHave(first.moment, 'feature/changed-here')).toBe(true);
    const { moment } = await store.changed(['feature/'], first.moment);
    await other.append(recordAfter(undefined, { stream: 'feature/changed-there' }));
    expect(await mayHave(moment, 'feature/changed-there')).toBe(true);
    expect(store.isUnchangedSince(moment)).toBe(false);
    const after = await store.changed(['feature/'], moment);
    await store.append(recordAfter(undefined, { stream: 'receipt/changed-here' }));
    expect((await store.changed(['feature/'], after.moment)).streams ?? []).toEqual([]);
  });

  test('of many at one place in one turn exactly one wins, and no loser fails the others', async () => {
    const { store, other } = subject();
    const rivals = Array.from({ length: 20 }, (_, index) =>
      recordAfter(undefined, { stream: 'feature/rivals', id: `rival ${index}` }),
    );
    const bystanders = Array.from({ length: 20 }, (_, index) => recordAfter(undefined, { stream: `feature/bystander-${index}` }));
    const answers = await Promise.all([
      ...rivals.map((rival, index) => (index % 2 ? store : other).append(rival)),
      ...bystanders.map((bystander) => store.append(bystander)),
    ]);
    expect(answers.slice(0, 20).filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
    expect(answers.slice(20).every(({ outcome }) => outcome === 'appended')).toBe(true);
    const head = must(await store.head('feature/rivals'));
    for (const answer of answers.slice(0, 20)) {
      if (answer.outcome === 'occupied') expect(plain(answer.occupant)).toEqual(plain(head));
    }
  });

  test('a command is appended once, however often and wherever it is sent again', async () => {
    const { store, other } = subject();
    const sent = enter('feature/twice', ['a', 'b']);
    const first = await submit(portsOn(store), ledger, sent);
    expect(first).toMatchObject({ ok: true, version: 1, appended: true, replayed: false, state: { entries: ['a', 'b'] } });
    for (const again of [store, other]) {
      expect(await submit(portsOn(again), ledger, sent)).toEqual({ ...first, appended: false, replayed: true });
    }
    expect(await submit(portsOn(store), ledger, enter('feature/twice', ['a', 'b'], 'another id'))).toMatchObject({
      ok: true,
      version: 1,
      events: [],
      appended: false,
      replayed: false,
    });
    expect(await store.history('feature/twice', {})).toHaveLength(1);
  });

  test('the instant of a commit never lies before that of the commit before', async () => {
    const { store } = subject();
    await submit(
      portsOn(store, () => '2026-04-01T00:00:02.000Z'),
      ledger,
      enter('feature/clock', ['later']),
    );
    const back = await submit(
      portsOn(store, () => '2026-04-01T00:00:01.000Z'),
      ledger,
      enter('feature/clock', ['earlier']),
    );
    expect(back).toMatchObject({ ok: true, at: '2026-04-01T00:00:02.000Z', events: [{ at: '2026-04-01T00:00:02.000Z' }] });
    const forth = await submit(
      portsOn(store, () => '2026-04-01T00:00:04.000Z'),
      ledger,
      enter('feature/clock', ['on']),
    );
    expect(forth).toMatchObject({ ok: true, at: '2026-04-01T00:00:04.000Z' });
  });

  test('a refusal is a value and leaves nothing behind', async () => {
    const { store } = subject();
    expect(await submit(portsOn(store), ledger, enter('feature/refused', ['forbidden']))).toEqual({
      ok: false,
      rejection: { code: 'forbidden', detail: 'this entry is never taken' },
      state: { entries: [] },
      version: 0,
    });
    expect(await store.head('feature/refused')).toBeUndefined();
  });
};
