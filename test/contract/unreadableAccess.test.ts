import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tokenStream } from '../../domain/access/decide.ts';
import { makeLink, resolveLink, resolveReadableLink } from '../../functions/gate/links.ts';
import { cutOffLinksOf, resetPasskeysOf } from '../../functions/gate/rosters.ts';
import { endToken, readToken, tokensAfter } from '../../functions/gate/tokens.ts';
import {
  formsAfter,
  listVendors,
  makeVendorForm,
  readVendor,
  resolveVendorForm,
  revokeVendorForms,
  revokeVendorKey,
} from '../../functions/gate/vendors.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { type Gate, openGate } from '../functions/openGate.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoTables.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './underTest.ts';

const LINK_KEY = new Uint8Array(32).fill(5);
const WEEKLY = { purpose: 'weekly', holder: 'clerk', body: 'clerk', seat: 'clerk' } as const;

const unreadable = (name: string, open: () => Promise<StoreUnderTest>) => {
  describe(`${name}: what lets somebody act and cannot be read`, () => {
    let subject: StoreUnderTest;
    let gate: Gate;
    beforeEach(async () => {
      subject = await open();
      gate = await openGate({ storeOf: () => subject.store });
    });
    afterEach(() => subject.close());

    /** Runs `work` while the newest row of a stream fails, and puts the row back as it was. */
    const failing = async (stream: string, work: () => Promise<void>) => {
      const { version } = must(await subject.store.head(stream));
      await subject.tamper(stream, version, { mac: 'none' });
      try {
        await work();
      } finally {
        await subject.tamper(stream, version, { mac: 'valid' });
      }
    };
    /** The gate as another process has it, which has read nothing before. */
    const ports = () => ({ ...gate.ports, store: subject.other, linkKey: LINK_KEY });

    test('a token is refused, listed and not revoked; once it can be read it is', async () => {
      const { id } = await createToken(ports(), { name: 'it', scopes: ['state:read'] });
      await failing(tokenStream(id), async () => {
        await expect(readToken(ports(), id)).rejects.toThrow(CorruptStore);
        expect((await tokensAfter(ports(), '', 100)).items).toMatchObject([{ id, name: 'it', revoked: false, readable: false }]);
        await expect(endToken(ports(), id)).rejects.toThrow(CorruptStore);
      });
      expect(await readToken(ports(), id)).toMatchObject({ revokedAt: null });
      for (const _ of [1, 2]) expect(await endToken(ports(), id)).toBe(true);
      expect(await readToken(ports(), id)).toMatchObject({ revokedAt: expect.any(String) });
      expect(await endToken(ports(), 'f'.repeat(64))).toBe(false);
    });

    test('a form opens nothing, and the vendor’s others are revoked', async () => {
      const forms = [must(await makeVendorForm(ports(), 'acme', 'P30D')), must(await makeVendorForm(ports(), 'acme', 'P30D'))];
      const [row = ''] = (await gate.sideStore.list('vendor-form')).map((each) => each.id);
      await failing(`access/form/${row}`, async () => {
        expect((await formsAfter(ports(), 'acme', '', 100)).items).toHaveLength(1);
        await expect(revokeVendorForms(ports(), 'acme')).rejects.toThrow('1 forms are revoked; 1 cannot be read');
        await expect(Promise.all(forms.map(({ token }) => resolveVendorForm(ports(), token)))).rejects.toThrow(CorruptStore);
      });
      expect(await revokeVendorForms(ports(), 'acme')).toBe(1);
      for (const { token } of forms) expect(await resolveVendorForm(ports(), token)).toBeUndefined();
    });

    test('a vendor has no key, and none is revoked', async () => {
      const [key] = must(await readVendor(ports(), 'acme')).keys;
      await failing('vendor/acme', async () => {
        await expect(readVendor(ports(), 'acme')).rejects.toThrow(CorruptStore);
        expect(await listVendors(ports())).toMatchObject([{ id: 'acme', name: 'Vendor acme', keys: [], readable: false }]);
        await expect(revokeVendorKey(ports(), 'acme', must(key).key.id)).rejects.toThrow(CorruptStore);
      });
    });

    test('a link only switches off, and neither links nor passkeys are ended', async () => {
      const token = await makeLink(ports(), WEEKLY);
      await failing('roster', async () => {
        await expect(resolveLink(ports(), token)).rejects.toThrow(CorruptStore);
        expect(await resolveReadableLink(ports(), token)).toMatchObject({ isReplaced: false });
        const request = { holder: 'clerk', by: null };
        await expect(cutOffLinksOf(ports(), { ...request, reissued: true })).rejects.toThrow(CorruptStore);
        await expect(resetPasskeysOf(ports(), request)).rejects.toThrow(CorruptStore);
      });
      expect(await resolveLink(ports(), token)).toMatchObject({ holder: 'clerk' });
    });
  });
};

unreadable('SQLite', sqliteStoreUnderTest);
unreadable('DynamoDB', dynamoStoreOn(startDynoxide));
