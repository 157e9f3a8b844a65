import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCity } from '../../../infra/demo/city.ts';
import { play, revokeApproval, story, TODAY } from '../../../infra/demo/story.ts';

// A program that plays the story of the demo, then revokes an approval, and copies the data folder before and after that, and the mails
// before. `revokedCity.ts` starts it, so that one process of a run does it for all.

const [, , folder = ''] = process.argv;
const city = await openCity(TODAY);
for (const step of story) await play(city, step);
const { settings } = city.installation;
/** What a server has, or makes when it starts, is left out; so are the mails, which few tests read and which are most of the files. */
const LEFT_OUT = new Set(['server.lock', 'reserve', 'outbox'].map((name) => join(settings.data, name)));
const copyTo = (name: string) =>
  cpSync(settings.data, join(folder, name), { recursive: true, filter: (path) => !LEFT_OUT.has(path) });
copyTo('older');
cpSync(join(settings.data, 'outbox'), join(folder, 'outbox'), { recursive: true });
await revokeApproval(city, 'mayor', 'northcam.lpr/1', 'Not any more.');
await city.settle();
copyTo('newer');
const made = { token: city.itToken, now: city.clock.now(), settings, seats: city.seats };
writeFileSync(join(folder, 'city.json'), JSON.stringify(made));
await city.close();
