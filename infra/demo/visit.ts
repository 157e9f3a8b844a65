import { join } from 'node:path';
import { makeLink } from '../../functions/gate/links.ts';
import type { DemoCity } from './city.ts';
import type { DemoOutput } from './output.ts';
import { expectAnswer } from './step.ts';
import { TODAY, WAITING } from './story.ts';

const { key, n } = WAITING;

/** Returns the link of an office for the change that waits, as it is or will be mailed. */
const linkOf = async ({ installation, url }: DemoCity, office: 'clerk' | 'mayor'): Promise<string> => {
  const token = await makeLink(
    { ...installation.ports, linkKey: installation.secrets.linkKey },
    {
      purpose: 'decide',
      holder: office,
      body: office,
      seat: office,
      requirement: office === 'clerk' ? 'council' : 'mayor',
      key,
      n,
      revision: 1,
    },
  );
  return `${url}/d/${token}`;
};

/** Returns to the present and leaves one open decision to the visitor. */
export const inviteVisitor = async (city: DemoCity, { heading, line }: DemoOutput): Promise<void> => {
  const { clock, settle, url, itToken } = city;
  clock.toDay(TODAY);
  clock.release();
  await settle();
  await expectAnswer(city, { key }, 'pending');
  heading('Now it is your turn. One change waits: a search for vehicles in plain words.');
  line();
  line(`The register       ${url}/`);
  line(`The change         ${url}/changes/${key}/${n}`);
  line(`All mails so far   ${url}/dev/outbox`);
  // Each demo is a new log under one name: what is remembered of it goes with it.
  const state = join(city.installation.settings.data, 'seen.json');
  line(`The public log     npx aldergate verify ${url} --key "$(curl -s ${url}/log/vkey)" --state ${state}`);
  line();
  line('1. You are IT. Ask; the answer is "value":false:');
  line(`   curl -s -X POST -H 'Authorization: Bearer ${itToken}' ${url}/ofrep/v1/evaluate/flags/${key}`);
  line('2. You are the clerk. Certify that the council adopted it today: all present voted yes, any file number:');
  line(`   ${await linkOf(city, 'clerk')}`);
  line('3. You are the mayor. Sign (the mail with this link goes out once the council has adopted):');
  line(`   ${await linkOf(city, 'mayor')}`);
  line('4. Ask again: "value":true.');
  line();
  line('Ctrl-C ends it and removes everything.');
};
