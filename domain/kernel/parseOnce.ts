import type * as z from 'zod';
import type { JsonObject } from './json.ts';

const known = new WeakMap<z.ZodType, WeakMap<JsonObject, unknown>>();

/**
 * Parses a JSON object as `schema.safeParse` does, once for all who ask about the same object: several rules look at the same events. The
 * object must never change, and its value must not be changed either.
 */
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

/** Works as {@link safeParseOnce}. Throws ZodError on anything that the schema refuses. */
export const parseOnce = <T>(schema: z.ZodType<T>, json: JsonObject): T => {
  const { success, data, error } = safeParseOnce(schema, json);
  if (!success) throw error;
  return data;
};
