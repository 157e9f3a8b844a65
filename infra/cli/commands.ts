import { linkCommands, passkeyCommands, subscribeCommands, tokenCommands, vendorCommands } from './commands/access.ts';
import { archiveCommands, backupCommands } from './commands/archive.ts';
import { askCommands } from './commands/ask.ts';
import { auditCommands } from './commands/audit.ts';
import { checkCommand } from './commands/check.ts';
import { doctorCommand } from './commands/doctor.ts';
import { initCommand } from './commands/init.ts';
import { keysCommands, logLifeCommands } from './commands/logLife.ts';
import { documentCommand, noticeCommands, redactionCommands, sendCommand } from './commands/notice.ts';
import { publicLogCommands } from './commands/publicLog.ts';
import { replayCommand } from './commands/replay.ts';
import { rulesCommands } from './commands/rules.ts';
import { verifyCommand } from './commands/verify.ts';
import { witnessCommand } from './commands/witness.ts';
import type { Command } from './usage.ts';

export const commands: readonly Command[] = [
  initCommand,
  ...rulesCommands,
  ...vendorCommands,
  ...linkCommands,
  ...passkeyCommands,
  ...tokenCommands,
  ...noticeCommands,
  documentCommand,
  ...askCommands,
  checkCommand,
  ...auditCommands,
  ...redactionCommands,
  ...archiveCommands,
  ...backupCommands,
  replayCommand,
  doctorCommand,
  verifyCommand,
  ...publicLogCommands,
  ...logLifeCommands,
  ...keysCommands,
  witnessCommand,
  sendCommand,
  ...subscribeCommands,
];
