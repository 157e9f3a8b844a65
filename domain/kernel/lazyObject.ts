// Schemas of objects whose fields are made when they are first used. A function on AWS uses few of its schemas after a start, and making
// all of them took a quarter of its cold start (docs/benchmarks.md).
import * as z from 'zod';

type Fields = z.core.$ZodLooseShape;

/** Zod itself keeps the fields of a derived object behind such an accessor. This one calls `fields` once, when they are first read. */
const lazy = (fields: () => Fields, catchall?: z.core.$ZodType): z.ZodObject => {
  let made: Fields | undefined;
  return new z.ZodObject({
    type: 'object',
    get shape() {
      made ??= fields();
      return made;
    },
    ...(catchall !== undefined && { catchall }),
  });
};

const never = z.never();

/** Returns the schema that `z.strictObject` would make of these fields: unknown ones are refused. */
export const strictObject = <F extends Fields>(fields: () => F) =>
  lazy(fields, never) as z.ZodObject<z.core.util.Writeable<F>, z.core.$strict>;

/** Returns the schema that `z.object` would make of these fields: unknown ones are dropped. */
export const object = <F extends Fields>(fields: () => F) => lazy(fields) as z.ZodObject<z.core.util.Writeable<F>, z.core.$strip>;
