import type { Decision } from './decision';
import { InvalidInput } from './errors';
import type { Gate } from './gate';
import type { Moment } from './moment';

type Tool = (this: any, ...parameters: any[]) => unknown;

/** The arguments of a call by name. */
export type Arguments = Readonly<Record<string, unknown>>;

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
   * Called with every decision before anything else happens, for example to keep its trace. What it throws keeps the
   * function from running; what it returns is not waited for.
   */
  onDecision?: ((decision: Decision) => unknown) | undefined;
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
 * `block` {@link PolicyBlocked} is thrown, on `require_approval` {@link ApprovalRequired}, on `dry_run` {@link DryRun}
 * unless `onDryRun` is given. An error on the way throws too: the function never runs without an allow. Async functions
 * reject instead of throwing.
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
  const { gate, onDecision, onDryRun, clock } = options;
  const toolName = options.toolName ?? fn.name;
  if (typeof gate?.evaluate !== 'function') throw invalid('options.gate must be a Gate');
  if (toolName === '') throw invalid('options.toolName is needed for a function without a name');

  /** The function that may run. */
  const decide = (parameters: Parameters<Fn>): Fn => {
    const intent = intentOf(toolName, options, parameters);
    const decision = gate.evaluate(intent, { now: clock?.() });
    onDecision?.(decision);
    if (decision.verdict === 'dry_run' && onDryRun !== undefined) return onDryRun;
    decision.raiseForVerdict();
    return fn;
  };

  const guarded =
    fn instanceof (AsyncFunction as typeof Function)
      ? async function (this: unknown, ...parameters: Parameters<Fn>): Promise<unknown> {
          return decide(parameters).apply(this, parameters);
        }
      : function (this: unknown, ...parameters: Parameters<Fn>): unknown {
          return decide(parameters).apply(this, parameters);
        };
  Object.defineProperty(guarded, 'name', { value: fn.name, configurable: true });
  Object.defineProperty(guarded, 'length', { value: fn.length, configurable: true });
  return guarded as unknown as Fn;
}

function intentOf<Fn extends Tool>(toolName: string, options: GuardOptions<Fn>, parameters: Parameters<Fn>): object {
  const args = argumentsOf(options, parameters) as Arguments;
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
