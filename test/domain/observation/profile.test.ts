import { describe, expect, test } from 'vitest';
import { parseProfile } from '../../../domain/observation/observedFile.ts';

const csv = { format: 'csv', key: 'Setting', on: 'State' };
const json = { format: 'json', rows: '/items', key: '/name', on: '/state/on' };

const problemsIn = (profile: unknown): readonly string[] => {
  const parsed = parseProfile(profile);
  return parsed.ok ? [] : parsed.problems.map(({ pointer, detail }) => `${pointer} ${detail}`);
};

describe('a profile', () => {
  test.each([
    ['of a CSV file', csv],
    ['of a JSON file', json],
    [
      'with all that it can say',
      {
        ...csv,
        vendor: 'acme',
        source: 'portal',
        title: 'Export of the settings page',
        keys: { 'Nationwide lookup': 'acme.lookup', 'Dark theme': null },
        values: { on: ['Enabled'], off: ['Disabled', ''.padEnd(3, '-')] },
        agencies: ['Shared with', 'Partners'],
        version: 'Release',
        separator: ' / ',
        delimiter: '\t',
        sameKey: 'any',
        optional: ['version'],
        ignore: ['Last changed'],
      },
    ],
    ['whose rows are the whole file, and stand under their names', { ...json, rows: '', key: '#', on: ['/on', ''] }],
  ])('%s is taken', (_name, profile) => expect(problemsIn(profile)).toStrictEqual([]));

  test.each<[string, unknown, readonly string[]]>([
    ['nothing', {}, ['/format is missing, or not of the form that it must have']],
    ['no object', [], [' is not an object']],
    ['a field missing', { format: 'csv', key: 'a' }, ['/on is missing, or not of the form that it must have']],
    ['a field that is not known', { ...csv, colour: 'x' }, ['/colour is not a field of this']],
    ['a field of the other format', { ...csv, rows: '' }, ['/rows is not a field of this']],
    [
      'no JSON pointer',
      { ...json, rows: 'items' },
      ['/rows is not a JSON pointer such as /state/on, nor empty, which is the whole'],
    ],
    [
      'no key of a feature',
      { ...csv, keys: { A: 'A b' } },
      ['/keys/A is not 1 to 5 segments of a-z, 0-9 and hyphens, 40 characters each at most, joined by dots'],
    ],
    ['features of two vendors', { ...csv, keys: { A: 'acme.a', B: 'west.b' } }, ['/keys/B is not a feature of acme']],
    [
      'a feature of another vendor',
      { ...csv, vendor: 'west', keys: { 'a/b': 'acme.a' } },
      ['/keys/a~1b is not a feature of west'],
    ],
    [
      'a word for both',
      { ...csv, values: { on: ['x', 'Sí'], off: ['y', 'si\u0301'] } },
      ['/values/off/1 stands among the words for on, too'],
    ],
    ['no word for off', { ...csv, values: { on: ['x'], off: [] } }, ['/values/off is empty']],
    ['one column for two fields', { ...csv, version: ' state ' }, ['/version names a column that another field names']],
    ['a source that cannot be shown', { ...csv, source: 'a\nb' }, ['/source has a control character or a line break (U+000A)']],
  ])('with %s is refused at its place', (_name, profile, problems) => expect(problemsIn(profile)).toStrictEqual(problems));
});
