import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { parseOnce, safeParseOnce } from '../../../domain/kernel/zodTypes.ts';

const Counted = z.strictObject({ n: z.int() });

test('an object is parsed once by each schema, and another object with the same content for itself', () => {
  const Other = z.looseObject({});
  const [counted, other] = [vi.spyOn(Counted, 'safeParse'), vi.spyOn(Other, 'safeParse')];
  const json = { n: 1 };
  expect(safeParseOnce(Counted, json)).toEqual({ success: true, data: { n: 1 } });
  expect(parseOnce(Counted, json)).toBe(safeParseOnce(Counted, json).data);
  expect(parseOnce(Other, json)).toEqual({ n: 1 });
  expect([counted.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
  parseOnce(Counted, { n: 1 });
  expect(counted).toHaveBeenCalledTimes(2);
});

test('what a schema refuses is refused each time', () => {
  const json = { n: 1.5 };
  for (let time = 0; time < 2; time += 1) {
    expect(safeParseOnce(Counted, json).success).toBe(false);
    expect(() => parseOnce(Counted, json)).toThrow(z.ZodError);
  }
});
