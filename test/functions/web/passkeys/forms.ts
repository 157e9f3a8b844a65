const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#39;': "'" };
const plain = (text: string): string => text.replaceAll(/&(?:quot|amp|lt|gt|#39);/g, (entity) => ENTITIES[entity] ?? entity);

export interface PasskeyForm {
  readonly action: string;
  readonly kind: string;
  readonly challenge: string;
  readonly options: { readonly challenge: string; readonly rpId?: string; readonly allowCredentials?: readonly { id: string }[] };
  readonly fields: Readonly<Record<string, string>>;
}

export const passkeyFormIn = (page: string): PasskeyForm | undefined => {
  const form = /<form class="passkey"[^>]* action="([^"]*)" data-options="([^"]*)">([\s\S]*?)<\/form>/.exec(page);
  if (form === null) return undefined;
  const [, action = '', options = '', inner = ''] = form;
  const fields = [...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
    ([, name = '', value = '']) => [plain(name), plain(value)] as const,
  );
  const parsed = JSON.parse(plain(options)) as PasskeyForm['options'];
  const kind = /data-passkey="([a-z]+)"/.exec(inner)?.[1] ?? '';
  return { action: plain(action), kind, challenge: parsed.challenge, options: parsed, fields: Object.fromEntries(fields) };
};
