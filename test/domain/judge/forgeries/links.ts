import { day } from '../../feature/support.ts';
import { city } from '../log.ts';
import { cutOff, movedMayor, used, usedTwice } from '../recordedStories.ts';
import type { Forgery } from './base.ts';

/** Forgeries of which links of a person still switch off. */
export const LINKS: readonly Forgery[] = [
  ['a newer link that the operator says was used', 'actor', () => used(cutOff(city(), 1, day(1)), {}, day(2), 'operator')],
  ['a newer link that the clerk says was used', 'actor', () => used(cutOff(city(), 1, day(1)), {}, day(2), 'holder:clerk')],
  ['the use of a link before any was cut off', 'number', () => used(city(), {}, day(2))],
  ['the use of a link that will be made later', 'number', () => used(cutOff(city(), 1, day(1)), { generation: 3 }, day(2))],
  ['the use of the links that were cut off', 'already-decided', () => used(cutOff(city(), 1, day(1)), { generation: 1 }, day(2))],
  ['the use of a link, twice', 'already-decided', () => used(used(cutOff(city(), 1, day(1)), {}, day(2)), {}, day(3))],
  ['the use of a link that is older than the one used last', 'already-decided', () => used(usedTwice(), {}, day(6))],
  ['links cut off once more than they were made', 'number', () => cutOff(cutOff(city(), 1, day(1)), 1, day(2))],
  ['links cut off that had ended with an address', 'number', () => cutOff(movedMayor(), 1, day(4))],
  ['the use of the first link to another address', 'already-decided', () => used(movedMayor(), {}, day(4))],
  ['the use of a second link to another address', 'number', () => used(movedMayor(), { generation: 3 }, day(4))],
];
