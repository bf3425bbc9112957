// The errors of the package, and the one place that decides which failure becomes which.

import type { Decision } from './decision';

/** The kinds of failure, the same in every language. */
export type Category =
  | 'invalid_input'
  | 'verification_failed'
  | 'policy_blocked'
  | 'approval_required'
  | 'dependency_missing'
  | 'io_failure'
  | 'state_contention'
  | 'network_transient'
  | 'network_permanent'
  | 'internal_failure';

const EXIT_CODES: Partial<Record<Category, number>> = {
  invalid_input: 6,
  verification_failed: 2,
  policy_blocked: 3,
  approval_required: 4,
  dependency_missing: 7,
};

/** What is known about a failure. */
export interface FailureDetails {
  /** The stable, machine-readable name of this very failure. */
  code: string;
  /** Whether the same call may succeed later. */
  retryable?: boolean | undefined;
  /** The code of the cause. */
  detail?: string | undefined;
  /** The member of the document, as `context.targets[0].kind`. */
  path?: string | undefined;
  /** The byte of the text, from 0. */
  offset?: number | undefined;
  /** The line of a policy, from 1. */
  line?: number | undefined;
  /** The column of a policy, from 1. */
  column?: number | undefined;
  /** What was thrown underneath. */
  cause?: unknown;
}

/** Everything that libgait throws. */
export class GaitError extends Error {
  /** The stable, machine-readable name of this very failure. */
  readonly code: string;
  /** The kind of failure. */
  readonly category: Category;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** The code of the cause, where it has one of its own. */
  readonly detail: string | undefined;
  /** The member of the document, as `context.targets[0].kind`. */
  readonly path: string | undefined;
  /** The byte of the text, from 0. Objects have none. */
  readonly offset: number | undefined;
  /** The line of a policy, from 1. */
  readonly line: number | undefined;
  /** The column of a policy, from 1. */
  readonly column: number | undefined;

  constructor(message: string, category: Category, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.category = category;
    this.retryable = details.retryable ?? false;
    this.detail = details.detail;
    this.path = details.path;
    this.offset = details.offset;
    this.line = details.line;
    this.column = details.column;
  }

  /** What the `gait` command exits with for this category. */
  get exitCode(): number {
    return EXIT_CODES[this.category] ?? 1;
  }
}

/** What was given cannot be used: malformed, missing, contradictory, unreadable. */
export class InvalidInput extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'invalid_input', details);
  }
}

/** A text is no policy. */
export class PolicyError extends InvalidInput {}

/** A document is no intent, or none that can be decided about. */
export class IntentError extends InvalidInput {}

/** There is no usable key. */
export class KeyMaterialError extends InvalidInput {}

/** A document (a trace, a signature, JSON text) cannot be read. */
export class DocumentError extends InvalidInput {}

/** A signature or digest does not hold. */
export class VerificationFailed extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'verification_failed', details);
  }
}

/** A verdict other than allow: the tool did not run. */
export class VerdictError extends GaitError {
  /** What was decided. */
  readonly decision: Decision;

  constructor(message: string, category: Category, code: string, decision: Decision) {
    super(message, category, { code });
    this.decision = decision;
  }
}

/** The policy blocks. */
export class PolicyBlocked extends VerdictError {}

/** The policy lets this pass only with approval. */
export class ApprovalRequired extends VerdictError {}

/** The policy wants a dry run: the tool must go through the motions without effect. */
export class DryRun extends VerdictError {}

/** Something that must be installed is not there. */
export class DependencyMissing extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'dependency_missing', details);
  }
}

/** The machine failed while reading or writing. */
export class IoFailure extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'io_failure', details);
  }
}

/** Somebody else holds a lock, or held it too long. */
export class StateContention extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'state_contention', details);
  }
}

/** The network failed in a way that may pass. */
export class NetworkTransient extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'network_transient', details);
  }
}

/** The network failed in a way that will not pass by itself. */
export class NetworkPermanent extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'network_permanent', details);
  }
}

/** A defect or an unexpected state. */
export class InternalFailure extends GaitError {
  constructor(message: string, details: FailureDetails) {
    super(message, 'internal_failure', details);
  }
}

const CLASSES = {
  GaitError,
  InvalidInput,
  PolicyError,
  IntentError,
  KeyMaterialError,
  DocumentError,
  VerificationFailed,
  VerdictError,
  PolicyBlocked,
  ApprovalRequired,
  DryRun,
  DependencyMissing,
  IoFailure,
  StateContention,
  NetworkTransient,
  NetworkPermanent,
  InternalFailure,
};

for (const [name, kind] of Object.entries(CLASSES)) {
  // Written out, so that names survive minification; on the prototype, so that they are not listed with each error.
  Object.defineProperty(kind.prototype, 'name', { value: name, configurable: true, writable: true });
}

type Kind = new (message: string, details: FailureDetails) => GaitError;

const BY_CATEGORY: Partial<Record<Category, Kind>> = {
  invalid_input: InvalidInput,
  verification_failed: VerificationFailed,
  dependency_missing: DependencyMissing,
  io_failure: IoFailure,
  state_contention: StateContention,
  network_transient: NetworkTransient,
  network_permanent: NetworkPermanent,
  internal_failure: InternalFailure,
};

/** @internal What was at fault, where invalid input has errors of its own. */
export type Subject = 'policy' | 'intent' | 'key' | 'document' | '';

const BY_SUBJECT: Record<Subject, Kind> = {
  policy: PolicyError,
  intent: IntentError,
  key: KeyMaterialError,
  document: DocumentError,
  '': InvalidInput,
};

interface Fault extends FailureDetails {
  category: Category;
  message: string;
  subject?: Subject;
}

const PREFIX = 'gait:';

/** @internal Whether an answer of a batch is the text of an error. */
export function isError(answer: unknown): answer is string {
  return typeof answer === 'string' && answer.startsWith(PREFIX);
}

/** @internal The error that a text of the native half stands for. */
export function fromText(text: string, placed = true): GaitError {
  const { category, message, subject, ...details } = JSON.parse(text.slice(PREFIX.length)) as Fault;
  if (placed) return classified(message, category, subject, details);
  // Where something stands in the text that an object was written as means nothing to its owner.
  details.offset = undefined;
  return classified(message.replace(/ at byte \d+$/, ''), category, subject, details);
}

function classified(message: string, category: Category, subject: Subject | undefined, details: FailureDetails): GaitError {
  const kind = category === 'invalid_input' ? BY_SUBJECT[subject ?? ''] : BY_CATEGORY[category];
  // What blocks without a decision, such as scripts whose approval does not verify, is of no kind of its own.
  return kind === undefined ? new GaitError(message, category, details) : new kind(message, details);
}

/** @internal What to throw for something that the native half threw. */
export function translate(thrown: unknown, placed = true): unknown {
  if (thrown instanceof GaitError || !(thrown instanceof Error)) return thrown;
  if (thrown.message.startsWith(PREFIX)) return fromText(thrown.message, placed);
  return new InternalFailure(thrown.message, { code: 'internal_failure', cause: thrown });
}

/** @internal Calls the native half. */
export function call<Result>(work: () => Result, placed = true): Result {
  try {
    return work();
  } catch (thrown) {
    throw translate(thrown, placed);
  }
}

/** @internal Waits for the native half. */
export async function settle<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw translate(thrown);
  }
}

/** @internal An argument of a kind that the function does not take. */
export function invalidArgument(message: string): InvalidInput {
  return new InvalidInput(message, { code: 'invalid_argument' });
}

/** @internal The error with the place of its intent before its path. */
export function inItem(error: GaitError, index: number): GaitError {
  const path = error.path ?? '';
  return relocated(error, `[${index}]${path === '' || path.startsWith('[') ? path : `.${path}`}`);
}

/** @internal The error without a place in a batch before its path. */
export function outOfBatch(error: GaitError): GaitError {
  return relocated(error, (error.path ?? '').replace(/^\[\d+\]\.?/, '') || undefined);
}

function relocated(error: GaitError, path: string | undefined): GaitError {
  const kind = error instanceof IntentError ? IntentError : error instanceof InvalidInput ? InvalidInput : undefined;
  return kind === undefined ? error : new kind(error.message, { ...error, path, cause: error.cause });
}

/** @internal The error of a decision that does not allow. */
export function refusal(decision: Decision): VerdictError {
  const reasons = decision.reasonCodes.join(', ') || 'no reason given';
  const tool = decision.toolName ?? 'the call';
  switch (decision.verdict) {
    case 'require_approval':
      return new ApprovalRequired(`${tool} needs approval: ${reasons}`, 'approval_required', 'approval_required', decision);
    case 'dry_run':
      return new DryRun(`${tool} may only run dry: ${reasons}`, 'policy_blocked', 'dry_run', decision);
    default:
      return new PolicyBlocked(`${tool} is blocked: ${reasons}`, 'policy_blocked', 'policy_blocked', decision);
  }
}
