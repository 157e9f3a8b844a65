import { describe, expect, test } from 'vitest';
import { readTerms, type TermsInput } from '../../../domain/feature/terms.ts';
import { terms } from './readableTerms.ts';
import { notified, passed } from './story.ts';
import { certify, day, justBefore, sign } from './support.ts';

describe('terms', () => {
  const set = (input: TermsInput, zone?: string) => notified().then(certify(day(10), 1, terms(input, zone)));

  test('are set by the first decision, and a later one on others is refused', () => {
    set({ audience: ['Police'], conditions: 'Keep it for 30 days.' })
      .refuses(sign(day(11), 1), 'other-terms')
      .refuses(sign(day(11), 1, terms({ audience: ['Police'] })), 'other-terms')
      .refuses(sign(day(11), 1, terms({ audience: ['Police', 'Fire'], conditions: 'Keep it for 30 days.' })), 'other-terms')
      .yields(
        sign(day(11), 1, terms({ audience: ['Police'], conditions: 'Keep it for 30 days.' })),
        'SignatureGiven',
        'RequirementMet',
        'ChangeApproved',
      );
    passed().refuses(sign(day(11), 1, terms({ until: '2026-12-31' })), 'other-terms');
  });

  test.each<[string, TermsInput, TermsInput]>([
    ['white space around them', { conditions: '  Keep it.\n' }, { conditions: 'Keep it.' }],
    ['how lines end', { conditions: 'One.\r\nTwo.' }, { conditions: 'One.\nTwo.' }],
    ['how accents are composed', { conditions: 'Cafe\u0301' }, { conditions: 'Caf\u00e9' }],
    ['the order and repetition of agencies', { audience: ['Police', 'Fire', 'Police'] }, { audience: ['Fire', 'Police'] }],
    ['blank fields', { until: '', audience: [''], conditions: ' ' }, {}],
    ['a date and the instant in which it ends', { until: '2026-12-31' }, { until: '2027-01-01T00:00:00Z' }],
    ['the offset of an instant', { until: '2026-12-31T17:00:00-07:00' }, { until: '2027-01-01T00:00:00.000Z' }],
  ])('are the same whatever %s', (_, one, other) => {
    set(one).yields(sign(day(11), 1, terms(other)), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
  });

  test('end with a day of the city', () => {
    expect(terms({ until: '2026-12-31' }, 'America/Denver').terms.until).toBe('2027-01-01T07:00:00.000Z');
  });

  test.each<[string, TermsInput, string]>([
    ['a date that is none', { until: '2026-02-30' }, '/until'],
    ['too long conditions', { conditions: 'x'.repeat(2001) }, '/conditions'],
    ['too many agencies', { audience: Array.from({ length: 41 }, (_, index) => `Agency ${index}`) }, '/audience'],
    ['terms too long together', { conditions: '界'.repeat(2000) }, '/conditions'],
    ['an agency with a control character', { audience: ['Po\u0007lice'] }, '/audience'],
  ])('with %s cannot be read', (_, input, pointer) => {
    expect(readTerms(input, 'UTC')).toMatchObject({ pointer, detail: expect.stringMatching(/\S/) });
  });

  test('that are over when the last one signs approve nothing', () => {
    const until = terms({ until: day(12) });
    const ending = notified().then(certify(day(10), 1, until));
    ending.refuses(sign(day(12), 1, until), 'until-passed', '/until');
    ending
      .then(sign(justBefore(day(12)), 1, until))
      .is('enabled', justBefore(day(12)))
      .is('expired', day(12));
  });
});
