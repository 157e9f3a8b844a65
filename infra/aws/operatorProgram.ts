import { LogError } from '../../domain/log/errors.ts';
import { OutputsError } from './outputs.ts';

const OF_PARSE_ARGS = /^ERR_PARSE_ARGS_/;

const isMisuse = (error: unknown): error is Error =>
  error instanceof OutputsError ||
  error instanceof LogError ||
  (error instanceof Error && 'code' in error && typeof error.code === 'string' && OF_PARSE_ARGS.test(error.code));

/**
 * Runs a program of an operator, which returns its exit code, or undefined for arguments that do not fit. Prints the usage then, or what is
 * wrong with an argument or the outputs file.
 */
export const operatorProgram = async (usage: string, run: () => Promise<number | undefined>): Promise<void> => {
  try {
    process.exitCode = await run();
    if (process.exitCode !== undefined) return;
    console.error(
      `usage: ${usage}\nEach reads the stage from --outputs FILE (cdk-outputs.json), and takes --stage NAME if that has several.`,
    );
  } catch (error) {
    if (!isMisuse(error)) throw error;
    console.error(error.message);
  }
  process.exitCode = 2;
};
