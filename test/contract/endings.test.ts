import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenStream } from '../../domain/access/state.ts';
import { makeLink, resolveLink, resolveReadableLink } from '../../functions/gate/links.ts';
import { addPasskey, enrolmentOf } from '../../functions/gate/passkeys.ts';
import { endLinksOf, endPasskeysOf, resetPasskeysOf } from '../../functions/gate/personCredentials.ts';
import { endToken, listTokens, readToken } from '../../functions/gate/tokens.ts';
import { listVendorForms, makeVendorForm, resolveVendorForm, revokeVendorForms } from '../../functions/gate/vendorForms.ts';
import { listVendors, readVendor, revokeVendorKey } from '../../functions/gate/vendors.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { type Gate, NOON, openGate } from '../functions/openGate.ts';
import { softwareKey } from '../support/authenticator.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { loggedBytes, objections } from '../support/judged.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './store/underTest.ts';

const LINK_KEY = new Uint8Array(32).fill(5);
const WEEKLY = { purpose: 'weekly', holder: 'clerk', body: 'clerk', seat: 'clerk' } as const;

const endings = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name}: what lets somebody act is ended though its own stream cannot be read`, () => {
    let subject: StoreUnderTest;
    let gate: Gate;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    /** Runs `work` while the newest row of a stream fails, and puts the row back as it was. */
    const failing = async <T>(stream: string, work: () => Promise<T>): Promise<T> => {
      const { version } = must(await subject.store.head(stream));
      await subject.tamper(stream, version, { mac: 'none' });
      try {
        return await work();
      } finally {
        await subject.tamper(stream, version, { mac: 'valid' });
      }
    };
    /** The gate as another process has it, which has read nothing before. */
    const ports = () => ({ ...gate.ports, store: subject.other, linkKey: LINK_KEY, clock });
    let ticks = 0;
    const clock = (): string => {
      ticks += 1;
      return new Date(Date.parse(NOON) + ticks).toISOString();
    };

    test('a token, a form, a vendor’s key, links and passkeys; nothing comes back with the row', async () => {
      gate = await openGate({ storeOf: () => subject.store });
      const { id } = await createToken(ports(), { name: 'it', scopes: ['state:read'] });
      await failing(tokenStream(id), async () => {
        await expect(readToken(ports(), id)).rejects.toThrow(CorruptStore);
        expect(await listTokens(ports())).toMatchObject([{ id, name: 'it', revoked: false, readable: false }]);
        for (const _ of [1, 2]) expect(await endToken(ports(), id)).toBe(true);
        expect(await listTokens(ports())).toMatchObject([{ id, revoked: true, readable: false }]);
      });
      expect(await readToken(ports(), id)).toMatchObject({ revokedAt: expect.any(String) });
      expect(await endToken(ports(), 'f'.repeat(64))).toBe(false);

      const form = must(await makeVendorForm(ports(), 'acme', 'P30D'));
      const [formRow = ''] = (await gate.sideStore.list('vendor-form')).map((each) => each.id);
      await failing(`access/form/${formRow}`, async () => {
        expect(await listVendorForms(ports(), 'acme')).toEqual([]);
        expect(await revokeVendorForms(ports(), 'acme')).toBe(1);
      });
      expect(await resolveVendorForm(ports(), form.token)).toBeUndefined();

      const [key] = must(await readVendor(ports(), 'acme')).keys;
      await failing('vendor/acme', async () => {
        expect(await listVendors(ports())).toMatchObject([{ id: 'acme', name: 'Vendor acme', keys: [], readable: false }]);
        expect(await revokeVendorKey(ports(), 'acme', must(key).key.id)).toEqual({ ok: true });
      });
      const [ended] = must(await readVendor(ports(), 'acme')).keys;
      expect(ended?.validUntil).toEqual(expect.any(String));
      expect(await endLinksAndPasskeys()).toEqual([]);
    });

    const endLinksAndPasskeys = async (): Promise<readonly string[]> => {
      const token = await makeLink(ports(), WEEKLY);
      const { id: credential, publicKey } = softwareKey('https://gate.example', 'ES256');
      const enrolled = { at: NOON, by: 'link' } as const;
      const passkey = { credential, publicKey, cose: publicKey, algorithm: 'ES256', transports: [], enrolled } as const;
      expect(await addPasskey(ports(), { holder: 'clerk', generation: 0 }, { ...passkey, transports: [] })).toBe(true);
      await failing('roster', async () => {
        await expect(resolveLink(ports(), token)).rejects.toThrow(CorruptStore);
        expect(await resolveReadableLink(ports(), token)).toMatchObject({ isReplaced: false });
        expect(await endLinksOf(ports(), 'clerk', true)).toEqual({ ok: true, holder: 'clerk', reissued: false });
        // A link that was cut off still switches off.
        expect(await resolveReadableLink(ports(), token)).toMatchObject({ isReplaced: true });
        expect(await endPasskeysOf(ports(), 'clerk')).toEqual({ ok: true, holder: 'clerk', resets: null, waits: false });
      });
      expect(await resolveLink(ports(), token)).toBeUndefined();
      const next = await makeLink(ports(), WEEKLY);
      expect(await resolveLink(ports(), next)).toMatchObject({ holder: 'clerk', generation: 1, ended: 1 });
      // Ended passkeys are asked for all the same, so that no link alone is enough; also after a reset.
      expect(await enrolmentOf(ports(), { holder: 'clerk', generation: 0 })).toEqual({ owned: [], enrolled: true });
      expect(await resetPasskeysOf(ports(), { holder: 'clerk', by: null })).toMatchObject({ ok: true, resets: 1 });
      expect(await enrolmentOf(ports(), { holder: 'clerk', generation: 1 })).toEqual({ owned: [], enrolled: true });

      // Where the endings themselves cannot be read, a token only asks, a link only switches off, and no notice is taken.
      const { id } = await createToken(ports(), { name: 'admin', scopes: ['admin'] });
      await failing('ending', async () => {
        expect(await readToken(ports(), id)).toMatchObject({ scopes: ['state:read'] });
        await expect(resolveLink(ports(), next)).rejects.toThrow(CorruptStore);
        expect(await resolveReadableLink(ports(), next)).toBeDefined();
        await expect(readVendor(ports(), 'acme')).rejects.toThrow(CorruptStore);
      });
      expect(await readToken(ports(), id)).toMatchObject({ scopes: ['admin'] });
      // Across streams only the feed of SQLite has the order of the log.
      return name === 'SQLite' ? objections(await loggedBytes(subject.store)) : [];
    };
  });
};

endings('SQLite', sqliteStoreUnderTest);
endings('DynamoDB', dynamoStoreOn(startDynoxide));
