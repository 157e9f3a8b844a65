/** The judge's access state: what is issued and not ended, the owner of each key, and each person's passkeys. */
export class AccessCase {
  readonly open = new Set<string>();
  readonly owners = new Map<string, string>();
  readonly passkeys = new Map<string, { readonly generation: number; readonly credentials: readonly string[] }>();
}
