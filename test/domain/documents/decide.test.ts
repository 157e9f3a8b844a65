import { expect, test } from 'vitest';
import { documentDecider, documentStream, isComplete, type KeepPart } from '../../../domain/documents/decide.ts';
import { DocumentPartKept, PARTS_MAX } from '../../../domain/documents/events.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { DOCUMENT_BYTES_MAX, DOCUMENT_PART_BYTES } from '../../../domain/kernel/commit.ts';

const part = (n: number, over: Partial<KeepPart> = {}): KeepPart => ({
  at: `2026-03-0${n}T12:00:00.000Z`,
  sha256: digestOf('a report'),
  bytes: DOCUMENT_PART_BYTES + 1,
  mediaType: 'application/pdf',
  part: n,
  of: 2,
  partSha256: digestOf(`part ${n}`),
  ...over,
});
const kept = (command: KeepPart): DocumentPartKept => ({ type: 'DocumentPartKept', v: 1, ...command });

test('parts are kept in their order, each once, and the last completes the document', () => {
  const { decide } = documentDecider;
  expect(decide(part(1), null)).toStrictEqual({ ok: true, events: [kept(part(1))] });
  expect(isComplete(kept(part(1)))).toBe(false);
  expect(decide(part(1), kept(part(1)))).toStrictEqual({ ok: true, events: [] });
  expect(decide(part(2), kept(part(1)))).toStrictEqual({ ok: true, events: [kept(part(2))] });
  expect(isComplete(kept(part(2)))).toBe(true);
  expect(decide(part(2), null)).toMatchObject({ ok: false, rejection: { code: 'document-refused' } });
  expect(decide(part(2, { mediaType: 'text/plain' }), kept(part(1)))).toMatchObject({
    ok: false,
    rejection: { code: 'document-refused' },
  });
});

test('the stream is named by the digest, and the longest document has as many parts as fit', () => {
  expect(documentStream(digestOf('a report'))).toBe(`document/${digestOf('a report').slice(7)}`);
  expect(DocumentPartKept.safeParse(kept(part(1, { bytes: DOCUMENT_BYTES_MAX, of: PARTS_MAX }))).success).toBe(true);
  expect(DocumentPartKept.safeParse(kept(part(1, { bytes: DOCUMENT_BYTES_MAX + 1, of: PARTS_MAX }))).success).toBe(false);
  expect(documentDecider.decide(part(1, { bytes: DOCUMENT_BYTES_MAX + 1, of: PARTS_MAX }), null)).toMatchObject({
    ok: false,
    rejection: { code: 'too-large' },
  });
});
