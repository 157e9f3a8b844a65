import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gateApp } from '../../../../infra/aws/app.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { filledFolder } from '../../../support/sharedFolder.ts';
import type { Pattern } from './eventPattern.ts';
import { nameIn } from './iam.ts';
import {
  context,
  type Part,
  propertiesOf,
  resources,
  statementsOf,
  type TemplateJson,
  WITHOUT_BUNDLES,
  withId,
} from './templates.ts';

export const CITY = {
  domain: 'gate.example',
  certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
  leaseSeconds: '45',
  bulkMaxAge: 'PT2S',
};

/** A function as it would be deployed, with plain names where the template has references. */
export interface Deployed {
  readonly bundle: string;
  readonly bytes: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly statements: readonly Part[];
}

export interface Deployment {
  readonly stage: string;
  readonly functions: Readonly<Record<FunctionName, Deployed>>;
  readonly deniedOnCommits: readonly string[];
  readonly rules: readonly { readonly bus: string; readonly pattern: Pattern; readonly target: string }[];
  readonly readers: readonly { readonly patterns: readonly Pattern[]; readonly target: FunctionName }[];
  readonly templates: { readonly gate: TemplateJson; readonly records: TemplateJson };
  /** What `cdk deploy --outputs-file` would write, by stack. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly outputsFile: string;
  readonly remove: () => void;
}

const deniedOnCommits = (records: TemplateJson) => {
  const [replica] = withId(records, 'AWS::DynamoDB::GlobalTable', 'Commits').Replicas;
  return replica.ResourcePolicy.PolicyDocument.Statement.flatMap((each: Part) => each.Action);
};

/** With names where the template has references. */
const plain = (value: Part): Part => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const isReference = Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
  return isReference ? nameIn(value) : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
};

const outputsOf = ({ Outputs: outputs = {} }: TemplateJson): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(outputs)
      .filter(([name]) => !/^(?:Exports|Publish)Output/.test(name))
      .map(([name, output]) => [name, nameIn(output.Value)]),
  );

const OUTPUTS = 'cdk-outputs.json';
const TEMPLATE = '.template.json';

const templateIn = (outdir: string, stack: string) =>
  JSON.parse(readFileSync(join(outdir, `${stack}${TEMPLATE}`), 'utf8')) as TemplateJson;

const synthesise = (outdir: string, change: Readonly<Record<string, unknown>>) => {
  const { app, gate, records, copy } = gateApp({ outdir, context: { ...context, ...CITY, ...change } });
  app.synth();
  const stacks = [records, gate, ...(copy === undefined ? [] : [copy])].map(({ stackName }) => stackName);
  const outputs = Object.fromEntries(stacks.map((name) => [name, outputsOf(templateIn(outdir, name))]));
  writeFileSync(join(outdir, OUTPUTS), JSON.stringify(outputs));
};

let unchanged: Deployment | undefined;

/** Returns what a city deploys. It is made once for all files of a run, which must not change it, and goes with the run. */
export const deployed = (): Deployment => {
  unchanged ??= deploymentIn(filledFolder('deployment', (folder) => synthesise(folder, {})));
  return unchanged;
};

/** The same with another context, and the same code: no context changes it. */
export const synthesised = (change: Readonly<Record<string, unknown>>): Deployment => {
  const outdir = mkdtempSync(join(tmpdir(), 'aldergate-cdk-'));
  synthesise(outdir, { ...change, ...WITHOUT_BUNDLES });
  const { functions } = deployed();
  return deploymentIn(outdir, (name) => functions[name].bundle);
};

const deploymentIn = (outdir: string, bundleOf?: (name: FunctionName) => string): Deployment => {
  const stacks = readdirSync(outdir).flatMap((file) => (file.endsWith(TEMPLATE) ? [file.slice(0, -TEMPLATE.length)] : []));
  const templateOf = (part: string) => templateIn(outdir, stacks.find((name) => name.endsWith(`-${part}`)) ?? `no stack ${part}`);
  const [gate, records] = [templateOf('Gate'), templateOf('Records')];
  const functions = [...resources(gate, 'AWS::Lambda::Function')].map(([id, { Properties: properties }]) => {
    const name = id.replace(/Function.*$/, '') as FunctionName;
    const bundle = bundleOf?.(name) ?? join(outdir, `asset.${properties.Code.S3Key.replace('.zip', '')}`, 'index.mjs');
    const variables = plain(properties.Environment.Variables);
    return [name, { bundle, bytes: statSync(bundle).size, variables, statements: statementsOf(gate, name) }] as const;
  });
  const rules = propertiesOf(gate, 'AWS::Events::Rule').map((properties) => ({
    bus: properties.EventBusName === undefined ? 'default' : nameIn(properties.EventBusName),
    pattern: plain(properties.EventPattern) as Pattern,
    target: nameIn(properties.Targets[0].Arn).replace(/Function$/, ''),
  }));
  const readers = propertiesOf(gate, 'AWS::Lambda::EventSourceMapping').map((properties) => ({
    patterns: properties.FilterCriteria.Filters.map((filter: Part) => JSON.parse(filter.Pattern)) as readonly Pattern[],
    target: nameIn(properties.FunctionName).replace(/Function$/, '') as FunctionName,
  }));
  return {
    stage: stacks[0]?.split('-')[1] ?? '',
    functions: Object.fromEntries(functions) as Deployment['functions'],
    deniedOnCommits: deniedOnCommits(records),
    rules,
    readers,
    templates: { gate, records },
    outputs: JSON.parse(readFileSync(join(outdir, OUTPUTS), 'utf8')) as Deployment['outputs'],
    outputsFile: join(outdir, OUTPUTS),
    // What all share goes with the run.
    remove: bundleOf === undefined ? () => undefined : () => rmSync(outdir, { recursive: true, force: true }),
  };
};
