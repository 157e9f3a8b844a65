// Schemas of objects whose fields are made when they are first used. A function on AWS uses few of its schemas after a start, and making
// all of them took a quarter of its cold start (docs/benchmarks.md).
import * as z from 'zod';

type Fields = z.core.$ZodLooseShape;

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

export const strictObject = <F extends Fields>(fields: () => F) =>
  lazy(fields, never) as z.ZodObject<z.core.util.Writeable<F>, z.core.$strict>;

export const object = <F extends Fields>(fields: () => F) => lazy(fields) as z.ZodObject<z.core.util.Writeable<F>, z.core.$strip>;
