import { readFileSync } from 'node:fs';
import * as z from 'zod';

const Value = z.string().min(1);

/** The outputs of the stacks, for operators and their programs. docs/deploy.md uses these names. */
export const RecordsOutputs = z.object({
  CommitsTable: Value,
  SideTable: Value,
  RegisterTable: Value,
  CommitSecret: Value,
  LinkSecret: Value,
  TextSecret: Value,
  RosterSecret: Value,
  OriginSecret: Value,
  LogKey: Value,
  LogBucket: Value,
});
export type RecordsOutputs = z.infer<typeof RecordsOutputs>;

/** The file that `cdk deploy --outputs-file` writes. */
const OutputsFile = z.record(z.string(), z.record(z.string(), z.string()));
type OutputsFile = z.infer<typeof OutputsFile>;

const STACK = /^Aldergate-(?<stage>[a-z][a-z0-9-]*)-(?:Records|Gate|Guard|Edge|Copy)$/;

/** An outputs file that cannot be used. */
export class OutputsError extends Error {
  override readonly name = 'OutputsError';
}

/** The options, for `parseArgs`, by which every operator program names its stage. */
export const STAGE_OPTIONS = {
  outputs: { type: 'string', default: 'cdk-outputs.json' },
  stage: { type: 'string' },
} as const;

interface StageNamed {
  readonly outputs: string;
  readonly stage?: string | undefined;
}

const readFile = (file: string): OutputsFile => {
  try {
    return OutputsFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new OutputsError(`${file} is not what cdk deploy --outputs-file ${file} writes: ${reason}`);
  }
};

const stageIn = (file: string, stacks: OutputsFile, stage: string | undefined): string => {
  const stages = [...new Set(Object.keys(stacks).flatMap((name) => STACK.exec(name)?.groups?.stage ?? []))];
  const found = stages.filter((each) => stage === undefined || each === stage);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1) throw new OutputsError(`${file} has several stages, ${found.join(' and ')}: choose one with --stage`);
  throw new OutputsError(`${file} has no stage ${stage ?? ''}`.trim());
};

export const recordsOutputs = ({ outputs: file, stage }: StageNamed): RecordsOutputs => {
  const stacks = readFile(file);
  const stack = `Aldergate-${stageIn(file, stacks, stage)}-Records`;
  const given = stacks[stack];
  if (given === undefined) throw new OutputsError(`${file} has no stack ${stack}: deploy it with --outputs-file ${file}`);
  const read = RecordsOutputs.safeParse(given);
  if (read.success) return read.data;
  const missing = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
  throw new OutputsError(`${file} lacks ${missing.join(', ')} of ${stack}: deploy it again with --outputs-file ${file}`);
};
