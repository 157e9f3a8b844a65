import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCity } from '../../../infra/demo/city.ts';
import { play, revokeApproval, story, TODAY } from '../../../infra/demo/story.ts';

// A program that plays the story of the demo, then revokes an approval, and copies the data folder before and after that. For
// `revokedCity.ts`, so that one process of a run does it for all.

const [, , folder = ''] = process.argv;
const city = await openCity(TODAY);
for (const step of story) await play(city, step);
const { settings } = city.installation;
const copyTo = (name: string) =>
  cpSync(settings.data, join(folder, name), { recursive: true, filter: (path) => !path.endsWith('server.lock') });
copyTo('older');
await revokeApproval(city, 'mayor', 'northcam.lpr/1', 'Not any more.');
await city.settle();
copyTo('newer');
const made = { token: city.itToken, now: city.clock.now(), settings, seats: city.seats };
writeFileSync(join(folder, 'city.json'), JSON.stringify(made));
await city.close();
