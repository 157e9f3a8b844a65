import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { JsonObject, JsonValue } from '../../domain/kernel/json.ts';
import { jsonLogger } from '../../functions/platform/logging.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { type Installation, openInstallation } from '../local/installation.ts';
import { startServer } from '../local/server.ts';
import { type DemoClock, demoClock } from './demoClock.ts';
import { expectThere } from './expect.ts';
import { demoNotice, demoPolicy, demoRoster } from './fixtures.ts';
import { freePort, HOST } from './freePort.ts';
import { type Answered, request, requestFor } from './http.ts';
import { deliver, ed25519Keys, type HeldNotice, type SignedDelivery, signNotice } from './vendorSender.ts';

/** The city's time zone: deadlines and last days are counted in it. */
const ZONE = 'America/Denver';

const CITY = { name: 'Example City', contact: 'City clerk, 555-0100' };

/** The story shows a feature that is on without permission; the alarm about it is part of the story. */
const EXPECTED_ALARM = 'on without permission';

/** The city of the demo: a real gate in a folder of its own, and the keys of everyone who uses it. */
export interface DemoCity {
  readonly url: string;
  readonly zone: string;
  readonly clock: DemoClock;
  readonly installation: Installation;
  /** IT's token, for the police department. */
  readonly itToken: string;
  /** The council's seats, in order. */
  readonly seats: readonly string[];
  /** Runs everything that follows from the commits so far. */
  readonly settle: () => Promise<void>;
  /** Signs a notice of the demo for its vendor, with the story's dates. */
  readonly sign: (notice: string, dates?: JsonObject, vendor?: VendorName) => SignedDelivery;
  /** Signs and sends a document for a change of northcam; returns the response, whatever its status. */
  readonly sendDocument: (change: string, document: VendorFile) => Promise<Answered>;
  /** Signs and posts a notice; throws unless it is accepted. */
  readonly post: (notice: string, dates?: JsonObject) => Promise<HeldNotice>;
  readonly close: () => Promise<void>;
}

/** A file of a vendor, of a kind that the rules may ask for. */
interface VendorFile {
  readonly kind: string;
  readonly title: string;
  readonly bytes: Uint8Array;
}

type VendorName = 'northcam' | 'recordex';

const Vendor = z.object({ keys: z.array(z.object({ secret: z.string().optional() })) });
const Token = z.object({ token: z.string() });
const Roster = z.object({
  bodies: z.object({ council: z.object({ seats: z.array(z.string()) }) }),
});

/** Sets the city up through the operator's routes: roster, policy, vendors with their keys, and IT's token. */
const settleIn = async (url: string, token: string, policy: JsonValue) => {
  await requestFor(200, 'PUT', `${url}/v1/roster`, { token, json: demoRoster() });
  await requestFor(200, 'POST', `${url}/v1/policy`, { token, json: { policy } });
  const { publicKey, secret: northcam } = ed25519Keys();
  await requestFor(201, 'POST', `${url}/v1/vendors`, { token, json: { id: 'northcam', name: 'Northcam', publicKey } });
  const other = await requestFor(201, 'POST', `${url}/v1/vendors`, { token, json: { id: 'recordex', name: 'Recordex' } });
  const recordex = expectThere('the secret of recordex', Vendor.parse(other.json).keys[0]?.secret);
  const made = await requestFor(201, 'POST', `${url}/v1/tokens`, {
    token,
    json: { name: 'city-it', scopes: ['state:read', 'observe'], agencies: ['police'] },
  });
  return { secrets: { northcam, recordex }, itToken: Token.parse(made.json).token };
};

/**
 * Opens the city in a temporary folder. The story began `daysAgo` days ago. `preferred`: the port to listen on if it is free.
 * `policy`: the city's first.
 */
export const openCity = async (daysAgo: number, preferred?: number, policy: JsonValue = demoPolicy()): Promise<DemoCity> => {
  const clock = demoClock(daysAgo, ZONE);
  const data = mkdtempSync(join(tmpdir(), 'aldergate-demo-'));
  const port = await freePort(preferred);
  const url = `http://${HOST}:${port}`;
  const mailFrom = 'Aldergate <aldergate@city.example>';
  const installation = openInstallation(
    {
      data,
      port,
      host: HOST,
      url,
      logOrigin: undefined,
      timeZone: ZONE,
      city: CITY,
      itMail: 'it@city.example',
      noticeLimits: { perHour: 0, bytesPerDay: 0 },
      expectCheckpoint: undefined,
      witnesses: { witnesses: [], quorum: 0 },
      smtpUrl: undefined,
      mailFrom,
    },
    clock.now,
  );
  const logger = jsonLogger(clock.now, (line) => void process.stderr.write(line));
  const server = await startServer(installation, (entry) => {
    if (entry.event !== EXPECTED_ALARM) logger(entry);
  });
  const admin = await createToken(installation.ports, { name: 'operator', scopes: ['admin'] });
  const { secrets, itToken } = await settleIn(url, admin.token, policy);
  const { seats } = Roster.parse(demoRoster()).bodies.council;
  const sign: DemoCity['sign'] = (notice, dates, vendor = 'northcam') =>
    signNotice(clock, secrets[vendor], demoNotice(notice, dates));
  return {
    url,
    zone: ZONE,
    clock,
    installation,
    itToken,
    seats,
    settle: server.settle,
    sign,
    sendDocument: (change, { kind, title, bytes }) => {
      const document = { change, kind, title, mediaType: 'text/plain', content: Buffer.from(bytes).toString('base64') };
      const { body, headers } = signNotice(clock, secrets.northcam, Buffer.from(JSON.stringify(document)));
      return request('POST', `${url}/v1/documents`, { body: new Uint8Array(body), headers });
    },
    post: (notice, dates) => deliver(url, sign(notice, dates)),
    close: async () => {
      await server.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
};
