import { types } from 'node:util';

import type { ApprovalLike, ApprovalRequest } from './approval';
import type { Decision } from './decision';
import { written } from './document';
import { InvalidInput } from './errors';
import type { Gate } from './gate';
import { Intent, type IntentLike } from './intent';
import type { Moment } from './moment';

type Tool = (this: any, ...parameters: any[]) => unknown;

/** The arguments of a call by name. */
export type Arguments = Readonly<Record<string, unknown>>;

/** What became of a request for approval: one token or several, or nothing when it was refused. */
export type ApprovalAnswer = ApprovalLike | readonly ApprovalLike[] | null | undefined | false;

/** How a function is guarded. */
export interface GuardOptions<Fn extends Tool> {
  /** Who decides. */
  gate: Gate;
  /** The intent's context (`identity`, `workspace`, `risk_class`, …), or a function that makes it from the arguments. */
  context: object | ((args: Arguments) => object);
  /** The name the policy knows; the function's own name by default. */
  toolName?: string | undefined;
  /** The names of the parameters, for functions that do not take a single object. */
  parameters?: readonly string[] | undefined;
  /** Makes the intent's `args` from the call's parameters, where names are not enough. */
  args?: ((...parameters: Parameters<Fn>) => object) | undefined;
  /**
   * What the call touches. Texts in a list are templates over the arguments
   * (`{ kind: 'path', value: '{path}', operation: 'write' }`); a function gets the arguments by name.
   */
  targets?: readonly object[] | ((args: Arguments) => readonly object[]) | undefined;
  /** Takes the place of the context's. */
  riskClass?: string | undefined;
  /** Where arguments come from, by name (`{ body: 'tool_output' }`), or a function that makes the whole list. */
  argProvenance?: Readonly<Record<string, string>> | ((args: Arguments) => readonly object[]) | undefined;
  /** Further members of the intent, such as `delegation` or `skill_provenance`. */
  extra?: object | undefined;
  /**
   * Called with every decision before anything else happens, for example to keep its trace; with two where an approval was
   * got. What it throws keeps the function from running; what it returns is not waited for.
   */
  onDecision?: ((decision: Decision) => unknown) | undefined;
  /**
   * Gets the approval that a call needs: asks whoever may give it and returns their token. The gate then decides about the
   * same intent again, with what came; the function runs only if that is an allow. Without a token it is
   * {@link ApprovalRequired}, as without this function. For async functions it may be async, too.
   */
  onApproval?: ((request: ApprovalRequest, intent: Intent) => ApprovalAnswer | Promise<ApprovalAnswer>) | undefined;
  /** Called in place of the function, with its parameters, when the verdict is `dry_run`. */
  onDryRun?: Fn | undefined;
  /** Gives the moment to decide for; the machine's clock by default. */
  clock?: (() => Moment) | undefined;
}

const AsyncFunction: unknown = Object.getPrototypeOf(async () => undefined).constructor;

/**
 * Puts a gate before a function: it runs only when the gate allows the call.
 *
 * Each call becomes an intent; the gate decides; on `allow` the function runs with the very parameters of the call. On
 * `block` {@link PolicyBlocked} is thrown, on `require_approval` {@link ApprovalRequired} unless `onApproval` gets what is
 * needed, on `dry_run` {@link DryRun} unless `onDryRun` is given. An error on the way throws too: the function never runs
 * without an allow. Async functions reject instead of throwing.
 *
 * Async functions leave the event loop alone while a gate that may block decides. Where something was waited
 * for, the arguments must still be the ones that were decided about.
 *
 * ```js
 * const writeNote = guard(async ({ path, text }) => writeFile(path, text), {
 *   gate,
 *   toolName: 'note.write',
 *   context: { identity: 'agent-7', workspace: '/srv', risk_class: 'low' },
 *   targets: [{ kind: 'path', value: '{path}', operation: 'write' }],
 * });
 * await writeNote({ path: '/srv/notes/a.txt', text: 'hello' });
 * ```
 */
export function guard<Fn extends Tool>(fn: Fn, options: GuardOptions<Fn>): Fn {
  if (typeof fn !== 'function') throw invalid('guard takes a function');
  const { gate, onDecision, onDryRun, onApproval, clock } = options;
  const toolName = options.toolName ?? fn.name;
  if (typeof gate?.evaluate !== 'function') throw invalid('options.gate must be a Gate');
  if (toolName === '') throw invalid('options.toolName is needed for a function without a name');

  const propose = (parameters: Parameters<Fn>): Proposal => {
    const args = argumentsOf(options, parameters) as Arguments;
    const intent = intentOf(toolName, options, args);
    if (onApproval === undefined && !gate.mayBlock) return { intent, unchanged: () => undefined };
    const before = snapshot(args);
    const unchanged = (): void => {
      // What was decided about is what runs.
      if (!before.equals(snapshot(argumentsOf(options, parameters)))) {
        throw new InvalidInput('the arguments changed while they were decided about', { code: 'guard_arguments_changed' });
      }
    };
    return { intent: Intent.parse(intent, { strict: gate.strict }), unchanged };
  };

  /** The request, where somebody is to be asked. */
  const wanted = (decision: Decision): ApprovalRequest | null => {
    return onApproval === undefined ? null : decision.approvalRequest();
  };

  /** The function that may run. */
  const permitted = (decision: Decision): Fn => {
    if (decision.verdict === 'dry_run' && onDryRun !== undefined) return onDryRun;
    decision.raiseForVerdict();
    return fn;
  };

  const decide = (parameters: Parameters<Fn>): Fn => {
    const { intent, unchanged } = propose(parameters);
    let decision = gate.evaluate(intent, { now: clock?.() });
    onDecision?.(decision);
    const request = wanted(decision);
    if (request !== null) {
      const approvals = tokensOf(onApproval?.(request, intent as Intent));
      if (approvals.length > 0) {
        unchanged();
        decision = gate.evaluate(intent, { now: clock?.(), approvals });
        onDecision?.(decision);
      }
      unchanged();
    }
    return permitted(decision);
  };

  const evaluate = (intent: IntentLike, approvals?: readonly ApprovalLike[]): Decision | Promise<Decision> => {
    const given = approvals === undefined ? { now: clock?.() } : { now: clock?.(), approvals };
    return gate.mayBlock ? gate.evaluateAsync(intent, given) : gate.evaluate(intent, given);
  };

  const decideAsync = async (parameters: Parameters<Fn>): Promise<{ run: Fn; unchanged: () => void }> => {
    const { intent, unchanged } = propose(parameters);
    let decision = await evaluate(intent);
    onDecision?.(decision);
    const request = wanted(decision);
    if (request !== null) {
      const approvals = tokensOf(await onApproval?.(request, intent as Intent));
      if (approvals.length > 0) {
        // An approval is not used up for a call that will not be made.
        unchanged();
        decision = await evaluate(intent, approvals);
        onDecision?.(decision);
      }
    }
    return { run: permitted(decision), unchanged };
  };

  const waits = onApproval !== undefined || gate.mayBlock;
  const guarded =
    fn instanceof (AsyncFunction as typeof Function)
      ? async function (this: unknown, ...parameters: Parameters<Fn>): Promise<unknown> {
          if (!waits) return decide(parameters).apply(this, parameters);
          const { run, unchanged } = await decideAsync(parameters);
          // Here and not before: between this and the call nothing else runs.
          unchanged();
          return run.apply(this, parameters);
        }
      : function (this: unknown, ...parameters: Parameters<Fn>): unknown {
          return decide(parameters).apply(this, parameters);
        };
  Object.defineProperty(guarded, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(guarded, 'length', { value: fn.length, configurable: true });
  return guarded as unknown as Fn;
}

/** A call on its way to a decision. */
interface Proposal {
  readonly intent: IntentLike;
  /** Throws when the arguments are others than those of the intent. */
  readonly unchanged: () => void;
}

function snapshot(args: object): Buffer {
  const { bytes, start, end } = written(args, 'intent');
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** The tokens of an answer; a promise is none that a function which is not async could wait for. */
function tokensOf(answer: ApprovalAnswer | Promise<ApprovalAnswer>): readonly ApprovalLike[] {
  if (types.isPromise(answer)) {
    answer.catch(() => undefined);
    throw invalid('onApproval is async, and the guarded function is not');
  }
  if (answer === null || answer === undefined || answer === false) return [];
  return Array.isArray(answer) ? (answer as readonly ApprovalLike[]) : [answer as ApprovalLike];
}

function intentOf<Fn extends Tool>(toolName: string, options: GuardOptions<Fn>, args: Arguments): object {
  const { context, riskClass, argProvenance, targets = [], extra } = options;
  const made = typeof context === 'function' ? context(args) : context;
  const intent: Record<string, unknown> = {
    ...extra,
    tool_name: toolName,
    args,
    targets: typeof targets === 'function' ? targets(args) : targets.map((target) => filled(target, args)),
    context: riskClass === undefined ? made : { ...made, risk_class: riskClass },
  };
  if (argProvenance !== undefined) {
    intent['arg_provenance'] = typeof argProvenance === 'function' ? argProvenance(args) : provenance(argProvenance, args);
  }
  return intent;
}

/** The arguments by name. */
function argumentsOf<Fn extends Tool>(options: GuardOptions<Fn>, parameters: Parameters<Fn>): object {
  if (options.args !== undefined) return options.args(...parameters);
  const { parameters: names } = options;
  if (names !== undefined) {
    if (parameters.length > names.length) {
      throw invalid(`${parameters.length} parameters were given, and options.parameters names ${names.length}`);
    }
    return Object.fromEntries(parameters.map((value: unknown, index: number) => [names[index], value]));
  }
  if (parameters.length === 0) return {};
  const only: unknown = parameters[0];
  if (parameters.length === 1 && typeof only === 'object' && only !== null && !Array.isArray(only)) return only;
  throw invalid('the parameters have no names: give options.parameters or options.args');
}

/** The target with `{name}` in its texts replaced by the argument of that name. */
function filled(target: object, args: Arguments): object {
  const members = Object.entries(target).map(([member, value]: [string, unknown]) => {
    if (typeof value !== 'string') return [member, value];
    const text = value.replace(/\{([A-Za-z_$][\w$]*)\}/g, (_, name: string) => {
      const argument = Object.prototype.hasOwnProperty.call(args, name) ? args[name] : undefined;
      if (!['string', 'number', 'boolean'].includes(typeof argument)) {
        throw invalid(`targets: ${member} needs the argument ${name}, as text, number or boolean`);
      }
      return String(argument);
    });
    return [member, text];
  });
  return Object.fromEntries(members) as object;
}

function provenance(sources: Readonly<Record<string, string>>, args: Arguments): object[] {
  const given = Object.entries(sources).filter(([name]) => Object.prototype.hasOwnProperty.call(args, name));
  return given.map(([name, source]) => ({ arg_path: `$.${name}`, source }));
}

function invalid(message: string): InvalidInput {
  return new InvalidInput(message, { code: 'guard_arguments' });
}
