import { expect, test } from 'vitest';
import { matches, type Pattern } from '../../../../functions/platform/bus/pattern.ts';

const event = {
  source: 'aldergate',
  'detail-type': 'aldergate.feature.ChangeNotified.v1',
  detail: { subject: 'acme.lpr', sequence: 3, tags: ['a', 'b'], none: null, data: { notice: { kind: 'contract' } } },
};

test.each<[string, Pattern, boolean]>([
  ['nothing asked', {}, true],
  ['exact', { source: ['aldergate'] }, true],
  ['exact, another', { source: ['other'] }, false],
  ['one of several', { source: ['other', 'aldergate'] }, true],
  ['all fields must match', { source: ['aldergate'], 'detail-type': ['x'] }, false],
  ['prefix', { 'detail-type': [{ prefix: 'aldergate.feature.' }] }, true],
  ['prefix, another', { 'detail-type': [{ prefix: 'aldergate.policy.' }] }, false],
  ['prefix of no text', { detail: { sequence: [{ prefix: '3' }] } }, false],
  ['nested', { detail: { data: { notice: { kind: ['contract'] } } } }, true],
  ['nested in nothing', { detail: { absent: { notice: ['contract'] } } }, false],
  ['a number', { detail: { sequence: [3] } }, true],
  ['a number is no text', { detail: { sequence: ['3'] } }, false],
  ['null', { detail: { none: [null] } }, true],
  ['absent is not null', { detail: { absent: [null] } }, false],
  ['any member of a list', { detail: { tags: ['b'] } }, true],
  ['no member of a list', { detail: { tags: ['c'] } }, false],
  ['exists', { detail: { subject: [{ exists: true }] } }, true],
  ['exists not', { detail: { absent: [{ exists: true }] } }, false],
  ['absent', { detail: { absent: [{ exists: false }] } }, true],
  ['absent, yet there', { detail: { subject: [{ exists: false }] } }, false],
  ['an object is no value', { detail: { data: [{ exists: true }] } }, false],
  ['anything but', { source: [{ 'anything-but': 'other' }] }, true],
  ['anything but this', { source: [{ 'anything-but': 'aldergate' }] }, false],
  ['anything but these', { source: [{ 'anything-but': ['a', 'aldergate'] }] }, false],
  ['anything but a prefix', { 'detail-type': [{ 'anything-but': { prefix: 'aldergate.feature.' } }] }, false],
  ['anything but another prefix', { 'detail-type': [{ 'anything-but': { prefix: 'aldergate.policy.' } }] }, true],
  ['anything but, of what is not there', { detail: { absent: [{ 'anything-but': 'x' }] } }, false],
  ['inherited names are not there', { detail: { toString: [{ exists: true }] } }, false],
])('%s', (_, pattern, expected) => {
  expect(matches(pattern, event)).toBe(expected);
});
