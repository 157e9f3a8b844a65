import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

// CloudFormation's own schemas of its resources, as AWS publishes them and the CDK's authors pack them; nothing here asks AWS. They name
// properties, which of them are required, their types and their enumerations, but no pattern and no length.

type Json = Readonly<Record<string, unknown>>;

type SpecDatabase = ReturnType<typeof loadAwsServiceSpecSync>;
const schemasIn = (database: SpecDatabase) => database.all('resource');
type Schema = ReturnType<typeof schemasIn>[number];
type SchemaProperties = Schema['properties'];
type PropertyType = SchemaProperties[string]['type'];

export interface TemplateJson {
  readonly Resources: Readonly<Record<string, ResourceJson>>;
  readonly Outputs?: Readonly<Record<string, Json>>;
  readonly Parameters?: Json;
}

export interface ResourceJson {
  readonly Type: string;
  readonly Properties?: Json;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

let loaded: SpecDatabase | undefined;
/** It takes a second to read, once a process. */
const database = (): SpecDatabase => {
  loaded ??= loadAwsServiceSpecSync();
  return loaded;
};

/** Returns the schema of a type of resource, `undefined` for one that CloudFormation does not know. */
export const schemaOf = (type: string): Schema | undefined =>
  database().lookup('resource', 'cloudFormationType', 'equals', type)[0];

const ATTRIBUTES = ['Type', 'Properties', 'DependsOn', 'Metadata', 'DeletionPolicy', 'UpdateReplacePolicy', 'UpdatePolicy'];
const DELETION_POLICIES: readonly unknown[] = [undefined, 'Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'];
const REPLACE_POLICIES: readonly unknown[] = [undefined, 'Delete', 'Retain', 'Snapshot'];
const PSEUDO = /^AWS::(?:AccountId|NoValue|NotificationARNs|Partition|Region|StackId|StackName|URLSuffix)$/;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction = (value: unknown): value is Json =>
  isObject(value) && Object.keys(value).length === 1 && /^(?:Ref|Fn::\w+)$/.test(Object.keys(value)[0] ?? '');

/** What a value of a function of CloudFormation is, as far as the template says. `undefined`: known to another stack only. */
type Kind = 'list' | 'text' | undefined;

class Validator {
  readonly faults: string[] = [];
  readonly #template: TemplateJson;

  constructor(template: TemplateJson) {
    this.#template = template;
  }

  resource(id: string, { Type: type, Properties: properties = {}, ...attributes }: ResourceJson): void {
    for (const name of Object.keys(attributes)) if (!ATTRIBUTES.includes(name)) this.#fault(id, `${name} is no attribute`);
    if (!DELETION_POLICIES.includes(attributes.DeletionPolicy)) this.#fault(id, 'DeletionPolicy');
    if (!REPLACE_POLICIES.includes(attributes.UpdateReplacePolicy)) this.#fault(id, 'UpdateReplacePolicy');
    for (const target of [attributes.DependsOn ?? []].flat())
      if (!(target in this.#template.Resources)) this.#fault(id, `depends on ${target}, which is not there`);
    const schema = schemaOf(type);
    if (schema === undefined) this.#fault(id, `${type} is no resource`);
    else this.#object(id, properties, schema.properties);
  }

  output(name: string, { Value: value }: Json): void {
    this.#value(`output ${name}`, value, { type: 'string' });
  }

  #fault(path: string, what: string): void {
    this.faults.push(`${path}: ${what}`);
  }

  #object(path: string, value: unknown, properties: SchemaProperties): void {
    if (!isObject(value)) {
      this.#fault(path, 'is not an object');
      return;
    }
    for (const [name, { required }] of Object.entries(properties))
      if (required === true && value[name] === undefined) this.#fault(path, `${name} is missing`);
    for (const [name, each] of Object.entries(value)) {
      const property = properties[name];
      if (property === undefined) this.#fault(path, `${name} is unknown`);
      else this.#value(`${path}.${name}`, each, property.type);
    }
  }

  #value(path: string, value: unknown, type: PropertyType): void {
    if (isFunction(value)) this.#call(path, value, type);
    else if (type.type === 'union') this.#union(path, value, type.types);
    else if (type.type === 'array') this.#array(path, value, type.element);
    else if (type.type === 'json') this.#json(path, value);
    else if (type.type === 'ref') this.#object(path, value, database().get('typeDefinition', type.reference).properties);
    else if (type.type === 'tag') this.#object(path, value, TAG);
    else if (type.type === 'map') this.#map(path, value, type.element);
    else this.#primitive(path, value, type);
  }

  #call(path: string, value: Json, { type }: PropertyType): void {
    const kind = this.#kindOf(path, value);
    if (kind === undefined || type === 'union' || type === 'json') return;
    const wanted = type === 'array' ? 'list' : ['ref', 'map', 'tag'].includes(type) ? 'object' : 'text';
    if (kind !== wanted) this.#fault(path, `is a ${kind} instead of a ${wanted}`);
  }

  #primitive(path: string, value: unknown, type: PropertyType): void {
    const allowed: readonly unknown[] | undefined = 'allowedValues' in type ? type.allowedValues : undefined;
    const expected = { integer: 'number', 'date-time': 'string' }[type.type as string] ?? type.type;
    const isRight = typeof value === expected && (type.type !== 'integer' || Number.isInteger(value));
    if (!isRight) this.#fault(path, `${JSON.stringify(value)} is not of type ${type.type}`);
    else if (allowed !== undefined && !allowed.includes(value))
      this.#fault(path, `${JSON.stringify(value)} is none of ${allowed.join()}`);
  }

  #map(path: string, value: unknown, element: PropertyType): void {
    if (!isObject(value)) this.#fault(path, 'is not an object');
    else for (const [key, each] of Object.entries(value)) this.#value(`${path}.${key}`, each, element);
  }

  #array(path: string, value: unknown, element: PropertyType): void {
    if (!Array.isArray(value)) this.#fault(path, 'is not a list');
    else for (const [i, each] of value.entries()) this.#value(`${path}[${i}]`, each, element);
  }

  #union(path: string, value: unknown, types: readonly PropertyType[]): void {
    const tried = types.map((type) => {
      const one = new Validator(this.#template);
      one.#value(path, value, type);
      return one.faults;
    });
    if (!tried.some((faults) => faults.length === 0)) this.faults.push(...(tried[0] ?? []));
  }

  /** A document of another language, such as a policy: only what it refers to is known. */
  #json(path: string, value: unknown): void {
    if (isFunction(value)) this.#kindOf(path, value);
    else if (Array.isArray(value)) for (const [i, each] of value.entries()) this.#json(`${path}[${i}]`, each);
    else if (isObject(value)) for (const [key, each] of Object.entries(value)) this.#json(`${path}.${key}`, each);
  }

  #kindOf(path: string, value: Json): Kind {
    const [[name, argument] = ['', undefined]] = Object.entries(value);
    switch (name) {
      case 'Ref':
        return this.#ref(path, String(argument));
      case 'Fn::GetAtt':
        return this.#attribute(path, argument as readonly [string, string]);
      case 'Fn::Join':
        this.#array(path, (argument as readonly unknown[])[1], { type: 'string' });
        return 'text';
      case 'Fn::Sub':
        for (const [, id = ''] of String(argument).matchAll(/\$\{(?<id>[^!}]+)\}/g)) this.#ref(path, id);
        return 'text';
      case 'Fn::Select':
      case 'Fn::Split':
        this.#json(path, argument);
        return name === 'Fn::Select' ? 'text' : 'list';
      case 'Fn::ImportValue':
      case 'Fn::GetStackOutput':
        return undefined;
      default:
        this.#fault(path, `${name} is not a function that these templates use`);
        return undefined;
    }
  }

  #ref(path: string, id: string): Kind {
    const isThere = id in this.#template.Resources || id in (this.#template.Parameters ?? {}) || PSEUDO.test(id);
    if (!isThere) this.#fault(path, `refers to ${id}, which is not there`);
    return 'text';
  }

  #attribute(path: string, [id, name]: readonly [string, string]): Kind {
    const resource = this.#template.Resources[id];
    const attribute = resource && schemaOf(resource.Type)?.attributes[name];
    if (resource === undefined) this.#fault(path, `refers to ${id}, which is not there`);
    else if (attribute === undefined) this.#fault(path, `${resource.Type} has no attribute ${name}`);
    return attribute && (attribute.type.type === 'array' ? 'list' : 'text');
  }
}

const TAG: SchemaProperties = {
  Key: { type: { type: 'string' }, required: true },
  Value: { type: { type: 'string' }, required: true },
};

/** Returns what CloudFormation's schemas find wrong with a template, by resource and property; nothing if it is valid. */
export const schemaFaults = (template: TemplateJson): readonly string[] => {
  const validator = new Validator(template);
  for (const [id, resource] of Object.entries(template.Resources)) validator.resource(id, resource);
  for (const [name, output] of Object.entries(template.Outputs ?? {})) validator.output(name, output);
  return validator.faults;
};
