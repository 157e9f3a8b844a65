import { expect, test } from 'vitest';
import { boardRoll } from '../../../domain/feature/support.ts';
import { boardVote, council, policy, roster, rule } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { mailing } from './mailing.ts';

/** Two offices certify, and one person holds both. */
const oneClerk = () => {
  const { bodies, holders } = roster({ auditor: { id: 'clerk' } });
  const { board } = bodies;
  if (board === undefined) throw new Error('no board');
  return rosterFile({ bodies: { ...bodies, board: { ...board, attestedBy: 'auditor' } }, holders });
};
const rules = policy(rule([council(), boardVote()], { notice: 'P0D', window: 'P90D' }));

test('what one person alone certified for every body stays open, and the clerk and IT hear of it', async () => {
  const { gate, mails } = await mailing({ rules, officials: oneClerk(), itMail: 'it@city.example' });
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  await mails();
  await gate.certify('acme/1', digest, { requirement: 'board', votes: boardRoll(3) });
  const sent = await mails();
  expect(sent.map(({ to }) => to).sort()).toEqual(['clerk@city.example', 'deputy-clerk@city.example', 'it@city.example']);
  for (const { subject, text } of sent) {
    expect(subject).toBe('Vendor acme, A new way to search: it cannot be decided as things stand');
    expect(text).toContain('one person alone acted for all of them');
  }
  expect(gate.logged).toContainEqual(
    expect.objectContaining({ event: 'requirement cannot be met', code: 'two-persons', requirement: 'board' }),
  );
});
