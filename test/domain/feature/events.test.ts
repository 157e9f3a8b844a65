import { expect, test } from 'vitest';
import { changesTouched, commitmentNamed, type FeatureEvent } from '../../../domain/feature/events.ts';

const event = (fields: object): FeatureEvent => fields as FeatureEvent;

test.each([{ comment: 'c' }, { reason: 'c' }, { note: 'c' }])('the commitment to an official’s text: %j', (fields) =>
  expect(commitmentNamed(event(fields))).toBe('c'),
);
test('of an event without a text it is null', () => {
  expect(commitmentNamed(event({}))).toBeNull();
  expect(commitmentNamed(event({ comment: null }))).toBeNull();
});

test.each([
  [{ type: 'FeatureRemoved', change: 3, closes: [1, 3] }, [3, 1]],
  [{ type: 'ChangeApproved', change: 2, replaces: [1] }, [2, 1]],
  [{ type: 'ApprovalRevoked', change: 2, ends: [4] }, [2, 4]],
  [{ type: 'ChangeLapsed', change: 2 }, [2]],
])('%j touches the changes %j', (fields, touched) => expect(changesTouched(event(fields))).toStrictEqual(touched));
