import { openApiDocument } from '../web/api/openapi/document.ts';
import { docsApp } from '../web/docs/app.ts';
import { CitySettings, OriginSecretName, readEnvironment } from './runtime/environment.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { logger, systemClock } from './runtime/invocation.ts';
import { openOriginSecret } from './runtime/secrets.ts';

const env = readEnvironment(CitySettings.extend(OriginSecretName.shape));
const city = { name: env.ALDERGATE_CITY, contact: env.ALDERGATE_CONTACT };
const ports = { url: env.ALDERGATE_URL, zone: env.ALDERGATE_TIME_ZONE, clock: systemClock, city };
const document = () => openApiDocument(ports.url);

/** Reads no table. */
export const handler = httpHandler(docsApp({ ports, logger, document }), await openOriginSecret(env.ALDERGATE_ORIGIN_SECRET));
