/**
 * The C interface of libgait: policies, intents, decisions, approvals and delegations, kill switches, signed traces,
 * canonical JSON.
 *
 * Rules for every function, unless its own comment says otherwise:
 *
 * - It returns a gait_status and never unwinds, throws or exits: a defect inside becomes GAIT_STATUS_PANIC.
 * - Handles are opaque. What a function hands over through a pointer to a handle (`gait_policy **out`) belongs to the
 *   caller, who frees it with the function of that kind, in any order. There is NULL until all went well.
 * - All threads may use a handle at the same time: most never change once they exist, and what changes in the others
 *   (options, trusted keys, the state of gates) changes in whole steps. Only freeing is exclusive: no other thread may
 *   use a handle while it is freed. A handle that was freed before, is of another kind or never was one gives
 *   GAIT_STATUS_INVALID_HANDLE.
 * - A handle looks like a pointer and isn't one: never dereference it.
 * - Bytes and texts are passed as pointer and length; they are borrowed for the call only. The pointer may be NULL
 *   where the length is 0. Texts must be UTF-8.
 * - gait_str and gait_bytes that come back are borrowed from the handle they were asked of and live until it is freed.
 *   There is no NUL at the end.
 * - `gait_error **error` may be NULL. Else there is an error to free when the call failed, and NULL when it went well.
 * - No function changes signal handlers, panic hooks or locales, or opens connections. Files are touched by gates whose
 *   options name them, by the functions of the kill switch that take a gait_kill_switch_file, and (the machine's time
 *   zone, read) by gait_policy_parse. The `command` broker of a gate runs a program.
 * - What stays in the process when all handles are freed is bounded: the table of handles and a cache of time zones.
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
#define GAIT_ABI_VERSION 2

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
 * A signed approval of one intent under one policy. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_approval_token gait_approval_token;

/**
 * Where a broker's function puts its answer. Good for that one call of it, and never freed by the caller.
 */
typedef struct gait_broker_answer gait_broker_answer;

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
 * A signed hand-over of authority. Immutable; any number of threads may use one at the same time.
 */
typedef struct gait_delegation_token gait_delegation_token;

/**
 * Why a call failed. Owned by the caller, who frees it with `gait_error_free`.
 */
typedef struct gait_error gait_error;

/**
 * A policy with keys, counters, a kill switch and whatever else its options name, ready to decide. Any number of threads
 * may use one at the same time; what changes inside is its state alone, in steps that are whole.
 */
typedef struct gait_gate gait_gate;

/**
 * How a gate works. Made empty, filled by the set functions (under a lock of its own, so any number of threads may use one
 * at the same time) and read by `gait_gate_new`. What is set again is replaced.
 */
typedef struct gait_gate_options gait_gate_options;

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
 * Public keys whose signatures count, each for anybody or for the names it was added with. Grows by the add functions,
 * under a lock of its own; any number of threads may use one at the same time. What was made with it keeps the keys that
 * it had then.
 *
 * A key for anybody lets its holder claim any name. Two people who must both approve need keys of their own, each added
 * with one name.
 */
typedef struct gait_trusted_keys gait_trusted_keys;

/**
 * A public key.
 */
typedef struct gait_verifying_key gait_verifying_key;

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
 * What an approver adds to a request. Set `size` to `sizeof(gait_approval_terms)` and the rest to zero, then what is
 * wanted. All of it is borrowed for the call only.
 */
typedef struct gait_approval_terms {
    /**
     * `sizeof(gait_approval_terms)`.
     */
    size_t size;
    /**
     * Who approves; required.
     */
    struct gait_str approver;
    /**
     * Why; required.
     */
    struct gait_str reason;
    /**
     * How long the approval lasts, in nanoseconds; above 0.
     */
    int64_t ttl_nanos;
    /**
     * The most targets; 0 is no limit.
     */
    int64_t max_targets;
    /**
     * The most operations; 0 is no limit.
     */
    int64_t max_ops;
    /**
     * When it begins; NULL is the system clock.
     */
    const struct gait_time *now;
} gait_approval_terms;

/**
 * What a token is held against. Set `size` to `sizeof(gait_approval_expectation)` and the rest to zero, then what is
 * wanted; what is empty is not compared. All of it is borrowed for the call only.
 */
typedef struct gait_approval_expectation {
    /**
     * `sizeof(gait_approval_expectation)`.
     */
    size_t size;
    /**
     * The moment; NULL is the system clock.
     */
    const struct gait_time *now;
    /**
     * Digest of the intent as it was judged, in hex.
     */
    struct gait_str intent_digest;
    /**
     * Digest of the policy, in hex.
     */
    struct gait_str policy_digest;
    /**
     * Digest of the intent's delegation, in hex.
     */
    struct gait_str delegation_binding_digest;
    /**
     * What it must let pass: all of these.
     */
    const struct gait_str *scope;
    /**
     * How many scope values there are.
     */
    size_t scope_count;
    /**
     * How many targets it must let pass.
     */
    size_t targets;
    /**
     * How many operations it must let pass.
     */
    size_t ops;
} gait_approval_expectation;

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
 * How far a limit is used. The texts live as long as the decision.
 */
typedef struct gait_usage {
    /**
     * Whether the request was counted; the rest is empty if not.
     */
    bool counted;
    /**
     * Whether the limit let it pass.
     */
    bool allowed;
    /**
     * How many the window has let pass, this one included.
     */
    int64_t used;
    /**
     * How many more it lets pass.
     */
    int64_t remaining;
    /**
     * What is counted together: `identity`, `tool` or `tool_identity`.
     */
    struct gait_str scope;
    /**
     * Whose requests are counted together.
     */
    struct gait_str key;
} gait_usage;

/**
 * What is told of a credential that a broker issued: never the credential itself. The texts live as long as the decision.
 */
typedef struct gait_credential {
    /**
     * Whether a broker issued one; the rest is empty if not.
     */
    bool issued;
    /**
     * Who stands behind it.
     */
    struct gait_str issuer;
    /**
     * Where it comes from.
     */
    struct gait_str source;
    /**
     * Kind of access it gives.
     */
    struct gait_str access_type;
    /**
     * Its reference.
     */
    struct gait_str reference;
    /**
     * Its life in seconds; 0 when unknown.
     */
    int64_t ttl_seconds;
} gait_credential;

/**
 * What a delegation token is to say. Set `size` to `sizeof(gait_delegation_terms)` and the rest to zero, then what is
 * wanted. All of it is borrowed for the call only.
 */
typedef struct gait_delegation_terms {
    /**
     * `sizeof(gait_delegation_terms)`.
     */
    size_t size;
    /**
     * Who delegates; required.
     */
    struct gait_str delegator;
    /**
     * To whom; required.
     */
    struct gait_str delegate;
    /**
     * What is delegated: at least one value; `*` is everything.
     */
    const struct gait_str *scope;
    /**
     * How many scope values there are.
     */
    size_t scope_count;
    /**
     * Class of what is delegated; may be empty.
     */
    struct gait_str scope_class;
    /**
     * The one intent it is for, by its digest in hex; may be empty.
     */
    struct gait_str intent_digest;
    /**
     * The one policy it is for, by its digest in hex; may be empty.
     */
    struct gait_str policy_digest;
    /**
     * How long it lasts, in nanoseconds; above 0.
     */
    int64_t ttl_nanos;
    /**
     * When it begins; NULL is the system clock.
     */
    const struct gait_time *now;
} gait_delegation_terms;

/**
 * What a token is held against. Set `size` to `sizeof(gait_delegation_expectation)` and the rest to zero, then what is
 * wanted; what is empty is not compared. All of it is borrowed for the call only.
 */
typedef struct gait_delegation_expectation {
    /**
     * `sizeof(gait_delegation_expectation)`.
     */
    size_t size;
    /**
     * The moment; NULL is the system clock.
     */
    const struct gait_time *now;
    /**
     * Who must delegate.
     */
    struct gait_str delegator;
    /**
     * To whom.
     */
    struct gait_str delegate;
    /**
     * Of what it must delegate one.
     */
    const struct gait_str *scope;
    /**
     * How many scope values there are.
     */
    size_t scope_count;
    /**
     * Digest of the intent, in hex, where the token is bound to one.
     */
    struct gait_str intent_digest;
    /**
     * Digest of the policy, in hex, where the token is bound to one.
     */
    struct gait_str policy_digest;
} gait_delegation_expectation;

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
     * The kill switch, in place of the one in the gate's store; NULL is that one, if there is any.
     */
    const struct gait_kill_switch *kill_switch;
    /**
     * Context evidence; NULL is none.
     */
    const struct gait_context_envelope *context_envelope;
    /**
     * The inventory of tools, in place of the gate's; NULL is that one, if there is any.
     */
    const struct gait_inventory *inventory;
    /**
     * Approvals at hand, besides those in the gate's store. Gates alone look at these and what follows.
     */
    const struct gait_approval_token *const *approvals;
    /**
     * How many approvals there are.
     */
    size_t approval_count;
    /**
     * Delegation tokens at hand.
     */
    const struct gait_delegation_token *const *delegations;
    /**
     * How many delegation tokens there are.
     */
    size_t delegation_count;
    /**
     * Which credential to ask a broker for; empty for what the rules say.
     */
    struct gait_str credential_ref;
    /**
     * Scopes to ask a broker for besides those of the rules.
     */
    const struct gait_str *credential_scopes;
    /**
     * How many scopes there are.
     */
    size_t credential_scope_count;
    /**
     * 0 or `GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE`.
     */
    uint32_t flags;
} gait_inputs;

/**
 * A kill switch's file. Set `size` to `sizeof(gait_kill_switch_file)` and the rest to zero, then what is wanted. All of it
 * is borrowed for the call only.
 */
typedef struct gait_kill_switch_file {
    /**
     * `sizeof(gait_kill_switch_file)`.
     */
    size_t size;
    /**
     * Where it lies; required.
     */
    struct gait_str path;
    /**
     * One of `gait_mode`: how the file and what is added to it are read.
     */
    uint32_t mode;
    /**
     * The moment of the change; NULL is the system clock.
     */
    const struct gait_time *now;
} gait_kill_switch_file;

/**
 * A function that issues a credential. `request` is a JSON object of `request_len` bytes: `tool_name`, `identity`,
 * `workspace`, `session_id`, `request_id`, `run_id`, `job_id`, `reference`, `scope` (a list) and `target_binding`. It is
 * borrowed for the call only.
 *
 * It answers with `gait_broker_answer_set` and returns 0. Anything else that it returns, and no answer or one that cannot
 * be used, is a failure to issue, which blocks; why is not told to anybody.
 *
 * The gate calls it on the thread that evaluates, from as many threads at once as evaluate, and waits for it without end.
 * It may call every function of libgait, evaluations with the same gate included. It must not throw, unwind or jump out.
 */
typedef uint32_t (*gait_broker_function)(void *user,
                                         const void *request,
                                         size_t request_len,
                                         struct gait_broker_answer *answer);

/**
 * Lets go of what a function was given as `user`. Called once, on any thread; must not throw, unwind or jump out.
 */
typedef void (*gait_release_function)(void *user);

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
 * What a held decision asks of approvers: a JSON document with the digests that a token must name, the scope it must cover
 * and what a person should know. NULL comes back when the decision waits for no approval.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_decision_approval_request(const struct gait_decision *decision,
                                           struct gait_buffer **out,
                                           struct gait_error **error);

/**
 * Grants a request: makes and signs a token that lets exactly the intent pass which the request is about. `mode` is one of
 * `gait_mode` and holds for the request's document.
 *
 * Nothing proves that the request tells the truth: whoever signs should know the intent behind its digest.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `request` points to `len` bytes; `key` is not freed meanwhile; `terms` is valid; `out` and `error` may be written to.
 */
gait_status gait_approve(const void *request,
                         size_t len,
                         uint32_t mode,
                         const struct gait_signing_key *key,
                         const struct gait_approval_terms *terms,
                         struct gait_approval_token **out,
                         struct gait_error **error);

/**
 * Reads a token file. Nothing is verified: `gait_approval_token_verify` and gates do that. `mode` is one of `gait_mode`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_approval_token_parse(const void *data,
                                      size_t len,
                                      uint32_t mode,
                                      struct gait_approval_token **out,
                                      struct gait_error **error);

/**
 * The token as it stands in its file.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_approval_token_to_json(const struct gait_approval_token *token,
                                        struct gait_buffer **out,
                                        struct gait_error **error);

/**
 * The id that the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_approval_token_id(const struct gait_approval_token *token, struct gait_str *out);

/**
 * Who approves, as the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_approval_token_approver(const struct gait_approval_token *token, struct gait_str *out);

/**
 * When it ends, as the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_approval_token_expires_at(const struct gait_approval_token *token, struct gait_time *out);

/**
 * Whether the token counts: signed by one of the keys, in its name, not over, and as expected. `GAIT_STATUS_OK` when it
 * does; else `GAIT_STATUS_VERIFICATION_FAILED` with the code that a decision would give, such as `approval_token_expired`.
 * Whether it was used before is for a gate to know.
 *
 * Any thread. `expected` and `error` may be NULL.
 *
 * # Safety
 * `token` and `keys` are not freed meanwhile; `expected` is NULL or valid; `error` may be written to.
 */
gait_status gait_approval_token_verify(const struct gait_approval_token *token,
                                       const struct gait_trusted_keys *keys,
                                       const struct gait_approval_expectation *expected,
                                       struct gait_error **error);

/**
 * Frees a token; NULL is fine.
 */
gait_status gait_approval_token_free(struct gait_approval_token *token);

/**
 * Leaves what a held decision asks for in the gate's store, where approvers find it. Doing so again changes nothing. A
 * decision that waits for no approval is `GAIT_STATUS_INVALID_INPUT`.
 *
 * Any thread. `error` may be NULL.
 *
 * # Safety
 * `gate` and `decision` are not freed meanwhile; `error` may be written to.
 */
gait_status gait_gate_request_approval(const struct gait_gate *gate,
                                       const struct gait_decision *decision,
                                       struct gait_error **error);

/**
 * Leaves an approval in the gate's store: further decisions of all gates that share the store find it there. Nothing is
 * verified yet; each decision does that.
 *
 * Any thread. `error` may be NULL.
 *
 * # Safety
 * `gate` and `token` are not freed meanwhile; `error` may be written to.
 */
gait_status gait_gate_add_approval(const struct gait_gate *gate,
                                   const struct gait_approval_token *token,
                                   struct gait_error **error);

/**
 * The requests that wait in the gate's store, oldest first: a JSON list of documents like those of
 * `gait_decision_approval_request`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `gate` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_gate_approval_requests(const struct gait_gate *gate,
                                        struct gait_buffer **out,
                                        struct gait_error **error);

/**
 * Answers a broker's request with a JSON object: `credential_ref` and, as far as they are known, `issued_by`, `source`,
 * `access_type`, `issuer`, `subject`, `owner`, `scope`, `target_binding`, `run_binding`, `job_binding`, `issued_at`,
 * `expires_at`, `ttl_seconds`; scope and bindings that are missing are those of the request. It holds a reference to the
 * credential, never the credential itself.
 *
 * Only for the function that was given `answer`, until it returns; called again, the last answer counts. An answer larger
 * than 16384 bytes is `GAIT_STATUS_INVALID_LENGTH` and takes the answer before it away.
 *
 * # Safety
 * `data` points to `len` bytes; the function that was given `answer` has not returned.
 */
gait_status gait_broker_answer_set(struct gait_broker_answer *answer,
                                   const void *data,
                                   size_t len);

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
 * All of a decision as a JSON object. Members are named as the functions are, without `gait_decision_`, and as those of
 * `gait gate eval --json` where a function gives several values at once; what is empty is absent, but for verdict, codes,
 * matched rule, times and policy digest.
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
 * Ids of the approvals that were accepted, joined by commas; empty when none was.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_approval_ref(const struct gait_decision *decision, struct gait_str *out);

/**
 * How many approvals the decision takes; 0 when it asked for none.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_required_approvals(const struct gait_decision *decision, int64_t *out);

/**
 * How many of the approvals at hand are valid.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_valid_approvals(const struct gait_decision *decision, int64_t *out);

/**
 * What became of each approval: a JSON list of objects with `token_id`, `approver_identity`, `reason_code`, `scope`,
 * `expires_at`, `valid` and, where it does not count, `error_code`.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_decision_approvals(const struct gait_decision *decision,
                                    struct gait_buffer **out,
                                    struct gait_error **error);

/**
 * Ids of the delegation tokens that were accepted, joined by commas; empty when none was.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_delegation_ref(const struct gait_decision *decision, struct gait_str *out);

/**
 * How many links of the chain are covered by valid delegation tokens.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_valid_delegations(const struct gait_decision *decision, int64_t *out);

/**
 * What became of each link and each delegation token: a JSON list of objects with `token_id`, `delegator_identity`,
 * `delegate_identity`, `scope`, `expires_at`, `valid` and, where it does not count, `error_code`.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_decision_delegations(const struct gait_decision *decision,
                                      struct gait_buffer **out,
                                      struct gait_error **error);

/**
 * How far the rate limit is used.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_rate_limit_usage(const struct gait_decision *decision, struct gait_usage *out);

/**
 * How far the budget of destructive calls is used.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_destructive_budget_usage(const struct gait_decision *decision, struct gait_usage *out);

/**
 * The credential that a broker issued, accepted or not.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_credential(const struct gait_decision *decision, struct gait_credential *out);

/**
 * Whether an approved script let it pass.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_pre_approved(const struct gait_decision *decision, bool *out);

/**
 * Which approved script let it pass; empty when none did.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_pattern_id(const struct gait_decision *decision, struct gait_str *out);

/**
 * What the registry of approved scripts said; empty when it was not asked.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_registry_reason(const struct gait_decision *decision, struct gait_str *out);

/**
 * Whether the gate simulates: the verdict lets pass what would not have passed.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_simulated(const struct gait_decision *decision, bool *out);

/**
 * The verdict without simulation; the verdict itself when the gate does not simulate.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_simulated_verdict(const struct gait_decision *decision, gait_verdict *out);

/**
 * Whether the tool would not have run without simulation; false when the gate does not simulate.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_would_have_blocked(const struct gait_decision *decision, bool *out);

/**
 * How many reasons there are without simulation; 0 when the gate does not simulate.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_simulated_reason_code_count(const struct gait_decision *decision, size_t *out);

/**
 * One of the reasons without simulation, which are sorted.
 *
 * # Safety
 * `decision` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_decision_simulated_reason_code(const struct gait_decision *decision,
                                                size_t index,
                                                struct gait_str *out);

/**
 * Makes and signs a delegation token.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `key` is not freed meanwhile; `terms` is valid; `out` and `error` may be written to.
 */
gait_status gait_delegate(const struct gait_signing_key *key,
                          const struct gait_delegation_terms *terms,
                          struct gait_delegation_token **out,
                          struct gait_error **error);

/**
 * Reads a token file. Nothing is verified: `gait_delegation_token_verify` and gates do that. `mode` is one of `gait_mode`.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `data` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_delegation_token_parse(const void *data,
                                        size_t len,
                                        uint32_t mode,
                                        struct gait_delegation_token **out,
                                        struct gait_error **error);

/**
 * The token as it stands in its file.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_delegation_token_to_json(const struct gait_delegation_token *token,
                                          struct gait_buffer **out,
                                          struct gait_error **error);

/**
 * The id that the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_delegation_token_id(const struct gait_delegation_token *token, struct gait_str *out);

/**
 * Who delegates, as the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_delegation_token_delegator(const struct gait_delegation_token *token, struct gait_str *out);

/**
 * To whom, as the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_delegation_token_delegate(const struct gait_delegation_token *token, struct gait_str *out);

/**
 * When it ends, as the token claims.
 *
 * # Safety
 * `token` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_delegation_token_expires_at(const struct gait_delegation_token *token, struct gait_time *out);

/**
 * Whether the token counts: signed by one of the keys, in its name, not over, and as expected. `GAIT_STATUS_OK` when it
 * does; else `GAIT_STATUS_VERIFICATION_FAILED` with the code that a decision would give, such as
 * `delegation_token_expired`.
 *
 * Any thread. `expected` and `error` may be NULL.
 *
 * # Safety
 * `token` and `keys` are not freed meanwhile; `expected` is NULL or valid; `error` may be written to.
 */
gait_status gait_delegation_token_verify(const struct gait_delegation_token *token,
                                         const struct gait_trusted_keys *keys,
                                         const struct gait_delegation_expectation *expected,
                                         struct gait_error **error);

/**
 * Frees a token; NULL is fine.
 */
gait_status gait_delegation_token_free(struct gait_delegation_token *token);

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
 * Makes a gate of a policy. Policy and options may be freed afterwards, and the options used for further gates; changing
 * them later does not change this gate.
 *
 * Fails when the options name a path that leads out of the working folder or a broker that cannot be used, or when no
 * kill switch can be started in a state folder. All other files are opened when a decision needs them.
 *
 * Any thread. The caller owns `*out`. `options` and `error` may be NULL: without options the gate does not sign, trusts
 * nobody and keeps its counters in memory.
 *
 * # Safety
 * `policy` and `options` are not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_gate_new(const struct gait_policy *policy,
                          const struct gait_gate_options *options,
                          struct gait_gate **out,
                          struct gait_error **error);

/**
 * Decides about an intent in JSON, like `gait gate eval`: counts it against its limits, asks the kill switch, and holds
 * what approvals, delegations and brokers give against what the policy demands. A strict gate accepts each approval once
 * unless its options say otherwise.
 *
 * What a broker of the options' does happens within this call, a callback's too. State that cannot be had is an error.
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
 * Reads a kill switch state document. `mode` is one of `gait_mode`.
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
 * Reads the file as it is now.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `file` is valid; `out` and `error` may be written to.
 */
gait_status gait_kill_switch_load(const struct gait_kill_switch_file *file,
                                  struct gait_kill_switch **out,
                                  struct gait_error **error);

/**
 * The state document, with the member `entries`.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `kill_switch` is not freed meanwhile; `out` and `error` may be written to.
 */
gait_status gait_kill_switch_to_json(const struct gait_kill_switch *kill_switch,
                                     struct gait_buffer **out,
                                     struct gait_error **error);

/**
 * Makes the file, without entries, where there is none; its folder must exist. One that is there keeps its entries.
 *
 * Any thread, any process: changes wait for one another, here and below. `error` may be NULL.
 *
 * # Safety
 * `file` is valid; `error` may be written to.
 */
gait_status gait_kill_switch_start(const struct gait_kill_switch_file *file, struct gait_error **error);

/**
 * Adds an entry, in force from now on, and makes the file where there is none. `entry` is a JSON object with the selectors
 * (`agent_id`, `identity`, `tool_name`, `target_kind`, `target_value`, `environment`, `path_prefixes`,
 * `workspace_prefixes`), `reason`, `actor`, `expires_at` and `entry_id`, as far as they are wanted: it stops what satisfies
 * all selectors that are set. What comes back is the entry as it was added, with its id.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `file` is valid; `entry` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_kill_switch_add(const struct gait_kill_switch_file *file,
                                 const void *entry,
                                 size_t len,
                                 struct gait_buffer **out,
                                 struct gait_error **error);

/**
 * Takes the first entry of this id out of force. What comes back is the entry as it is then.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `file` is valid; `entry_id` points to `len` bytes; `out` and `error` may be written to.
 */
gait_status gait_kill_switch_disable(const struct gait_kill_switch_file *file,
                                     const char *entry_id,
                                     size_t len,
                                     struct gait_buffer **out,
                                     struct gait_error **error);

/**
 * Lets the first entry of this id end at `at`, which may lie in the future; NULL is the moment of the change. What comes
 * back is the entry as it is then.
 *
 * The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `file` is valid; `entry_id` points to `len` bytes; `at` is NULL or valid; `out` and `error` may be written to.
 */
gait_status gait_kill_switch_expire(const struct gait_kill_switch_file *file,
                                    const char *entry_id,
                                    size_t len,
                                    const struct gait_time *at,
                                    struct gait_buffer **out,
                                    struct gait_error **error);

/**
 * Frees a kill switch state; NULL is fine.
 */
gait_status gait_kill_switch_free(struct gait_kill_switch *kill_switch);

/**
 * Makes empty options: a gate made with them does not sign, trusts nobody and keeps its state in memory.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `out` and `error` may be written to.
 */
gait_status gait_gate_options_new(struct gait_gate_options **out, struct gait_error **error);

/**
 * Signs traces with this key; NULL is unsigned traces. The key may be freed afterwards.
 *
 * # Safety
 * `options` and `key` are not freed meanwhile.
 */
gait_status gait_gate_options_set_signing_key(struct gait_gate_options *options, const struct gait_signing_key *key);

/**
 * Accepts approvals that these keys signed: those that are in the set now. Nobody's unless set.
 *
 * # Safety
 * `options` and `keys` are not freed meanwhile.
 */
gait_status gait_gate_options_set_approvers(struct gait_gate_options *options, const struct gait_trusted_keys *keys);

/**
 * Accepts delegation tokens that these keys signed, those that are in the set now; the approvers' unless set.
 *
 * # Safety
 * `options` and `keys` are not freed meanwhile.
 */
gait_status gait_gate_options_set_delegators(struct gait_gate_options *options, const struct gait_trusted_keys *keys);

/**
 * Whether an approval may serve again until it ends. Off unless set: a strict gate accepts each once. A compat gate always
 * lets them serve again.
 *
 * # Safety
 * `options` is not freed meanwhile.
 */
gait_status gait_gate_options_set_reusable_approvals(struct gait_gate_options *options,
                                                     bool reusable);

/**
 * Whether the gate lets everything pass and only tells what would have happened. Off unless set.
 *
 * # Safety
 * `options` is not freed meanwhile.
 */
gait_status gait_gate_options_set_simulate(struct gait_gate_options *options, bool simulate);

/**
 * Frees options; NULL is fine. Gates made with them keep working.
 */
gait_status gait_gate_options_free(struct gait_gate_options *options);

/**
 * Asks a broker of this library for the credentials that rules require: `stub`, `env`, `command`, or `off`. Takes the place
 * of a broker's function.
 *
 * # Safety
 * `options` is not freed meanwhile; `broker` points to `len` bytes.
 */
gait_status gait_gate_options_set_broker(struct gait_gate_options *options,
                                         const char *broker,
                                         size_t len);

/**
 * What the variables of the `env` broker begin with; empty is the default.
 *
 * # Safety
 * `options` is not freed meanwhile; `prefix` points to `len` bytes.
 */
gait_status gait_gate_options_set_broker_env_prefix(struct gait_gate_options *options, const char *prefix, size_t len);

/**
 * The program of the `command` broker, without its arguments; those that were added go.
 *
 * # Safety
 * `options` is not freed meanwhile; `program` points to `len` bytes.
 */
gait_status gait_gate_options_set_broker_command(struct gait_gate_options *options, const char *program, size_t len);

/**
 * One more argument for the program of the `command` broker.
 *
 * # Safety
 * `options` is not freed meanwhile; `argument` points to `len` bytes.
 */
gait_status gait_gate_options_add_broker_arg(struct gait_gate_options *options, const char *argument, size_t len);

/**
 * Asks this function for the credentials that rules require; see `gait_broker_function` for what it must do. Takes the place
 * of a broker of this library.
 *
 * `user` is handed to the function each time and must be usable from any thread until `release` (which may be NULL) is
 * called with it: once, when these options and all gates made with them are freed or have another broker. When this call
 * fails, `release` is not called.
 *
 * # Safety
 * `options` is not freed meanwhile; `function` and `release` may be called as their types say.
 */
gait_status gait_gate_options_set_broker_function(struct gait_gate_options *options,
                                                  gait_broker_function function,
                                                  void *user,
                                                  gait_release_function release);

/**
 * Keeps all state in files by their default names in `.gait-out` (made when missing) of this folder, which processes may
 * share: counters, kill switch, used tokens, approvals. Paths of the four functions below go before it. What none of the
 * five names is kept in memory.
 *
 * Where there is no kill switch yet, `gait_gate_new` starts one without entries. An empty path is
 * `GAIT_STATUS_INVALID_INPUT`, here and below.
 *
 * # Safety
 * `options` is not freed meanwhile; `path` points to `len` bytes.
 */
gait_status gait_gate_options_set_state_dir(struct gait_gate_options *options,
                                            const char *path,
                                            size_t len);

/**
 * Counts limits in this file.
 *
 * # Safety
 * As `gait_gate_options_set_state_dir`.
 */
gait_status gait_gate_options_set_rate_limit_state(struct gait_gate_options *options, const char *path, size_t len);

/**
 * Asks the kill switch in this file, as it stands at each decision. One that is missing or cannot be read blocks what is
 * risky and is an error elsewhere; `gait_kill_switch_start` makes one.
 *
 * # Safety
 * As `gait_gate_options_set_state_dir`.
 */
gait_status gait_gate_options_set_kill_switch_state(struct gait_gate_options *options,
                                                    const char *path,
                                                    size_t len);

/**
 * Remembers in this file which approvals were used.
 *
 * # Safety
 * As `gait_gate_options_set_state_dir`.
 */
gait_status gait_gate_options_set_used_tokens(struct gait_gate_options *options, const char *path, size_t len);

/**
 * Exchanges requests and approvals through this folder.
 *
 * # Safety
 * As `gait_gate_options_set_state_dir`.
 */
gait_status gait_gate_options_set_approvals_dir(struct gait_gate_options *options, const char *path, size_t len);

/**
 * Looks tools up in this inventory file, which is read again when it changed.
 *
 * # Safety
 * As `gait_gate_options_set_state_dir`.
 */
gait_status gait_gate_options_set_inventory(struct gait_gate_options *options, const char *path, size_t len);

/**
 * Lets scripts pass that this registry file approves, when `keys` (as they are now) signed all of its entries.
 *
 * # Safety
 * `options` and `keys` are not freed meanwhile; `path` points to `len` bytes.
 */
gait_status gait_gate_options_set_approved_scripts(struct gait_gate_options *options,
                                                   const char *path,
                                                   size_t len,
                                                   const struct gait_trusted_keys *keys);

/**
 * Reads and compiles a policy in YAML or JSON. `mode` is one of `gait_mode` and also holds for the intents that the
 * policy judges. Freeze windows in zone `Local` mean the machine's zone: `TZ`, else `/etc/localtime`.
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
 * Makes an empty set of keys: nobody is trusted.
 *
 * Any thread. The caller owns `*out`. `error` may be NULL.
 *
 * # Safety
 * `out` and `error` may be written to.
 */
gait_status gait_trusted_keys_new(struct gait_trusted_keys **out, struct gait_error **error);

/**
 * Trusts a key in the name of anybody. The key may be freed afterwards.
 *
 * # Safety
 * `keys` and `key` are not freed meanwhile.
 */
gait_status gait_trusted_keys_add(const struct gait_trusted_keys *keys, const struct gait_verifying_key *key);

/**
 * Trusts a key in this name alone; called again with the same key, in the further name too. Names are compared trimmed,
 * case kept; an empty one is `GAIT_STATUS_INVALID_INPUT`. The key may be freed afterwards.
 *
 * # Safety
 * `keys` and `key` are not freed meanwhile; `identity` points to `len` bytes.
 */
gait_status gait_trusted_keys_add_holder(const struct gait_trusted_keys *keys,
                                         const struct gait_verifying_key *key,
                                         const char *identity,
                                         size_t len);

/**
 * How many keys are trusted; a key with several names counts once for each.
 *
 * # Safety
 * `keys` is not freed meanwhile; `out` may be written to.
 */
gait_status gait_trusted_keys_count(const struct gait_trusted_keys *keys, size_t *out);

/**
 * Frees a set of keys; NULL is fine. What was made with it keeps working.
 */
gait_status gait_trusted_keys_free(struct gait_trusted_keys *keys);

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
