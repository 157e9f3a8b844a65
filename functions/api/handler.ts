import * as z from 'zod';
import { openDoor } from '../aws/doorKey.ts';
import { City, DoorSecret, readEnvironment, Tables } from '../aws/environment.ts';
import { httpHandler } from '../aws/httpHandler.ts';
import { log } from '../aws/log.ts';
import { gatePorts } from '../aws/ports.ts';
import { publishedLog } from '../aws/published.ts';
import { readKeys } from '../aws/secrets.ts';
import { apiApp } from './app.ts';

const env = readEnvironment(
  z.object({ ...Tables.shape, ...City.shape, ...DoorSecret.shape, ALDERGATE_ROSTER_SECRET: z.string() }),
);
const [door, [rosterSalt = new Uint8Array()]] = await Promise.all([
  openDoor(env.ALDERGATE_DOOR_SECRET),
  readKeys(env.ALDERGATE_ROSTER_SECRET),
]);

const ports = gatePorts(env);
const { checkpoint, refresh } = publishedLog(ports.side, Date.now);

/** The API as a Lambda behind an HTTP API. It never holds the key that makes officials' links. */
export const handler = httpHandler(apiApp({ ports, log, rosterSalt, checkpoint }), door, refresh);
