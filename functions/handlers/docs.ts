import { openApiDocument } from '../web/api/openapi/document.ts';
import { docsApp } from '../web/docs/app.ts';
import { systemClock } from './runtime/clock.ts';
import { CitySettings, OriginSecretName, readEnvironment } from './runtime/environment.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { log } from './runtime/log.ts';
import { openOriginSecret } from './runtime/originSecret.ts';

const env = readEnvironment(CitySettings.extend(OriginSecretName.shape));
const ports = { url: env.ALDERGATE_URL, zone: env.ALDERGATE_TIME_ZONE, clock: systemClock };
const document = openApiDocument(ports.url);

/** The developers' pages as a Lambda behind an HTTP API: it reads no table. */
export const handler = httpHandler(docsApp({ ports, log, document }), await openOriginSecret(env.ALDERGATE_DOOR_SECRET));
