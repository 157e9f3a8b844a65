// The verifier alone, for people who have no checkout: `npm run build:verify` makes one file of it that runs on Node 20 or later.
import { verifyCommand } from '../cli/commands/verify.ts';
import { printFailure, progressOn, runCommand } from '../cli/usage.ts';
import { CommandRefused } from '../local/errors.ts';

const noGate = (): never => {
  throw new CommandRefused('the verifier works on no gate of its own');
};

const tools = {
  apiClient: noGate,
  local: noGate,
  profilesFolder: noGate,
  progress: (what: string) => progressOn(process.stderr, what),
  close: async () => undefined,
};

const [first, ...rest] = process.argv.slice(2);
const words = first === 'verify' ? rest : process.argv.slice(2);
const asked = words.length > 0;
const code = await runCommand(verifyCommand, asked ? words : ['--help'], () => tools).catch((error: unknown) =>
  printFailure(error, verifyCommand),
);
// No question, as of a script whose variable is empty, must not pass for one that was answered.
process.exitCode = asked ? code : 2;
