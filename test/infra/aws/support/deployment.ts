import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { gateApp } from '../../../../infra/aws/app.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { filledFolder, sharedFolder } from '../../../support/sharedFolder.ts';
import type { Pattern } from './eventPattern.ts';
import { context, nameIn, resources, statementsOf, WITHOUT_BUNDLES } from './templates.ts';

export const CITY_URL = 'https://gate.example';

export const TIME_ZONE = String(context.timeZone);

export const CITY = {
  domain: 'gate.example',
  certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
  leaseSeconds: '45',
  bulkMaxAge: 'PT2S',
};

export type Statements = ReturnType<typeof statementsOf>;

/** A function as it would be deployed, with plain names where the template has references. */
export interface Deployed {
  readonly bundle: string;
  readonly bytes: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly statements: Statements;
}

export interface Deployment {
  readonly stage: string;
  readonly functions: Readonly<Record<FunctionName, Deployed>>;
  readonly deniedOnCommits: readonly string[];
  readonly rules: readonly { readonly bus: string; readonly pattern: Pattern; readonly target: string }[];
  readonly readers: readonly { readonly patterns: readonly Pattern[]; readonly target: FunctionName }[];
  readonly templates: { readonly gate: Template; readonly records: Template };
  /** What `cdk deploy --outputs-file` would write, by stack. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where it is. */
  readonly outputsFile: string;
  readonly remove: () => void;
}

const deniedOnCommits = (records: Template): readonly string[] => {
  const commits = [...resources(records, 'AWS::DynamoDB::GlobalTable')].find(([id]) => id.startsWith('Commits'))?.[1].Properties;
  const [replica] = (commits?.Replicas ?? []) as readonly {
    readonly ResourcePolicy: {
      readonly PolicyDocument: { readonly Statement: readonly { readonly Action: readonly string[] }[] };
    };
  }[];
  return replica?.ResourcePolicy.PolicyDocument.Statement.flatMap(({ Action: actions }) => actions) ?? [];
};

/** With names where the template has references. */
const plain = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const isReference = Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
  return isReference ? nameIn(value) : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
};

const outputsOf = (template: Template): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(template.findOutputs('*'))
      .filter(([name]) => !/^(?:Exports|Publish)Output/.test(name))
      .map(([name, { Value: value }]) => [name, nameIn(value)]),
  );

const functionsIn = (gate: Template) =>
  [...resources(gate, 'AWS::Lambda::Function')].map(
    ([id, { Properties: properties }]) => [id.replace(/Function.*$/, ''), properties] as const,
  );

/** The code of each function as the CDK would upload it, in a folder of its name: no context changes it. */
const bundled = (): string =>
  filledFolder('bundles', (folder) => {
    const outdir = mkdtempSync(join(tmpdir(), 'aldergate-cdk-'));
    const { app, gate } = gateApp({ outdir, context: { ...context, ...CITY } });
    app.synth();
    for (const [name, { Code: code }] of functionsIn(Template.fromStack(gate))) {
      const { S3Key: key } = code as { readonly S3Key: string };
      cpSync(join(outdir, `asset.${key.replace('.zip', '')}`), join(folder, name), { recursive: true });
    }
    rmSync(outdir, { recursive: true });
  });

let bundles: string | undefined;
let unchanged: Deployment | undefined;

/** Returns what a city deploys. It is made once for all files of a process, which must not change it, and goes with the run. */
export const deployed = (): Deployment => {
  if (unchanged === undefined) {
    const folder = sharedFolder('deployment');
    unchanged = { ...synthesisedIn(folder, {}), remove: () => undefined };
  }
  return unchanged;
};

/** Synthesises everything as `cdk deploy` would upload it. `change` overrides the context of the city. */
export const synthesised = (change: Readonly<Record<string, unknown>>): Deployment =>
  synthesisedIn(mkdtempSync(join(tmpdir(), 'aldergate-cdk-')), change);

const synthesisedIn = (outdir: string, change: Readonly<Record<string, unknown>>): Deployment => {
  const { app, gate, records, copy } = gateApp({ outdir, context: { ...context, ...CITY, ...change, ...WITHOUT_BUNDLES } });
  app.synth();
  bundles ??= bundled();
  const code = bundles;
  const template = Template.fromStack(gate);
  const functions = functionsIn(template).map(([name, properties]) => {
    const file = join(code, name, 'index.mjs');
    const { Variables: variables } = properties.Environment as { readonly Variables: Readonly<Record<string, unknown>> };
    const plain = Object.fromEntries(Object.entries(variables).map(([variable, value]) => [variable, nameIn(value)]));
    return [
      name,
      { bundle: file, bytes: statSync(file).size, variables: plain, statements: statementsOf(template, name) },
    ] as const;
  });
  const rules = [...resources(template, 'AWS::Events::Rule').values()].map(({ Properties: properties }) => ({
    bus: properties.EventBusName === undefined ? 'default' : nameIn(properties.EventBusName),
    pattern: plain(properties.EventPattern) as Pattern,
    target: nameIn((properties.Targets as readonly { readonly Arn: unknown }[])[0]?.Arn).replace(/Function$/, ''),
  }));
  const readers = [...resources(template, 'AWS::Lambda::EventSourceMapping').values()].map(({ Properties: properties }) => {
    const { Filters: filters } = properties.FilterCriteria as { readonly Filters: readonly { readonly Pattern: string }[] };
    return {
      patterns: filters.map(({ Pattern: pattern }) => JSON.parse(pattern) as Pattern),
      target: nameIn(properties.FunctionName).replace(/Function$/, '') as FunctionName,
    };
  });
  const recordsTemplate = Template.fromStack(records);
  const outputs = {
    [records.stackName]: outputsOf(recordsTemplate),
    [gate.stackName]: outputsOf(template),
    ...(copy && { [copy.stackName]: outputsOf(Template.fromStack(copy)) }),
  };
  const outputsFile = join(outdir, 'cdk-outputs.json');
  writeFileSync(outputsFile, JSON.stringify(outputs));
  return {
    stage: records.stackName.split('-')[1] ?? '',
    functions: Object.fromEntries(functions) as Deployment['functions'],
    deniedOnCommits: deniedOnCommits(recordsTemplate),
    rules,
    readers,
    templates: { gate: template, records: recordsTemplate },
    outputs,
    outputsFile,
    remove: () => rmSync(outdir, { recursive: true, force: true }),
  };
};
