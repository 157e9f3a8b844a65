import { expect, test } from 'vitest';
import { Received } from '../../functions/gate/intake.ts';
import { LinkTarget } from '../../functions/gate/links.ts';
import { NoticeLimit } from '../../functions/gate/noticeLimits.ts';
import { Passkey } from '../../functions/gate/passkeys.ts';
import { WitnessList } from '../../functions/log/sequencer/witnesses.ts';
import { Cause, Figures, ListedCase, QueuedEvent } from '../../functions/register/derived/records.ts';
import { FoldPosition } from '../../functions/register/derived/unit.ts';
import { formatsOf } from '../support/formats.ts';

const FORMATS = {
  LinkTarget,
  NoticeLimit,
  Passkey,
  Received,
  WitnessList,
  Cause,
  Figures,
  ListedCase,
  QueuedEvent,
  FoldPosition,
};

test('every format of gate, log and register is as it was (vitest -u writes formats.txt)', async () => {
  await expect(formatsOf(FORMATS)).toMatchFileSnapshot('formats.txt');
});
