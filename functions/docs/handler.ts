import { openApiDocument } from '../api/openapi/document.ts';
import { systemClock } from '../aws/clock.ts';
import { openDoor } from '../aws/doorKey.ts';
import { City, DoorSecret, readEnvironment } from '../aws/environment.ts';
import { httpHandler } from '../aws/httpHandler.ts';
import { log } from '../aws/log.ts';
import { docsApp } from './app.ts';

const env = readEnvironment(City.extend(DoorSecret.shape));
const ports = { url: env.ALDERGATE_URL, zone: env.ALDERGATE_TIME_ZONE, clock: systemClock };
const document = openApiDocument(ports.url);

/** The developers' pages as a Lambda behind an HTTP API: it reads no table. */
export const handler = httpHandler(docsApp({ ports, log, document }), await openDoor(env.ALDERGATE_DOOR_SECRET));
