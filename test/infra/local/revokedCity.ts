import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openCity } from '../../../infra/demo/city.ts';
import { revokeApproval } from '../../../infra/demo/officials.ts';
import { play, story, TODAY } from '../../../infra/demo/story.ts';
import type { Settings } from '../../../infra/local/settings.ts';
import { sharedFolder } from '../../support/sharedFolder.ts';

interface RevokedCity {
  readonly older: string;
  readonly newer: string;
  readonly token: string;
  readonly now: () => string;
  readonly settings: Settings;
}

/** Copies a data folder without the lock of the server that has it. */
export const copyFolder = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('server.lock') });

const made = async (): Promise<RevokedCity> => {
  const folder = sharedFolder('revoked');
  const [older, newer] = [join(folder, 'older'), join(folder, 'newer')];
  const city = await openCity(TODAY);
  try {
    for (const step of story) await play(city, step);
    const { settings } = city.installation;
    copyFolder(settings.data, older);
    await revokeApproval(city, 'mayor', 'northcam.lpr/1', 'Not any more.');
    await city.settle();
    copyFolder(settings.data, newer);
    const instant = city.clock.now();
    return { older, newer, token: city.itToken, now: () => instant, settings };
  } finally {
    await city.close();
  }
};

let kept: Promise<RevokedCity> | undefined;

/** The city, made once for all files of a process: copy its folders, and leave them as they are. */
export const revokedCity = (): Promise<RevokedCity> => {
  kept ??= made();
  return kept;
};
