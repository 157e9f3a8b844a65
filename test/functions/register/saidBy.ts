import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import type { RegisterDoc } from '../../../functions/register/docs.ts';
import type { RegisterIndex } from '../../../functions/register/registerIndex.ts';

const versionsOf = async (documents: AsyncIterable<RegisterDoc>) => {
  const found = [];
  for await (const { key, version } of documents) found.push({ key, version });
  return found;
};

/** Everything an index says at an instant. */
export const saidBy = async (index: RegisterIndex, now: string) => ({
  keys: await index.keys(),
  vendors: await index.vendors(),
  documents: await versionsOf(index.documents({ prefix: 'acme', after: 'acme' })),
  everyDocument: await versionsOf(index.documents({ after: '' })),
  open: await versionsOf(index.open({ after: '' })),
  openAbove: await versionsOf(index.open({ after: 'acme' })),
  document: (await index.document('acme.lpr'))?.version,
  all: await index.all({ now }),
  beneath: await index.all({ now, prefix: 'acme' }),
  forAgency: await index.all({ now, context: { agencies: ['police'], own: ['police', 'fire'] } }),
  foreign: await index.all({ now, context: { agencies: ['police'], own: ['fire'] } }),
  forVersion: await index.all({ now, context: { version: '2' } }),
  page: await index.page({ now, after: 'acme', limit: 2 }),
  pageBeneath: await index.page({ now, after: '', limit: 2, prefix: 'acme' }),
  byStatus: await Promise.all(VARIANTS.map((status) => index.page({ now, after: '', limit: 3, status }))),
  blockedBeneath: await index.page({ now, after: 'acme', limit: 3, status: 'blocked', prefix: 'acme' }),
  audience: await index.page({ now, after: '', limit: 3, status: 'audience', context: { agencies: ['fire'] } }),
  due: (await index.due(now, true)).map(({ key }) => key),
});
