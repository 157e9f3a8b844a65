import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVerifierKey } from '../../../../domain/log/note.ts';
import { logSigner } from '../../../../functions/log/sequencer/ports.ts';
import { openCity } from '../../../../infra/demo/city.ts';
import { play, story } from '../../../../infra/demo/story.ts';
import { logOrigin } from '../../../../infra/local/settings.ts';

const DAY = 10;

/** Has a city decide on its machine, and leaves `data` and `the-key-that-was-published` in the folder in which an operator works. */
export const decideOnMachine = async (folder: string): Promise<{ readonly itToken: string; readonly linkKey: Uint8Array }> => {
  const city = await openCity(DAY);
  for (const step of story.filter(({ day }) => day <= DAY)) await play(city, step);
  await city.settle();
  const { settings, secrets } = city.installation;
  const { key } = logSigner(secrets.logKey, logOrigin(settings));
  writeFileSync(join(folder, 'the-key-that-was-published'), formatVerifierKey(key));
  execFileSync('cp', ['-R', settings.data, join(folder, 'data')]);
  await city.close();
  return { itToken: city.itToken, linkKey: secrets.linkKey };
};
