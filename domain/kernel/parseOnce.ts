import type * as z from 'zod';
import type { JsonObject } from './json.ts';

const known = new WeakMap<z.ZodType, WeakMap<JsonObject, unknown>>();

/** Parses as `schema.safeParse` does, once for all who ask about the same object. Neither the object nor its value may ever change. */
export const safeParseOnce = <T>(schema: z.ZodType<T>, json: JsonObject): z.ZodSafeParseResult<T> => {
  let parsed = known.get(schema);
  if (parsed === undefined) {
    parsed = new WeakMap();
    known.set(schema, parsed);
  }
  const found = parsed.get(json);
  if (found !== undefined) return { success: true, data: found as T };
  const result = schema.safeParse(json);
  if (result.success) parsed.set(json, result.data);
  return result;
};

export const parseOnce = <T>(schema: z.ZodType<T>, json: JsonObject): T => {
  const { success, data, error } = safeParseOnce(schema, json);
  if (!success) throw error;
  return data;
};
