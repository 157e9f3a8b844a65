interface Issued {
  readonly endedAt: string | null;
}

export interface TokenCase extends Issued {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly person: string | null;
  /** The only source it reports as; null: any. */
  readonly source: string | null;
}

export interface FormCase extends Issued {
  readonly vendor: string;
  readonly expiresAt: string;
}

export interface PasskeyCase extends Issued {
  readonly credential: string;
  readonly since: string;
}

export class AccessCase {
  /** Every token by its stream; every form by the id that provenance names. */
  readonly tokens = new Map<string, TokenCase>();
  readonly forms = new Map<string, FormCase>();
  readonly owners = new Map<string, string>();
  readonly passkeys = new Map<string, { readonly generation: number; readonly keys: readonly PasskeyCase[] }>();
}
