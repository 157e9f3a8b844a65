import { describe, test } from 'vitest';
import { roster, term } from '../../support/fixtures/city.ts';
import { notified } from './story.ts';
import { certify, date, day, rollOf } from './support.ts';

describe('a roll call', () => {
  const without = (seat: string) => Object.fromEntries(Object.entries(rollOf(9)).filter(([name]) => name !== seat));

  test.each([
    ['lacks a seat', without('at-large-b'), '/vote.at-large-b'],
    ['names a seat the body does not have', { ...rollOf(9), 'district-12': 'yes' }, '/vote.district-12'],
    ['leaves a blank', rollOf(9, 0, { 'district-3': '' }), '/vote.district-3'],
    ['has a word that is no vote', rollOf(9, 0, { 'district-3': 'aye' }), '/vote.district-3'],
    ['calls a filled seat vacant', rollOf(9, 0, { 'district-3': 'vacant' }), '/vote.district-3'],
  ])('that %s is refused with its field', (_, votes, pointer) => {
    notified().refuses(certify(day(10), 1, { votes }), 'roll-call', pointer);
  });

  test('marks a seat without a holder as vacant, and no other', () => {
    const empty = { roster: { number: 2, roster: roster({ 'district-13': null, 'at-large-b': null }) } };
    notified()
      .refuses(
        certify(day(10), 1, { ...empty, votes: rollOf(9, 0, { 'at-large-b': 'absent' }) }),
        'roll-call',
        '/vote.at-large-b',
      )
      .yields(
        certify(day(10), 1, { ...empty, votes: rollOf(9, 0, { 'at-large-b': 'vacant' }) }),
        'VoteCertified',
        'RequirementMet',
      );
  });

  test('is read against the roster of the day of the meeting', () => {
    const moved = {
      roster: {
        number: 2,
        roster: roster({ 'at-large-b': { to: date(9) } }, term('council', 'at-large-b', { id: 'newcomer', from: date(12) })),
      },
      meetingDate: date(10),
    };
    notified()
      .refuses(certify(day(13), 1, { ...moved, votes: rollOf(9) }), 'roll-call', '/vote.at-large-b')
      .yields(
        certify(day(13), 1, { ...moved, votes: rollOf(9, 0, { 'at-large-b': 'vacant' }) }),
        'VoteCertified',
        'RequirementMet',
      )
      .yields(certify(day(13), 1, { ...moved, meetingDate: date(9) }), 'VoteCertified', 'RequirementMet');
  });

  test.each(['mover', 'seconder'] as const)('has a %s who holds a seat of the body', (role) => {
    notified().refuses(certify(day(10), 1, { [role]: 'mayor' }), 'roll-call', `/${role}`);
  });
});
