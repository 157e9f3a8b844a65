import { expect } from 'vitest';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import { putLogIndex } from '../../../../functions/log/sequencer/logIndex.ts';
import { toItem } from '../../../../functions/platform/store/dynamo/dynamoStore.ts';
import type { StoredCommit } from '../../../../functions/platform/store/port.ts';
import { approvedLike, forgery } from '../../../contract/forgery.ts';
import { must } from '../../../contract/underTest.ts';
import { testMacs } from '../../../support/macs.ts';
import { streamRecord } from '../support/events.ts';
import type { Lane, Lanes } from './lanes.ts';

export const FEATURE = 'feature/acme';
export type Stage = 'undecided' | 'on' | 'revoked';

interface Site {
  readonly lanes: Lanes;
  readonly lane: Lane;
  readonly approved: StoredCommit;
}

type Change = 'INSERT' | 'MODIFY' | 'REMOVE';
const record = ({ stream, version }: Pick<StoredCommit, 'stream' | 'version'>, change: Change) => ({
  Records: [streamRecord({ stream, version }, 1, change)],
});

const headOf = async ({ truth }: Lane): Promise<StoredCommit> => must(await truth.store.head(FEATURE));

const forgedApproval = async ({ lane, approved }: Pick<Site, 'lane' | 'approved'>): Promise<StoredCommit> =>
  forgery(await headOf(lane), [approvedLike(approved)], { state: approved.state });

const itemOf = async ({ lanes, lane }: Pick<Site, 'lanes' | 'lane'>, version: number) =>
  must((await lanes.snapshot(lane)).commits.find(({ pk, sk }) => pk?.S === FEATURE && sk?.N === String(version)));

interface Attack {
  readonly from: Stage;
  readonly attack: (site: Site) => Promise<ReturnType<typeof record>>;
}

/** What the MACs refuse. */
export const WITHOUT_KEY: Readonly<Record<string, Attack>> = {
  'a state beside the newest commit': {
    from: 'undecided',
    attack: async ({ lanes, lane, approved }) => {
      const { version } = await headOf(lane);
      await lanes.overwrite(lane, 'commits', { ...(await itemOf({ lanes, lane }, version)), state: { S: approved.state } });
      return record({ stream: FEATURE, version }, 'MODIFY');
    },
  },
  'a commit under the MAC of a stranger': {
    from: 'undecided',
    attack: async ({ lane, approved }) => {
      const forged = await forgedApproval({ lane, approved });
      expect(await lane.stranger.store.append(forged)).toMatchObject({ outcome: 'appended' });
      return record(forged, 'INSERT');
    },
  },
  'the approval, put in the place of the revocation': {
    from: 'revoked',
    attack: async ({ lanes, lane, approved }) => {
      const { version } = await headOf(lane);
      await lanes.overwrite(lane, 'commits', {
        ...(await itemOf({ lanes, lane }, approved.version)),
        sk: { N: String(version) },
      });
      return record({ stream: FEATURE, version }, 'MODIFY');
    },
  },
  'the approval, moved behind the revocation': {
    from: 'revoked',
    attack: async ({ lanes, lane, approved }) => {
      const version = (await headOf(lane)).version + 1;
      await lanes.overwrite(lane, 'commits', {
        ...(await itemOf({ lanes, lane }, approved.version)),
        sk: { N: String(version) },
      });
      return record({ stream: FEATURE, version }, 'INSERT');
    },
  },
};

/** What is believed until the sequencer has handled the record of the table's stream. */
export const UNTIL_JUDGED: Readonly<Record<string, Attack>> = {
  'without the key, the revocation deleted': {
    from: 'revoked',
    attack: async ({ lanes, lane }) => {
      const { version } = await headOf(lane);
      await lanes.remove(lane, FEATURE, version);
      return record({ stream: FEATURE, version }, 'REMOVE');
    },
  },
  'with the key, an approval that nobody gave': {
    from: 'undecided',
    attack: async ({ lane, approved }) => {
      const forged = await forgedApproval({ lane, approved });
      await lane.truth.store.append(forged);
      return record(forged, 'INSERT');
    },
  },
  'with the key, the same behind the revocation, by a record already in the log': {
    from: 'revoked',
    attack: async ({ lane, approved }) => {
      const forged = await forgedApproval({ lane, approved });
      await lane.truth.store.append(forged);
      await putLogIndex(lane.truth.sideStore, forged.stream, forged.version, { index: 0, hash: hashOf(forged.bytes) });
      return record(forged, 'INSERT');
    },
  },
  'with the key, another commit in the place of the revocation': {
    from: 'revoked',
    attack: async ({ lanes, lane, approved }) => {
      const forged = forgery(approved, [{ type: 'Nothing' }], { state: approved.state });
      await lanes.overwrite(lane, 'commits', toItem(forged, Date.now(), testMacs));
      return record(forged, 'MODIFY');
    },
  },
};
