import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Writes outputs under exactly these names: the CDK would make a constructs's path and a hash part of them. */
export const writeOutputs = (stack: Stack, values: Readonly<Record<string, string>>): void => {
  const outputs = new Construct(stack, 'Outputs');
  for (const [name, value] of Object.entries(values)) new CfnOutput(outputs, name, { value }).overrideLogicalId(name);
};
