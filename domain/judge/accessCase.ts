/** A token: its name, its scopes, the person who enters notices with it, and when it ended. */
export interface TokenCase {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly person: string | null;
  readonly endedAt: string | null;
}

/** The judge's access state: what is issued and not ended, the owner of each key, and each person's passkeys. */
export class AccessCase {
  readonly open = new Set<string>();
  /** Every token by its stream. */
  readonly tokens = new Map<string, TokenCase>();
  readonly owners = new Map<string, string>();
  readonly passkeys = new Map<string, { readonly generation: number; readonly credentials: readonly string[] }>();
}
