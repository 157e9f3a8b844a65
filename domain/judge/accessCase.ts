/** A credential that the operator issued, and when it ended; null if it has not. */
interface Issued {
  readonly endedAt: string | null;
}

/** A token: its name, its scopes, and the person who enters notices with it. */
export interface TokenCase extends Issued {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly person: string | null;
}

/** A vendor's form, open until `expiresAt`. */
export interface FormCase extends Issued {
  readonly vendor: string;
  readonly expiresAt: string;
}

/** A passkey of a person, enrolled at `since`, until it was removed. */
export interface PasskeyCase extends Issued {
  readonly credential: string;
  readonly since: string;
}

/** The judge's access state: what was issued, the owner of each key, and each person's passkeys since the last reset. */
export class AccessCase {
  /** Every token and form by its stream, and every form by the id that provenance names. */
  readonly tokens = new Map<string, TokenCase>();
  readonly forms = new Map<string, FormCase>();
  readonly owners = new Map<string, string>();
  readonly passkeys = new Map<string, { readonly generation: number; readonly keys: readonly PasskeyCase[] }>();
}
