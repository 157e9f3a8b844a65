import * as z from 'zod';
import { fieldDescription } from './fields.ts';

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Rebuilds a schema: references lead to the components, and each property has a description. `within`: the names around it. */
const rewritten = (value: unknown, within: readonly string[]): unknown => {
  if (Array.isArray(value)) return value.map((each) => rewritten(each, within));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, each]) => {
    // Zod marks its read-only types so; in a description of an API the word means something else.
    if (name === 'readOnly') return [];
    if (name === '$ref') return [[name, String(each).replace('#/$defs/', '#/components/schemas/')]];
    if (name === '$defs' && isObject(each))
      return [[name, Object.fromEntries(Object.entries(each).map(([id, schema]) => [id, rewritten(schema, [id])]))]];
    if (name === 'properties' && isObject(each)) {
      const properties = Object.entries(each).map(([field, schema]) => {
        const { description = fieldDescription(within, field), ...rest } = rewritten(schema, [...within, field]) as Schema;
        return [field, { ...(description !== undefined && { description }), ...rest }];
      });
      return [[name, Object.fromEntries(properties)]];
    }
    return [[name, rewritten(each, within)]];
  });
  return Object.fromEntries(entries);
};

/**
 * The schemas of a description. Each one with an id becomes a component that all others refer to. A property that does not describe
 * itself gets the description its name has everywhere (see {@link fieldDescription}).
 */
export class Components {
  readonly #schemas = new Map<string, Schema>();

  /** Returns a schema as OpenAPI 3.1 has it, JSON Schema 2020-12. Throws if two schemas that differ have one id. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
    const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    const {
      $schema: _dialect,
      $defs = {},
      ...rest
    } = rewritten(made, []) as Schema & {
      readonly $defs?: Readonly<Record<string, Schema>>;
    };
    for (const [name, component] of Object.entries($defs)) this.#add(name, component);
    return rest;
  }

  fieldOf(name: string, schema: z.ZodType): Schema {
    const { description = fieldDescription([], name), ...rest } = this.schemaOf(schema, 'input');
    return { description, ...rest };
  }

  #add(name: string, { id: _id, ...component }: Schema): void {
    if (name.startsWith('__')) throw new Error('a recursive schema of the API needs an id');
    const known = this.#schemas.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(component))
      throw new Error(`two schemas of the API are called ${name}`);
    this.#schemas.set(name, component);
  }

  schemas(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
