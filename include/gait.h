/**
 * The C interface of libgait: policies, intents, decisions, signed traces, canonical JSON.
 *
 * Rules for every function, unless its own comment says otherwise:
 *
 * - It returns a gait_status and never unwinds, throws or exits: a defect inside becomes GAIT_STATUS_PANIC.
 * - Handles are opaque. What a function hands over through a pointer to a handle (`gait_policy **out`) belongs to the
 *   caller, who frees it with the function of that kind, in any order. There is NULL until all went well.
 * - Handles never change once they exist, so all threads may use them at the same time without a lock. Only freeing
 *   is exclusive: no other thread may use a handle while it is freed. A handle that was freed before, is of another
 *   kind or never was one gives GAIT_STATUS_INVALID_HANDLE.
 * - A handle looks like a pointer and isn't one: never dereference it.
 * - Bytes and texts are passed as pointer and length; they are borrowed for the call only. The pointer may be NULL
 *   where the length is 0. Texts must be UTF-8.
 * - gait_str and gait_bytes that come back are borrowed from the handle they were asked of and live until it is freed.
 *   There is no NUL at the end.
 * - `gait_error **error` may be NULL. Else there is an error to free when the call failed, and NULL when it went well.
 * - No function changes signal handlers, panic hooks or locales, reads files or opens connections. What stays in the
 *   process when all handles are freed is bounded: the table of handles and a cache of time zones.
 */

#ifndef GAIT_H
#define GAIT_H

/* Made by cbindgen from the sources in ffi/: change those. */
/* clang-format off */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A kill switch is required and could not be read: everything is blocked. Excludes `kill_switch`.
 */
#define GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE 1

/**
 * The version of this interface: 65536 times the major number, plus the minor. Within a major number functions are only
 * added; with major number 0 a header fits libraries of the very same version only.
 */
#define GAIT_ABI_VERSION 1

/**
 * What a call returns. The numbers never change; later versions may add some.
 *
 * 1 to 10 are the categories of libgait's errors, from 64 on stands misuse of this interface.
 */
enum gait_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All went well.
     */
    GAIT_STATUS_OK = 0,
    /**
     * What was given cannot be used: malformed, missing, contradictory.
     */
    GAIT_STATUS_INVALID_INPUT = 1,
    /**
     * A signature, digest or integrity check did not hold.
     */
    GAIT_STATUS_VERIFICATION_FAILED = 2,
    /**
     * A policy says no.
     */
    GAIT_STATUS_POLICY_BLOCKED = 3,
    /**
     * A policy says: not without approval.
     */
    GAIT_STATUS_APPROVAL_REQUIRED = 4,
    /**
     * Something that must be installed is not there.
     */
    GAIT_STATUS_DEPENDENCY_MISSING = 5,
    /**
     * The machine failed while reading or writing.
     */
    GAIT_STATUS_IO_FAILURE = 6,
    /**
     * Somebody else holds a lock, or held it too long.
     */
    GAIT_STATUS_STATE_CONTENTION = 7,
    /**
     * The network failed in a way that may pass.
     */
    GAIT_STATUS_NETWORK_TRANSIENT = 8,
    /**
     * The network failed in a way that will not pass by itself.
     */
    GAIT_STATUS_NETWORK_PERMANENT = 9,
    /**
     * A defect or an unexpected state.
     */
    GAIT_STATUS_INTERNAL_FAILURE = 10,
    /**
     * A pointer that must not be NULL is NULL.
     */
    GAIT_STATUS_NULL_POINTER = 64,
    /**
     * A handle that was freed, is of another kind, or never was one.
     */
    GAIT_STATUS_INVALID_HANDLE = 65,
    /**
     * A length or `size` member that cannot be.
     */
    GAIT_STATUS_INVALID_LENGTH = 66,
    /**
     * A number that names no mode, list or flag, or a pointer that is not aligned.
     */
    GAIT_STATUS_INVALID_ARGUMENT = 67,
    /**
     * A text that is not UTF-8.
     */
    GAIT_STATUS_NOT_UTF8 = 68,
    /**
     * An index at or beyond the count.
     */
    GAIT_STATUS_OUT_OF_RANGE = 69,
    /**
     * A defect in libgait: a panic, which was stopped at the border. The handles passed in stay usable.
     */
    GAIT_STATUS_PANIC = 70,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gait_status gait_status;
#else
typedef uint32_t gait_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a policy says about a proposed action. Only `GAIT_VERDICT_ALLOW` lets the tool run; the greater is the stricter.
 */
enum gait_verdict
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Go ahead.
     */
    GAIT_VERDICT_ALLOW = 0,
    /**
     * Go through the motions without effect.
     */
    GAIT_VERDICT_DRY_RUN = 1,
    /**
     * Wait for a person.
     */
    GAIT_VERDICT_REQUIRE_APPROVAL = 2,
    /**
     * Don't.
     */
    GAIT_VERDICT_BLOCK = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gait_verdict gait_verdict;
#else
typedef uint32_t gait_verdict;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How closely input is looked at. Functions take it as a `uint32_t`, so that another number is an error.
 */
enum gait_mode
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Refuse what is unknown, ambiguous or cannot be kept exactly: the mode to use.
     */
    GAIT_MODE_STRICT = 0,
    /**
     * Give the reference tool's answers, leniencies included.
     */
    GAIT_MODE_COMPAT = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum gait_mode gait_mode;
#else
typedef uint32_t gait_mode;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Bytes that a call made. Owned by the caller, who frees them with `gait_buffer_free`.
 */
typedef struct gait_buffer gait_buffer;

/**
 * Verified context evidence. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_context_envelope gait_context_envelope;

/**
 * The answer of a policy or gate. Immutable; any number of threads may use one at the same time. Texts asked of it live
 * until it is freed.
 */
typedef struct gait_decision gait_decision;

/**
 * Why a call failed. Owned by the caller, who frees it with `gait_error_free`.
 */
typedef struct gait_error gait_error;

/**
 * A policy with a signing key and counters of limits. Any number of threads may use one at the same time; what changes
 * inside are the counters alone.
 */
typedef struct gait_gate gait_gate;

/**
 * A proposed tool call or script, in normal form. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_intent gait_intent;

/**
 * What is known about tools. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_inventory gait_inventory;

/**
 * The state of a kill switch. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_kill_switch gait_kill_switch;

/**
 * A compiled policy. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_policy gait_policy;

/**
 * A private key with its public half. Wiped from memory when freed.
 */
typedef struct gait_signing_key gait_signing_key;

/**
 * A public key.
 */
typedef struct gait_verifying_key gait_verifying_key;

/**
 * Bytes: `len` of them at `data`.
 *
 * As a result they are borrowed: they live as long as the handle they were asked of, and `data` is never NULL. As an
 * argument `data` may be NULL when `len` is 0.
 */
typedef struct gait_bytes {
    /**
     * The first byte.
     */
    const void *data;
    /**
     * The number of bytes.
     */
    size_t len;
} gait_bytes;

/**
 * A SHA-256 digest in text form.
 */
typedef struct gait_digest {
    /**
     * 64 lower-case hex digits and a NUL.
     */
    char hex[65];
} gait_digest;

/**
 * A text: `len` bytes of UTF-8 at `data`, without a NUL at the end.
 *
 * As a result it is borrowed: it lives as long as the handle it was asked of, and `data` is never NULL. As an argument
 * `data` may be NULL when `len` is 0.
 */
typedef struct gait_str {
    /**
     * The first byte.
     */
    const char *data;
    /**
     * The number of bytes.
     */
    size_t len;
} gait_str;

/**
 * An instant in UTC, years 0 to 9999.
 */
typedef struct gait_time {
    /**
     * Whole seconds since 1970-01-01T00:00:00Z, rounded down.
     */
    int64_t seconds;
    /**
     * Nanoseconds after `seconds`, below 1000000000.
     */
    uint32_t nanos;
} gait_time;

/**
 * Something in an intent that was read, but not exactly as it was written.
 */
typedef struct gait_notice {
    /**
     * `integer_rounded` or `text_replaced`. Lives forever.
     */
    struct gait_str kind;
    /**
     * Where, in bytes from the start.
     */
    size_t offset;
} gait_notice;

/**
 * How many requests in a window. The texts live forever.
 */
typedef struct gait_limit {
    /**
     * The number; 0 when there is no limit.
     */
    int64_t requests;
    /**
     * `minute` or `hour`; empty when there is no limit.
     */
    struct gait_str window;
    /**
     * What is counted together: `identity`, `tool` or `tool_identity`; empty when there is no limit.
     */
    struct gait_str scope;
} gait_limit;

/**
 * Where in an input a fault lies.
 */
typedef struct gait_place {
    /**
     * Bytes from the start; `SIZE_MAX` when unknown.
     */
    size_t offset;
    /**
     * Line from 1; 0 when unknown. Policies have lines.
     */
    uint32_t line;
    /**
     * Column from 1; 0 when unknown.
     */
    uint32_t column;
} gait_place;

/**
 * How a gate works. Set `size` to `sizeof(gait_gate_options)` and the rest to zero, then what is wanted. All of it is
 * borrowed for the call only.
 */
typedef struct gait_gate_options {
    /**
     * `sizeof(gait_gate_options)`.
     */
    size_t size;
    /**
     * What traces are signed with; NULL is unsigned traces. The gate keeps a copy.
     */
    const struct gait_signing_key *signing_key;
} gait_gate_options;

/**
 * Everything a decision depends on besides policy and intent. Set `size` to `sizeof(gait_inputs)` and the rest to zero,
 * then what is wanted. All of it is borrowed for the call only.
 */
typedef struct gait_inputs {
    /**
     * `sizeof(gait_inputs)`.
     */
    size_t size;
    /**
     * The moment to decide for; NULL is the system clock.
     */
    const struct gait_time *now;
    /**
     * The kill switch; NULL is none.
     */
    const struct gait_kill_switch *kill_switch;
    /**
     * Context evidence; NULL is none.
     */
    const struct gait_context_envelope *context_envelope;
    /**
     * The inventory of tools; NULL is none.
     */
    const struct gait_inventory *inventory;
    /**
     * 0 or `GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE`.
     */
    uint32_t flags;
} gait_inputs;

/**
 * What a trace says about its writing. Set `size` to `sizeof(gait_emission)` and the rest to zero, then what is wanted.
 * All of it is borrowed for the call only.
 */
typedef struct gait_emission {
    /**
     * `sizeof(gait_emission)`.
     */
    size_t size;
    /**
     * When the trace is written; NULL is the system clock.
     */
    const struct gait_time *observed_at;
    /**
     * Version of the program; empty is `GAIT_PRODUCER_VERSION` of the environment, else the version of this library.
     */
    struct gait_str producer_version;
    /**
     * Ties together what one task did; may be empty.
     */
    struct gait_str correlation_id;
    /**
     * How long the evaluation took, in milliseconds; 0 when unknown.
     */
    double latency_ms;
} gait_emission;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The bytes of a buffer. They live until it is freed.
 *
 * # Safety
 * `buffer` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_buffer_bytes(const struct gait_buffer *buffer, struct gait_bytes *out);

/**
 * Frees a buffer; NULL is fine.
 */
gait_status gait_buffer_free(struct gait_buffer *buffer);

/**
 * The canonical form of a JSON text. `mode` is one of `gait_mode`: strict takes I-JSON (RFC 7493) only.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_canonicalize(const void *data,
                              size_t len,
                              uint32_t mode,
                              struct gait_buffer **out,
                              struct gait_error **error);

/**
 * The digest of the canonical form of a JSON text. `mode` as for `gait_canonicalize`.
 *
 * Any thread. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_digest_json(const void *data,
                             size_t len,
                             uint32_t mode,
                             struct gait_digest *out,
                             struct gait_error **error);

/**
 * The SHA-256 digest of bytes as they are.
 *
 * Any thread.
 *
 * # Safety
 * `data` points to `len` bytes; `out` may be written to.
 */
gait_status gait_digest_bytes(const void *data, size_t len, struct gait_digest *out);

/**
 * Frees a decision; NULL is fine.
 */
gait_status gait_decision_free(struct gait_decision *decision);

/**
 * The name of a verdict, such as `require_approval`; `unknown` for a number that is none. Lives forever.
 *
 * Any thread.
 */
struct gait_str gait_verdict_name(uint32_t verdict);

/**
 * The answer.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_verdict(const struct gait_decision *decision, gait_verdict *out);

/**
 * The exit code of a command that ends with this decision: 0 for allow and dry run, 3 for block, 4 for a missing
 * approval.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_exit_code(const struct gait_decision *decision, int32_t *out);

/**
 * How many reasons there are.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_reason_code_count(const struct gait_decision *decision, size_t *out);

/**
 * One of the reasons, which are sorted.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_reason_code(const struct gait_decision *decision, size_t index, struct gait_str *out);

/**
 * How many violations there are.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_violation_count(const struct gait_decision *decision, size_t *out);

/**
 * One of the violations, which are sorted.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_violation(const struct gait_decision *decision, size_t index, struct gait_str *out);

/**
 * Names of the rules that matched, sorted and joined by commas; empty when the default verdict decided.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_matched_rule(const struct gait_decision *decision, struct gait_str *out);

/**
 * The creation time that the intent gives, 1980-01-01 when it gives none: never the clock.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_created_at(const struct gait_decision *decision, struct gait_time *out);

/**
 * Whether the intent could be evaluated; if not, the decision is a block because the policy fails closed.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_evaluable(const struct gait_decision *decision, bool *out);

/**
 * How many notices there are about things in the intent that were not kept exactly; none in strict mode.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_notice_count(const struct gait_decision *decision, size_t *out);

/**
 * One of the notices.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_notice(const struct gait_decision *decision, size_t index, struct gait_notice *out);

/**
 * How many approvals the matched rules ask for.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_min_approvals(const struct gait_decision *decision, int64_t *out);

/**
 * Whether the approvals must come from different people.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_require_distinct_approvers(const struct gait_decision *decision, bool *out);

/**
 * Whether a broker must issue a credential.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_require_broker_credential(const struct gait_decision *decision, bool *out);

/**
 * The reference for the broker; may be empty.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_broker_reference(const struct gait_decision *decision, struct gait_str *out);

/**
 * How many scopes to ask of the broker.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_broker_scope_count(const struct gait_decision *decision, size_t *out);

/**
 * One of the scopes to ask of the broker.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_broker_scope(const struct gait_decision *decision, size_t index, struct gait_str *out);

/**
 * Whether delegation tokens must cover the intent's delegation.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_require_delegation(const struct gait_decision *decision, bool *out);

/**
 * Of how many scopes a delegation token must hold one.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_delegation_scope_count(const struct gait_decision *decision, size_t *out);

/**
 * One of the scopes of which a delegation token must hold one.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_delegation_scope(const struct gait_decision *decision, size_t index, struct gait_str *out);

/**
 * The rate limit that counts.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_rate_limit(const struct gait_decision *decision, struct gait_limit *out);

/**
 * The budget of destructive calls that counts.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_destructive_budget(const struct gait_decision *decision, struct gait_limit *out);

/**
 * The digest of the policy.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_policy_digest(const struct gait_decision *decision, struct gait_digest *out);

/**
 * The digest of the intent as it was given; all NUL when it is no usable intent.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_intent_digest(const struct gait_decision *decision, struct gait_digest *out);

/**
 * The digest of the intent as it was judged: unproven claims removed, proven ones added. This is the one that traces
 * carry and tokens are bound to. All NUL when the intent could not be evaluated.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_prepared_intent_digest(const struct gait_decision *decision, struct gait_digest *out);

/**
 * The digest of the arguments; all NUL when the intent could not be evaluated.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_args_digest(const struct gait_decision *decision, struct gait_digest *out);

/**
 * The digest of a script's steps; all NUL for a single tool call.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_script_hash(const struct gait_decision *decision, struct gait_digest *out);

/**
 * All of a decision as a JSON object. Members are named as the functions are, without `gait_decision_`; what is empty is
 * absent, but for verdict, codes, matched rule, times and policy digest.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_decision_to_json(const struct gait_decision *decision,
                                  struct gait_buffer **out,
                                  struct gait_error **error);

/**
 * Whether tainted data would have reached a destination.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_dataflow_triggered(const struct gait_decision *decision, bool *out);

/**
 * Where context came from: `context_envelope`, the label of the inventory, both, or empty.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_context_source(const struct gait_decision *decision, struct gait_str *out);

/**
 * What the freeze windows said; empty when no matched rule has one.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_freeze_window_status(const struct gait_decision *decision, struct gait_str *out);

/**
 * What the sandbox check said; empty when no matched rule asks for one.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_sandbox_status(const struct gait_decision *decision, struct gait_str *out);

/**
 * What the kill switch said; empty when there is none.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_kill_switch_status(const struct gait_decision *decision, struct gait_str *out);

/**
 * The number of steps of a script; 0 for a single tool call.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_step_count(const struct gait_decision *decision, size_t *out);

/**
 * How risky a script is as a whole: `low`, `medium` or `high`; empty for a single tool call.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_composite_risk_class(const struct gait_decision *decision, struct gait_str *out);

/**
 * The answer for each step of a script: a JSON list of objects with `index`, `tool_name`, `verdict` and, unless empty,
 * `reason_codes`, `violations` and `matched_rule`. An empty list for a single tool call.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_decision_step_verdicts(const struct gait_decision *decision,
                                        struct gait_buffer **out,
                                        struct gait_error **error);

/**
 * Frees an error; NULL is fine.
 */
gait_status gait_error_free(struct gait_error *error);

/**
 * The status that the failed call returned.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_status(const struct gait_error *error, gait_status *out);

/**
 * The stable, machine-readable name of this very failure, such as `intent_missing_field`.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_code(const struct gait_error *error, struct gait_str *out);

/**
 * The kind of failure, such as `invalid_input`.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_category(const struct gait_error *error, struct gait_str *out);

/**
 * Whether the same call may succeed later.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_retryable(const struct gait_error *error, bool *out);

/**
 * What went wrong, for a person, in one line.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_message(const struct gait_error *error, struct gait_str *out);

/**
 * The member of the document that it is about, such as `targets[0].kind`; empty when there is none.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_member(const struct gait_error *error, struct gait_str *out);

/**
 * Where in the input it lies, as far as that is known.
 *
 * # Safety
 * `error` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_error_place(const struct gait_error *error, struct gait_place *out);

/**
 * Makes a gate of a policy. Policy and key may be freed afterwards.
 *
 * Any thread. The caller owns `*out`. `options` and `error` may be NULL.
 *
 * # Safety
 * `policy` and the key in `options` are not freed meanwhile; `options` is NULL or valid; `out` and `error` may be
 * written to.
 */
gait_status gait_gate_new(const struct gait_policy *policy,
                          const struct gait_gate_options *options,
                          struct gait_gate **out,
                          struct gait_error **error);

/**
 * Decides about an intent in JSON, like `gait gate eval` without tokens: limits are counted in memory, and a decision
 * that needs an approval, a delegation or a broker's credential is held or blocked.
 *
 * An intent that cannot be used is an error, and an error is never an allow. Any thread. The caller owns `*out`, which
 * lives on when the gate is freed. `inputs` may be NULL: the system clock, nothing else. `error` may be NULL.
 *
 * # Safety
 * `gate` is not freed meanwhile; `data` points to `len` bytes; `inputs` is NULL or valid; `out` and `error` may be
 * written to.
 */
gait_status gait_gate_evaluate(const struct gait_gate *gate,
                               const void *data,
                               size_t len,
                               const struct gait_inputs *inputs,
                               struct gait_decision **out,
                               struct gait_error **error);

/**
 * As `gait_gate_evaluate`, but an intent that is JSON and cannot be used is a block where the policy fails closed for its
 * risk class. Such a decision has no digest of an intent and no trace.
 *
 * # Safety
 * As `gait_gate_evaluate`.
 */
gait_status gait_gate_evaluate_request(const struct gait_gate *gate,
                                       const void *data,
                                       size_t len,
                                       const struct gait_inputs *inputs,
                                       struct gait_decision **out,
                                       struct gait_error **error);

/**
 * As `gait_gate_evaluate`, for an intent that was read before.
 *
 * # Safety
 * `gate` and `intent` are not freed meanwhile; `inputs` is NULL or valid; `out` and `error` may be written to.
 */
gait_status gait_gate_evaluate_intent(const struct gait_gate *gate,
                                      const struct gait_intent *intent,
                                      const struct gait_inputs *inputs,
                                      struct gait_decision **out,
                                      struct gait_error **error);

/**
 * Decides about `count` intents in JSON, one after another, at one moment: `inputs` holds for all of them.
 *
 * Fills `decisions[i]` and, unless `errors` is NULL, `errors[i]`: one of them is set, the other NULL. The caller owns all
 * of them. Returns `GAIT_STATUS_OK` when every intent got a decision, else the first status that is not. When the gate,
 * the inputs or an array itself is at fault no intent is looked at; every `decisions[i]` is then NULL if it can be
 * written at all, and so is every `errors[i]`. Any thread.
 *
 * # Safety
 * `gate` is not freed meanwhile; `intents`, `decisions` and, unless NULL, `errors` have `count` items; every intent
 * points to its bytes; `inputs` is NULL or valid.
 */
gait_status gait_gate_evaluate_many(const struct gait_gate *gate,
                                    const struct gait_bytes *intents,
                                    size_t count,
                                    const struct gait_inputs *inputs,
                                    struct gait_decision **decisions,
                                    struct gait_error **errors);

/**
 * Frees a gate; NULL is fine. Its decisions live on.
 */
gait_status gait_gate_free(struct gait_gate *gate);

/**
 * How many handles of all kinds are alive in this process: 0 when everything was freed. For tests that look for leaks;
 * takes time in proportion to the most handles that ever lived at once.
 *
 * Any thread.
 */
size_t gait_live_handles(void);

/**
 * Reads a kill switch state file. `mode` is one of `gait_mode`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_kill_switch_parse(const void *data,
                                   size_t len,
                                   uint32_t mode,
                                   struct gait_kill_switch **out,
                                   struct gait_error **error);

/**
 * Frees a kill switch state; NULL is fine.
 */
gait_status gait_kill_switch_free(struct gait_kill_switch *kill_switch);

/**
 * Reads a context envelope and checks its set digest. `mode` is one of `gait_mode`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_context_envelope_parse(const void *data,
                                        size_t len,
                                        uint32_t mode,
                                        struct gait_context_envelope **out,
                                        struct gait_error **error);

/**
 * Frees a context envelope; NULL is fine.
 */
gait_status gait_context_envelope_free(struct gait_context_envelope *context_envelope);

/**
 * Reads an inventory of tools. `source` is the label that decisions name it by, such as its path; may be empty. `mode` is
 * one of `gait_mode`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` and `source` point to `len` and `source_len` bytes; `out` and `error` may be written to.
 */
gait_status gait_inventory_parse(const void *data,
                                 size_t len,
                                 const char *source,
                                 size_t source_len,
                                 uint32_t mode,
                                 struct gait_inventory **out,
                                 struct gait_error **error);

/**
 * Frees an inventory; NULL is fine.
 */
gait_status gait_inventory_free(struct gait_inventory *inventory);

/**
 * Reads and normalizes an intent. `mode` is one of `gait_mode`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_intent_parse(const void *data,
                              size_t len,
                              uint32_t mode,
                              struct gait_intent **out,
                              struct gait_error **error);

/**
 * The digest of the intent as it was given.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_intent_digest(const struct gait_intent *intent, struct gait_digest *out);

/**
 * The digest of the arguments.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_intent_args_digest(const struct gait_intent *intent, struct gait_digest *out);

/**
 * The digest of a script's steps; all NUL for a single tool call.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_intent_script_hash(const struct gait_intent *intent, struct gait_digest *out);

/**
 * The normalized name of the tool; `script` for a script.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_intent_tool_name(const struct gait_intent *intent, struct gait_str *out);

/**
 * The canonical text that `gait_intent_digest` is the digest of.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_intent_canonical(const struct gait_intent *intent,
                                  struct gait_buffer **out,
                                  struct gait_error **error);

/**
 * How many notices there are; none in strict mode.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_intent_notice_count(const struct gait_intent *intent, size_t *out);

/**
 * One of the notices.
 *
 * # Safety
 * `intent` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_intent_notice(const struct gait_intent *intent, size_t index, struct gait_notice *out);

/**
 * Frees an intent; NULL is fine.
 */
gait_status gait_intent_free(struct gait_intent *intent);

/**
 * Reads the content of a private key file: base64 of 64 bytes, blanks and line breaks around it allowed.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_signing_key_parse(const char *data,
                                   size_t len,
                                   struct gait_signing_key **out,
                                   struct gait_error **error);

/**
 * The key that a seed of 32 bytes determines; `len` must be 32.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `seed` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_signing_key_from_seed(const void *seed,
                                       size_t len,
                                       struct gait_signing_key **out,
                                       struct gait_error **error);

/**
 * A new key from the operating system's randomness.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `out` and `error` may be written to.
 */
gait_status gait_signing_key_generate(struct gait_signing_key **out, struct gait_error **error);

/**
 * The id of the pair: the hex digest of its public half.
 *
 * # Safety
 * `key` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_signing_key_id(const struct gait_signing_key *key, struct gait_str *out);

/**
 * The text of the private key for a file. The buffer is wiped from memory when it is freed.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_signing_key_to_base64(const struct gait_signing_key *key,
                                       struct gait_buffer **out,
                                       struct gait_error **error);

/**
 * The public half, as a handle of its own.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_signing_key_verifying_key(const struct gait_signing_key *key,
                                           struct gait_verifying_key **out,
                                           struct gait_error **error);

/**
 * Frees a private key; NULL is fine. Gates made with it keep working.
 */
gait_status gait_signing_key_free(struct gait_signing_key *key);

/**
 * Reads the content of a public key file: base64 of 32 bytes, blanks and line breaks around it allowed.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_verifying_key_parse(const char *data,
                                     size_t len,
                                     struct gait_verifying_key **out,
                                     struct gait_error **error);

/**
 * The key of 32 bytes; `len` must be 32. Bytes that are no point of the curve are a key that verifies nothing.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_verifying_key_from_bytes(const void *data,
                                          size_t len,
                                          struct gait_verifying_key **out,
                                          struct gait_error **error);

/**
 * The id of the key: the hex digest of its bytes.
 *
 * # Safety
 * `key` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_verifying_key_id(const struct gait_verifying_key *key, struct gait_str *out);

/**
 * The text of the public key for a file.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_verifying_key_to_base64(const struct gait_verifying_key *key,
                                         struct gait_buffer **out,
                                         struct gait_error **error);

/**
 * Frees a public key; NULL is fine.
 */
gait_status gait_verifying_key_free(struct gait_verifying_key *key);

/**
 * Reads and compiles a policy in YAML or JSON. `mode` is one of `gait_mode` and also holds for the intents that the
 * policy judges.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_policy_parse(const void *data,
                              size_t len,
                              uint32_t mode,
                              struct gait_policy **out,
                              struct gait_error **error);

/**
 * The digest of the policy: equal for policies of equal meaning.
 *
 * # Safety
 * `policy` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_policy_digest(const struct gait_policy *policy, struct gait_digest *out);

/**
 * The number of rules.
 *
 * # Safety
 * `policy` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_policy_rule_count(const struct gait_policy *policy, size_t *out);

/**
 * What in the policy probably does not do what its author thinks: a JSON list of objects with `code`, `rule` (absent
 * when it is about the policy as a whole) and `message`.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `policy` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_policy_lint(const struct gait_policy *policy, struct gait_buffer **out, struct gait_error **error);

/**
 * Decides about an intent in JSON by policy and inputs alone, like `gait policy test`: no limit is counted.
 *
 * An intent that cannot be used is an error, and an error is never an allow. Any thread. The caller owns `*out`, which
 * lives on when the policy is freed. `inputs` may be NULL: the system clock, nothing else. `error` may be NULL.
 *
 * # Safety
 * `policy` is not freed meanwhile; `data` points to `len` bytes; `inputs` is NULL or valid; `out` and `error` may be
 * written to.
 */
gait_status gait_policy_evaluate(const struct gait_policy *policy,
                                 const void *data,
                                 size_t len,
                                 const struct gait_inputs *inputs,
                                 struct gait_decision **out,
                                 struct gait_error **error);

/**
 * As `gait_policy_evaluate`, but an intent that is JSON and cannot be used is a block where the policy fails closed for its
 * risk class. Such a decision has no digest of an intent and no trace.
 *
 * # Safety
 * As `gait_policy_evaluate`.
 */
gait_status gait_policy_evaluate_request(const struct gait_policy *policy,
                                         const void *data,
                                         size_t len,
                                         const struct gait_inputs *inputs,
                                         struct gait_decision **out,
                                         struct gait_error **error);

/**
 * As `gait_policy_evaluate`, for an intent that was read before.
 *
 * # Safety
 * `policy` and `intent` are not freed meanwhile; `inputs` is NULL or valid; `out` and `error` may be written to.
 */
gait_status gait_policy_evaluate_intent(const struct gait_policy *policy,
                                        const struct gait_intent *intent,
                                        const struct gait_inputs *inputs,
                                        struct gait_decision **out,
                                        struct gait_error **error);

/**
 * Frees a policy; NULL is fine. Gates made of it keep working.
 */
gait_status gait_policy_free(struct gait_policy *policy);

/**
 * Signs the digest of the canonical form of a JSON text. The result is a signature document: a JSON object with `alg`,
 * `key_id`, `sig` and `signed_digest`.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_sign_json(const struct gait_signing_key *key,
                           const void *data,
                           size_t len,
                           struct gait_buffer **out,
                           struct gait_error **error);

/**
 * Signs bytes as they are. The result is a signature document: a JSON object with `alg`, `key_id` and `sig`.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_sign_bytes(const struct gait_signing_key *key,
                            const void *data,
                            size_t len,
                            struct gait_buffer **out,
                            struct gait_error **error);

/**
 * Whether a signature document is this key's over a JSON text: `GAIT_STATUS_OK` when it is, and nothing else.
 *
 * `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `signature` and `data` point to `signature_len` and `len` bytes; `error` may be written
 * to.
 */
gait_status gait_verify_json(const struct gait_verifying_key *key,
                             const void *signature,
                             size_t signature_len,
                             const void *data,
                             size_t len,
                             struct gait_error **error);

/**
 * Whether a signature document is this key's over bytes as they are: `GAIT_STATUS_OK` when it is, and nothing else.
 *
 * `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `signature` and `data` point to `signature_len` and `len` bytes; `error` may be written
 * to.
 */
gait_status gait_verify_bytes(const struct gait_verifying_key *key,
                              const void *signature,
                              size_t signature_len,
                              const void *data,
                              size_t len,
                              struct gait_error **error);

/**
 * The stable name of a status, such as `invalid_handle`; `unknown` for a number that is none. Lives forever.
 *
 * Any thread.
 */
struct gait_str gait_status_name(uint32_t status);

/**
 * The exit code of a command that ends with a status: 0 for `GAIT_STATUS_OK`, 6 for misuse, 1 for a number that is none.
 *
 * Any thread.
 */
int32_t gait_status_exit_code(uint32_t status);

/**
 * The time now by the system's clock.
 *
 * Any thread.
 *
 * # Safety
 * `out` may be written to.
 */
gait_status gait_time_now(struct gait_time *out);

/**
 * Reads RFC 3339, such as `2026-03-01T08:00:00+01:00`.
 *
 * Any thread. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_time_parse(const char *data, size_t len, struct gait_time *out, struct gait_error **error);

/**
 * The trace document of a decision that this gate made, signed if the gate has a key: the bytes of a trace file.
 *
 * Any thread. The caller owns `*out`. `emission` and `error` may be NULL. A decision about an intent that could not be
 * evaluated has no trace: `GAIT_STATUS_INVALID_INPUT`.
 *
 * # Safety
 * `gate` and `decision` are not freed meanwhile; `emission` is NULL or valid; `out` and `error` may be written to.
 */
gait_status gait_gate_trace(const struct gait_gate *gate,
                            const struct gait_decision *decision,
                            const struct gait_emission *emission,
                            struct gait_buffer **out,
                            struct gait_error **error);

/**
 * Whether a trace document is signed by this key: `GAIT_STATUS_OK` when it is, and nothing else. `mode` is one of
 * `gait_mode`: in compat mode unknown members are not covered by the signature, strict mode refuses them.
 *
 * Any thread. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `data` points to `len` bytes; `error` may be written to.
 */
gait_status gait_trace_verify(const void *data,
                              size_t len,
                              uint32_t mode,
                              const struct gait_verifying_key *key,
                              struct gait_error **error);

/**
 * The version of the interface that the loaded library has; compare it with `GAIT_ABI_VERSION` of the header.
 *
 * Any thread.
 */
uint32_t gait_abi_version(void);

/**
 * The version of the library, such as `0.1.0`. Lives forever.
 *
 * Any thread.
 */
struct gait_str gait_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* GAIT_H */
