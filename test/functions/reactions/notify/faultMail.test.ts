import { expect, test } from 'vitest';
import type { HealthProblem } from '../../../../functions/platform/health.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { mailFaults } from '../../../../functions/reactions/notify/faultMail.ts';
import { failing } from '../../openGate.ts';
import { CLERKS_AND_IT, IT, mailing, who } from './mailing.ts';

const altered: HealthProblem = {
  code: 'row-altered',
  since: '2026-03-02T12:00:00.000Z',
  detail: 'feature/acme@3 was not written by this gate.',
};
const held: HealthProblem = { ...altered, code: 'judge-failed', detail: 'Version 2 of policy may not stand: tally.' };
const stuck: HealthProblem = { ...altered, code: 'consumers-stuck', detail: 'notify does not run.' };

test('what was altered or may not stand is mailed to the clerks and IT once, and again when it comes back', async () => {
  const { ports, sent } = await mailing({ itMail: IT });
  await mailFaults(ports, [altered, stuck]);
  const first = sent.splice(0);
  expect(who(first)).toEqual(CLERKS_AND_IT);
  expect(first[0]?.text).toContain('feature/acme@3 was not written by this gate.');
  expect(first[0]?.text).not.toContain('notify does not run');
  await mailFaults(ports, [altered]);
  expect(sent).toEqual([]);
  await mailFaults(ports, [altered, held]);
  const second = sent.splice(0);
  expect(who(second)).toEqual(CLERKS_AND_IT);
  expect(second[0]?.text).toContain('may not stand: tally');
  expect(second[0]?.text).not.toContain('feature/acme@3');
  await mailFaults(ports, [held]);
  await mailFaults(ports, [{ ...altered, since: '2026-03-03T12:00:00.000Z' }, held]);
  expect(who(sent)).toEqual(CLERKS_AND_IT);
});

test('without a roster that can be read IT is mailed, and a mail that cannot leave is sent by the next run', async () => {
  const { ports, sent, goDown, accept } = await mailing({ itMail: IT });
  const store = failing(
    ports.store,
    (method, [stream]) => method === 'head' && stream === 'roster' && new CorruptStore('roster@1 was altered'),
  );
  goDown();
  await expect(mailFaults({ ...ports, store }, [altered])).rejects.toThrow('down');
  accept();
  await mailFaults({ ...ports, store }, [altered]);
  expect(who(sent)).toEqual(['it']);
});

test('an address that is refused keeps neither the others from theirs nor what is mailed afterwards, and is tried again', async () => {
  const { wait, ports, sent, refuseTo, accept } = await mailing({ itMail: IT });
  refuseTo('clerk@');
  await mailFaults(ports, [altered]);
  expect(who(sent.splice(0))).toEqual(CLERKS_AND_IT.slice(1));
  accept();
  wait(60_000);
  for (let runs = 0; runs < 2; runs += 1) await mailFaults(ports, [altered]);
  expect(who(sent)).toEqual(['clerk']);
});
