// The verifier alone, for people who have no checkout: `npm run build:verify` makes one file of it that runs on Node 20 or later.
import { verifyCommand } from '../cli/commands/verify.ts';
import { complain, progressOn, runCommand } from '../cli/usage.ts';
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
process.exitCode = await runCommand(verifyCommand, words.length === 0 ? ['--help'] : words, () => tools).catch((error: unknown) =>
  complain(error),
);
