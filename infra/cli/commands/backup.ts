import { backUp, restore } from '../../local/backup.ts';
import { readSettings } from '../../local/settings.ts';
import { readBytes } from '../files.ts';
import { argument, type Command, optionalOption } from '../usage.ts';

const backupCommand: Command = {
  usage: 'backup FOLDER',
  does: 'copies the data folder, while the server runs, and checks the copy; FOLDER is new, and has its name only once it is whole',
  run: async (args) => {
    const folder = argument(args, 0, 'FOLDER');
    const size = await backUp(readSettings(process.env), folder);
    return { json: { folder, size }, text: `backed up to ${folder}: a log of ${size} entries, checked` };
  },
};

const restoreCommand: Command = {
  usage: 'restore FOLDER [--expect CHECKPOINT]',
  does: 'puts a backup into an empty data folder; without a checkpoint that it continues, nothing is on until a witness or two officials say that nothing newer is missing',
  takes: { expect: 'string' },
  run: async (args, options) => {
    const folder = argument(args, 0, 'FOLDER');
    const expect = optionalOption(options, 'expect');
    const settings = readSettings(process.env);
    const size = await restore(settings, folder, expect === undefined ? undefined : readBytes(expect));
    const then =
      expect === undefined
        ? 'Start the server: nothing is on until a witness that saw this log, or two officials by their links, say that nothing newer is missing'
        : 'It continues the expected checkpoint. Start the server';
    return {
      json: { data: settings.data, size, confirmed: expect !== undefined },
      text: `restored into ${settings.data}: a log of ${size} entries. ${then}`,
    };
  },
};

export const backupCommands: readonly Command[] = [backupCommand, restoreCommand];
