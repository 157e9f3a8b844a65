import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Stack } from 'aws-cdk-lib';
import { type GateApp, gateApp } from '../../../../infra/aws/app.ts';
import { filledFolder } from '../../../support/sharedFolder.ts';
import { OWN_CONTEXT } from './city.ts';

type Json = Readonly<Record<string, unknown>>;
// biome-ignore lint/suspicious/noExplicitAny: a part of a template, whose shape CloudFormation documents and its schemas check.
export type Part = any;

/** Otherwise the templates would contain the region of the machine that runs the tests. */
const REGION = 'us-west-2';
process.env.CDK_DEFAULT_REGION = REGION;
/** The schemas of CloudFormation take seconds to load in each process: `stacks.test.ts` alone asks them. */
process.env.CDK_VALIDATION = 'false';

/** The key of the copies of every city in these tests, as age-keygen makes it. */
export const COPY_IDENTITY = 'AGE-SECRET-KEY-1R3UK8HN734SRA55WLLMVU96GNSDM3CPS77ETPH30LDC5R4KKS6EQMP079C';
const copyKey = 'age1cpsa94lmkvjhh3my5v8yty94g8c9lkd5wg42hx88g0kftyy6t5sqn3a6nx';

export const context: Json = { ...OWN_CONTEXT, copyKey };

export interface TemplateJson {
  readonly Resources: Readonly<Record<string, ResourceJson>>;
  readonly Outputs?: Readonly<Record<string, Part>>;
}

export interface ResourceJson {
  readonly Type: string;
  readonly Properties?: Part;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Templates {
  readonly records: TemplateJson;
  readonly copy?: TemplateJson;
  readonly gate: TemplateJson;
  /** Without resources in a lean stage. */
  readonly guard: TemplateJson;
  readonly edge: TemplateJson;
  /** The stacks that CloudFormation refuses to delete. */
  readonly terminationProtected: readonly string[];
  readonly warnings: readonly string[];
}

/** A context of the CDK: the bundles take most of the time of a synthesis. */
export const WITHOUT_BUNDLES = { 'aws:cdk:bundling-stacks': [] };

/**
 * Calls a function with the app that a context makes, without bundles. `region`, which is no
 * context: where it is deployed.
 */
export const withApp = <T>({ region = REGION, ...change }: Json, use: (app: GateApp) => T): T => {
  process.env.CDK_DEFAULT_REGION = String(region);
  // Without a folder of its own the CDK makes one in the temporary folder, and leaves it there.
  const outdir = mkdtempSync(join(tmpdir(), 'aldergate-templates-'));
  try {
    return use(gateApp({ outdir, context: { ...context, ...change, ...WITHOUT_BUNDLES } }));
  } finally {
    process.env.CDK_DEFAULT_REGION = REGION;
    rmSync(outdir, { recursive: true, force: true });
  }
};

const made = new Map<string, Templates>();

/** Synthesises the stacks, once a run for each context. Throws when a rule of cdk-nag is broken. */
export const templates = (change: Json = {}): Templates => {
  const name = createHash('sha256').update(JSON.stringify(change)).digest('hex');
  const known = made.get(name) ?? read(name, change);
  made.set(name, known);
  return known;
};

const FILE = 'templates.json';

const read = (name: string, change: Json) => {
  const folder = filledFolder(`templates-${name}`, (folder) =>
    writeFileSync(join(folder, FILE), JSON.stringify(synthesise(change))),
  );
  return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Templates;
};

const synthesise = (change: Json): Templates =>
  withApp(change, ({ app, records, copy, gate, guard, edge }) => {
    const { stacks } = app.synth();
    const warnings = stacks.flatMap(({ messages }) => messages).filter(({ level }) => level === 'warning');
    const templateOf = ({ stackName }: Stack) => stacks.find((stack) => stack.stackName === stackName)?.template as TemplateJson;
    return {
      records: templateOf(records),
      ...(copy && { copy: templateOf(copy) }),
      gate: templateOf(gate),
      guard: guard === undefined ? { Resources: {} } : templateOf(guard),
      edge: templateOf(edge),
      terminationProtected: stacks.filter((stack) => stack.terminationProtection).map(({ stackName }) => stackName),
      warnings: warnings.map(({ entry }) => JSON.stringify(entry.data)),
    };
  });

/** Returns the templates of a stage by the names of its stacks. A stage has a `Copy` only if something is kept in another region. */
export const stacksOf = ({ records, copy, gate, guard, edge }: Templates): ReadonlyMap<string, TemplateJson> =>
  new Map(Object.entries({ records, ...(copy && { copy }), gate, guard, edge }));

export const resourcesOf = (stage: Templates): readonly (readonly [string, ResourceJson])[] =>
  [...stacksOf(stage).values()].flatMap(({ Resources: all }) => Object.entries(all));

export const resources = ({ Resources: all }: TemplateJson, type: string): ReadonlyMap<string, ResourceJson> =>
  new Map(Object.entries(all).filter(([, each]) => each.Type === type));

export const propertiesOf = (template: TemplateJson, type: string): readonly Part[] =>
  [...resources(template, type).values()].map((each) => each.Properties);

export const only = (template: TemplateJson, type: string): Part => {
  const [found, ...others] = propertiesOf(template, type);
  if (found === undefined || others.length > 0) throw new Error(`not one ${type}`);
  return found;
};

/** The properties of the first resource of a type whose id contains a text. */
export const withId = (template: TemplateJson, type: string, text: string): Part =>
  [...resources(template, type)].find(([id]) => id.includes(text))?.[1].Properties;

export const statementsOf = (gate: TemplateJson, role: string): readonly Part[] =>
  withId(gate, 'AWS::IAM::Policy', `${role}RoleDefaultPolicy`).PolicyDocument.Statement;

export const variablesOf = (gate: TemplateJson, name: string): Part =>
  withId(gate, 'AWS::Lambda::Function', `${name}Function`).Environment.Variables;

/** A key of another account. */
export const LOG_KEY_ARN = 'arn:aws:kms:us-west-2:222233334444:key/mrk-0123456789abcdef0123456789abcdef';
const OPERATOR = 'arn:aws:iam::123456789012:role/operator';
export const WITNESS = {
  url: 'https://museum.example',
  vkey: 'museum.example+656a4954+BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH',
};

/** Every value of the context that adds, removes or changes a resource is in one of these. */
export const CONTEXTS = {
  'as in cdk.json': {},
  'everything set': {
    stage: 'abcdefghijkl',
    domain: 'gate.city.example',
    certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
    city: 'City of Northfield',
    contact: 'City clerk, 555-0100',
    accessibility: 'https://city.example/accessibility',
    privacy: 'https://city.example/privacy',
    itMail: 'it@city.example',
    alarmEmail: 'it@city.example',
    logKey: '3',
    logOrigin: 'gate.city.example/log',
    handoverBy: OPERATOR,
    originSecretVersion: '01234567-89ab-cdef-0123-456789abcdef',
    mailIdentity: 'existing',
    busReaders: '222233334444, 555566667777',
    protect: true,
  },
  'without a trail of its own': { trail: 'none', mailIdentity: 'address' },
  'signed by a key of another account and then by its own, copied into another account': {
    logKeyArn: LOG_KEY_ARN,
    logKey: '1',
    handoverBy: OPERATOR,
    copyTo: 'arn:aws:s3:::county-archive',
    copyRegion: 'eu-central-1',
  },
  'signed by a key of another account, with nothing in another region': {
    logKeyArn: LOG_KEY_ARN,
    copyRegion: 'none',
  },
  'lean, with a quorum of witnesses': { size: 'lean', witnesses: [WITNESS], witnessQuorum: '1' },
} satisfies Readonly<Record<string, Json>>;

type SpecDatabase = ReturnType<typeof loadAwsServiceSpecSync>;

let loaded: SpecDatabase | undefined;

/** Returns CloudFormation's own schema of a type of resource, as the CDK's authors pack it. It takes a second to read, once a process. */
export const schemaOf = (type: string) => {
  loaded ??= loadAwsServiceSpecSync();
  return loaded.lookup('resource', 'cloudFormationType', 'equals', type)[0];
};
