/** What the judge remembers of access: what was issued and not ended, who has which key, and each person's passkeys. */
export class AccessCase {
  readonly open = new Set<string>();
  readonly owners = new Map<string, string>();
  readonly passkeys = new Map<string, { readonly generation: number; readonly credentials: readonly string[] }>();
}
