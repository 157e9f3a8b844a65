import * as z from 'zod';
import { openDoor } from '../aws/doorKey.ts';
import { City, DoorSecret, readEnvironment, Tables } from '../aws/environment.ts';
import { httpHandler } from '../aws/httpHandler.ts';
import { log } from '../aws/log.ts';
import { gatePorts } from '../aws/ports.ts';
import { publishedLog } from '../aws/published.ts';
import { readKeys } from '../aws/secrets.ts';
import { siteApp } from './app.ts';

const env = readEnvironment(
  z.object({
    ...Tables.shape,
    ...City.shape,
    ...DoorSecret.shape,
    ALDERGATE_LINK_SECRET: z.string(),
    ALDERGATE_TEXT_SECRET: z.string(),
  }),
);
const [door, [linkKey = new Uint8Array(), textKey = new Uint8Array()]] = await Promise.all([
  openDoor(env.ALDERGATE_DOOR_SECRET),
  readKeys(env.ALDERGATE_LINK_SECRET, env.ALDERGATE_TEXT_SECRET),
]);

const ports = gatePorts(env);
const { checkpoint, vkey, refresh } = publishedLog(ports.side, Date.now);

/** The site as a Lambda behind an HTTP API. */
export const handler = httpHandler(siteApp({ ports, keys: { linkKey, textKey }, log, checkpoint, vkey }), door, refresh);
