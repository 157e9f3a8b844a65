import type { Example } from './description.ts';

const KEY = 'northcam.lpr';

/** Examples that treat every failure as no. The token is in `$TOKEN`. */
export const askExamples = (url: string): readonly Example[] => [
  {
    id: 'ask-curl',
    name: 'curl',
    lang: 'bash',
    // A redirect, a truncated answer or another server's page is not a "yes".
    code: `[ "$(curl -fsS --max-time 2 -H "Authorization: Bearer $TOKEN" '${url}/v1/gate/${KEY}?agency=police')" = yes ] &&
  echo on || echo off`,
  },
  {
    id: 'ask-client',
    name: 'JavaScript, aldergate/client',
    lang: 'js',
    // Not in a registry: packed from a checkout after npm ci.
    install: 'npm pack ../aldergate/infra/client && npm install ./aldergate-*.tgz',
    code: `import { failClosedGate } from 'aldergate/client';

const gate = failClosedGate({ url: '${url}', token: process.env.TOKEN });
const on = await gate.isEnabled('${KEY}', { agency: 'police' });
console.log(on ? 'on' : 'off');`,
  },
  {
    id: 'ask-openfeature-js',
    name: 'JavaScript, OpenFeature',
    lang: 'js',
    install: 'npm install @openfeature/server-sdk @openfeature/ofrep-provider',
    code: `import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature } from '@openfeature/server-sdk';

const provider = new OFREPProvider({
  baseUrl: '${url}',
  headers: [['Authorization', \`Bearer \${process.env.TOKEN}\`]],
  fetchImplementation: (input, init) => fetch(input, { ...init, redirect: 'error', signal: AbortSignal.timeout(2000) }),
});
await OpenFeature.setProviderAndWait(provider);
const on = await OpenFeature.getClient().getBooleanValue('${KEY}', false, { agency: 'police' });
console.log(on ? 'on' : 'off');`,
  },
  {
    id: 'ask-openfeature-python',
    name: 'Python, OpenFeature',
    lang: 'python',
    install: 'pip install openfeature-sdk openfeature-provider-ofrep',
    // By default it follows redirects to any host.
    code: `import os
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
provider = OFREPProvider("${url}", headers_factory=lambda: headers, timeout=2.0)
provider.session.max_redirects = 0
api.set_provider(provider)
police = EvaluationContext(attributes={"agency": "police"})
on = api.get_client().get_boolean_value("${KEY}", False, police)
print("on" if on else "off")`,
  },
];

/**
 * The vendor's secret is in `$SECRET`. For `notice-own-key` the private key is in `key.pem`; the program that makes it prints the public
 * key for the operator.
 */
export const noticeExamples = (url: string): readonly Example[] => [
  {
    id: 'notice-curl',
    name: 'curl, openssl',
    lang: 'bash',
    code: `ID=msg_$(openssl rand -hex 16)
TIME=$(date +%s)
HEX=$(printf %s "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$({ printf '%s.%s.' "$ID" "$TIME"; cat notice.json; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$HEX" -binary | base64)
curl -sS -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE" \\
  -H 'Content-Type: application/json' --data-binary @notice.json ${url}/v1/notices`,
  },
  {
    id: 'notice-own-key',
    name: 'curl, openssl, Ed25519',
    lang: 'bash',
    install:
      'openssl genpkey -algorithm ed25519 -out key.pem; echo whpk_$(openssl pkey -in key.pem -pubout -outform DER | tail -c 32 | base64)',
    code: `ID=msg_$(openssl rand -hex 16)
TIME=$(date +%s)
{ printf '%s.%s.' "$ID" "$TIME"; cat notice.json; } > signed
SIGNATURE=$(openssl pkeyutl -sign -rawin -inkey key.pem -in signed | openssl base64 -A)
curl -sS -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1a,$SIGNATURE" \\
  -H 'Content-Type: application/json' --data-binary @notice.json ${url}/v1/notices`,
  },
  {
    id: 'notice-js',
    name: 'JavaScript, standardwebhooks',
    lang: 'js',
    install: 'npm install standardwebhooks',
    code: `import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Webhook } from 'standardwebhooks';

const body = await readFile('notice.json', 'utf8');
const [id, now] = [\`msg_\${randomUUID()}\`, new Date()];
const headers = {
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
  'webhook-signature': new Webhook(process.env.SECRET).sign(id, now, body),
};
const answer = await fetch('${url}/v1/notices', { method: 'POST', headers, body });
console.log(answer.status, await answer.text());`,
  },
  {
    id: 'notice-python',
    name: 'Python',
    lang: 'python',
    code: `import base64, hashlib, hmac, os, time, urllib.request, uuid

body = open("notice.json", "rb").read()
key = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
id, now = "msg_" + uuid.uuid4().hex, str(int(time.time()))
signature = hmac.new(key, f"{id}.{now}.".encode() + body, hashlib.sha256).digest()
request = urllib.request.Request("${url}/v1/notices", data=body, headers={
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": now,
    "webhook-signature": "v1," + base64.b64encode(signature).decode(),
})
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as refusal:
    answer = refusal
print(answer.status, answer.read().decode())`,
  },
];

export const observationExample = (url: string): Example => ({
  id: 'observe-curl',
  name: 'curl',
  lang: 'bash',
  code: `curl -sS -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"vendor": "northcam", "source": "console", "observedAt": "'$(date -u +%FT%TZ)'", "features": {"${KEY}": true}}' \\
  ${url}/v1/observations`,
});
