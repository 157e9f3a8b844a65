import { type House, keysMade, openHouse } from '../local/house.ts';
import { Refused } from '../local/refused.ts';
import { readSettings } from '../local/settings.ts';
import { remoteDoor } from './door.ts';
import { localDoor } from './localDoor.ts';
import { progressOn } from './progress.ts';
import { type Door, type Options, optional, type Tools, WrongUsage } from './usage.ts';

/** What commands work with: the local data folder, opened when first needed, or the installation that --url and --token name. */
export const openTools = (
  options: Options,
  env: Readonly<Record<string, string | undefined>>,
): Tools & { close: () => Promise<void> } => {
  const url = optional(options, 'url');
  const token = optional(options, 'token');
  let house: House | undefined;
  let door: Door | undefined;
  let idle = async (): Promise<void> => undefined;
  const local = (): House => {
    if (url !== undefined) throw new Refused('this command works on the local data folder only; leave --url out');
    if (house === undefined) {
      house = openHouse(readSettings(env));
      if (house.firstStart) process.stderr.write(`${keysMade(house.settings)}\n`);
    }
    return house;
  };
  return {
    local,
    door: () => {
      if (url !== undefined && token === undefined) throw new WrongUsage('--url needs --token');
      if (door !== undefined) return door;
      if (url === undefined) {
        const own = localDoor(local());
        idle = own.idle;
        door = own;
      } else door = remoteDoor(url, token ?? '');
      return door;
    },
    progress: (what) => progressOn(process.stderr, what),
    close: async () => {
      await idle();
      await house?.close();
    },
  };
};
