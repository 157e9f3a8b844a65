import { expect, test } from 'vitest';
import { CorruptStore } from '../../../../../functions/platform/store/errors.ts';
import { attachmentsIn, columnsOf } from '../../../../../functions/platform/store/sqlite/rows.ts';
import { attachment } from '../../../../contract/records.ts';

const two = [attachment(Buffer.from('{"feature":"acme"}')), attachment(Buffer.alloc(0), 'text/plain; charset="utf-8"')];

test('attachments come back in their order, and none is no column', () => {
  const [list, attached] = columnsOf(two);
  expect(attachmentsIn(list, attached).map((each) => ({ ...each, bytes: Buffer.from(each.bytes) }))).toStrictEqual(two);
  expect(columnsOf([])).toStrictEqual([null, null]);
  expect(attachmentsIn(null, null)).toStrictEqual([]);
});

test.each<[string, string | null, Uint8Array | null]>([
  ['a list without bytes', '[["sha256:0","text/plain",0]]', null],
  ['bytes without a list', null, Buffer.from('x')],
  ['no JSON', '[[', Buffer.from('x')],
  ['an empty list', '[]', Buffer.alloc(0)],
  ['an entry too short', '[["sha256:0",1]]', Buffer.from('x')],
  ['a length that is no text', '[["sha256:0","text/plain","1"]]', Buffer.from('x')],
  ['a negative length', '[["sha256:0","text/plain",2],["sha256:0","text/plain",-1]]', Buffer.from('x')],
  ['a broken length', '[["sha256:0","text/plain",0.5],["sha256:0","text/plain",0.5]]', Buffer.from('x')],
  ['fewer bytes than listed', '[["sha256:0","text/plain",2]]', Buffer.from('x')],
  ['more bytes than listed', '[["sha256:0","text/plain",1]]', Buffer.from('xy')],
])('columns that were altered are corrupt: %s', (_, list, attached) => {
  expect(() => attachmentsIn(list, attached)).toThrow(CorruptStore);
});
