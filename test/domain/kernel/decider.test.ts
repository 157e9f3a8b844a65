import { expect, test } from 'vitest';
import { accept, type Decider, type Decision, nothing, reject } from '../../../domain/kernel/decider.ts';

test('accept keeps the events in their order', () => {
  expect(accept('opened', 'closed')).toStrictEqual({ ok: true, events: ['opened', 'closed'] });
});

test('nothing is an acceptance without events and cannot be changed', () => {
  expect(nothing).toStrictEqual({ ok: true, events: [] });
  expect(() => (nothing.events as unknown as string[]).push('opened')).toThrow(TypeError);
});

test('a refusal has a pointer only when it is given one', () => {
  expect(reject('closed', 'It is closed.')).toStrictEqual({ ok: false, rejection: { code: 'closed', detail: 'It is closed.' } });
  expect(reject('invalid', 'is blank', '/title')).toStrictEqual({
    ok: false,
    rejection: { code: 'invalid', detail: 'is blank', pointer: '/title' },
  });
});

test('an aggregate is written with these and nothing else', () => {
  const decide = (wanted: 'open' | 'close', open: boolean): Decision<'opened' | 'closed', 'sealed'> => {
    if ((wanted === 'open') === open) return nothing;
    return open ? reject('sealed', 'It cannot be closed.') : accept('opened');
  };
  const door: Decider<'open' | 'close', boolean, 'opened' | 'closed', 'sealed'> = {
    initialState: false,
    decide,
    evolve: (_, event) => event === 'opened',
  };
  const first = door.decide('open', door.initialState);
  const state = first.ok ? first.events.reduce(door.evolve, door.initialState) : door.initialState;
  expect(state).toBe(true);
  expect(door.decide('open', state)).toBe(nothing);
  expect(door.decide('close', state)).toMatchObject({ ok: false, rejection: { code: 'sealed' } });
});
