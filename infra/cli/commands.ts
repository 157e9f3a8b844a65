import { archiveCommands } from './commands/archive.ts';
import { askCommands } from './commands/ask.ts';
import { auditCommands } from './commands/audit.ts';
import { backupCommands } from './commands/backup.ts';
import { checkCommand } from './commands/check.ts';
import { doctorCommand } from './commands/doctor.ts';
import { documentCommand } from './commands/document.ts';
import { initCommand } from './commands/init.ts';
import { linkCommands, passkeyCommands } from './commands/link.ts';
import { keysCommands, logLifeCommands } from './commands/logLife.ts';
import { noticeCommands, sendCommand } from './commands/notice.ts';
import { publicLogCommands } from './commands/publicLog.ts';
import { redactionCommands } from './commands/redactions.ts';
import { replayCommand } from './commands/replay.ts';
import { rulesCommands } from './commands/rules.ts';
import { subscribeCommands } from './commands/subscribe.ts';
import { tokenCommands } from './commands/token.ts';
import { vendorCommands } from './commands/vendor.ts';
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
