// Small values that decisions and policies are described with.

/** The four answers, mildest first. Only `allow` lets the tool run. */
export type Verdict = 'allow' | 'dry_run' | 'require_approval' | 'block';

/** How many requests in a window. */
export interface Limit {
  /** The number; at least 1. */
  readonly requests: number;
  /** The window: `minute`, `hour` or `day`. */
  readonly window: string;
  /** What is counted together. */
  readonly scope: string;
}

/** Something that was read, but not kept exactly (compat only). */
export interface Notice {
  /** `integer_rounded` or `text_replaced`. */
  readonly kind: string;
  /** Where in the text, in bytes from 0; objects have no places. */
  readonly offset?: number;
}

/** What in a policy probably does not do what its author thinks. */
export interface Lint {
  /** The stable name of the kind of warning. */
  readonly code: string;
  /** The rule it is about; null when it is about the policy as a whole. */
  readonly rule: string | null;
  /** What it means, for a person. */
  readonly message: string;
}

/** The answer for one step of a script. */
export interface StepVerdict {
  /** Place in the script, from 0. */
  readonly index: number;
  /** Name of the tool. */
  readonly toolName: string;
  /** The answer. */
  readonly verdict: Verdict;
  /** Why. */
  readonly reasonCodes?: readonly string[];
  /** What was violated. */
  readonly violations?: readonly string[];
  /** Names of the rules that matched. */
  readonly matchedRule?: string;
}

/** What the freeze windows said. */
export interface FreezeWindowDecision {
  /** Outcome. */
  readonly status?: string;
  /** What it does. */
  readonly effect?: string;
  /** The time zone. */
  readonly timezone?: string;
  /** The moment it was evaluated for. */
  readonly evaluatedAt: string;
  /** Name of the window. */
  readonly windowName?: string;
  /** Its start. */
  readonly windowStart: string;
  /** Its end. */
  readonly windowEnd: string;
  /** Why, for a person. */
  readonly reason?: string;
  /** Why. */
  readonly reasonCode?: string;
}

/** What the sandbox check said. */
export interface SandboxDecision {
  /** Outcome. */
  readonly status?: string;
  /** Access to the network. */
  readonly networkMode?: string;
  /** How much of the environment it sees. */
  readonly envExposureMode?: string;
  /** When it is stopped, in seconds. */
  readonly timeoutSeconds?: number;
  /** How files are isolated. */
  readonly filesystemIsolation?: string;
  /** Which user it runs as. */
  readonly userMode?: string;
  /** Reference of the proof. */
  readonly evidenceRef?: string;
  /** Digest of the proof. */
  readonly evidenceDigest?: string;
  /** Why. */
  readonly reasonCodes?: readonly string[];
}

/** What the kill switch said. */
export interface KillSwitchDecision {
  /** Outcome. */
  readonly status?: string;
  /** Why. */
  readonly reasonCode?: string;
  /** Why. */
  readonly reasonCodes?: readonly string[];
  /** Ids of the entries that matched. */
  readonly matchedEntryIds?: readonly string[];
  /** The moment it was evaluated for. */
  readonly evaluatedAt: string;
}

/** What became of an approval token. */
export interface ApprovalFinding {
  /** Its id. */
  readonly tokenId?: string;
  /** Who approves. */
  readonly approverIdentity?: string;
  /** Why. */
  readonly reasonCode?: string;
  /** What it lets pass. */
  readonly scope?: readonly string[];
  /** When it ends. */
  readonly expiresAt: string;
  /** Whether it counts. */
  readonly valid: boolean;
  /** Why it does not count. */
  readonly errorCode?: string;
}

/** What became of a link of a delegation, or of a delegation token. */
export interface DelegationFinding {
  /** Id of the token; none for a link without one. */
  readonly tokenId?: string;
  /** Who delegates. */
  readonly delegatorIdentity?: string;
  /** To whom. */
  readonly delegateIdentity?: string;
  /** What is delegated. */
  readonly scope?: readonly string[];
  /** When the token ends. */
  readonly expiresAt: string;
  /** Whether it counts. */
  readonly valid: boolean;
  /** Why it does not count. */
  readonly errorCode?: string;
}

/** What a broker said of a credential. */
export interface CredentialFacts {
  /** Its reference. */
  readonly credentialRef?: string;
  /** Who issued it. */
  readonly issuedBy?: string;
  /** Where it comes from. */
  readonly source?: string;
  /** Kind of access it gives. */
  readonly accessType?: string;
  /** Who stands behind it, else who issued it. */
  readonly issuer?: string;
  /** Whom it names. */
  readonly subject?: string;
  /** Who owns it. */
  readonly owner?: string;
  /** What it is good for. */
  readonly scope?: readonly string[];
  /** Digest of the targets it is bound to. */
  readonly targetBinding?: string;
  /** Run it is bound to. */
  readonly runBinding?: string;
  /** Job it is bound to. */
  readonly jobBinding?: string;
  /** Digest of the request it answers. */
  readonly requestDigest?: string;
  /** When it was issued; the year 1 when that is unknown. */
  readonly issuedAt: string;
  /** When it ends; the year 1 when that is unknown. */
  readonly expiresAt: string;
  /** Its life in seconds. */
  readonly ttlSeconds?: number;
}

/** A signature as it stands in documents. */
export interface Signature {
  /** Always `ed25519`. */
  readonly alg: string;
  /** The id of the key, 64 hex digits. */
  readonly key_id: string;
  /** Base64 of the 64 bytes. */
  readonly sig: string;
  /** The digest that was signed; absent when bytes were signed. */
  readonly signed_digest?: string;
}

/**
 * A proposed tool call, as JSON has it. The members are those of the intent document; whatever has a JSON form may
 * stand in `args`.
 */
export interface IntentDocument {
  /** The name of the tool. */
  tool_name?: string;
  /** The arguments of the call. */
  args?: object;
  /** What the call touches. */
  targets?: readonly object[];
  /** Who asks, where and how risky it is. */
  context?: object;
  /** Any other member of the intent document. */
  [member: string]: unknown;
}

/** @internal Members in camel case, frozen, all the way down. */
export function camelCased<Value>(value: unknown): Value {
  if (Array.isArray(value)) return Object.freeze(value.map(camelCased)) as Value;
  if (typeof value !== 'object' || value === null) return value as Value;
  const members = Object.entries(value).map(([name, member]) => {
    return [name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), camelCased(member)];
  });
  return Object.freeze(Object.fromEntries(members)) as Value;
}

/** @internal What was not kept exactly, with places where there are any. */
export function noticesOf(notices: readonly Notice[], placed: boolean): readonly Notice[] {
  return Object.freeze(notices.map(({ kind, offset }) => Object.freeze(placed && offset !== undefined ? { kind, offset } : { kind })));
}
