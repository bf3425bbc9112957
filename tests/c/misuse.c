/* What no program should do: NULL, lengths that cannot be, text that is no text, handles that are gone, huge and deep
 * inputs. All of it ends in a status. */
#include "check.h"
#include "samples.h"

enum { MIB = 1024 * 1024, DEEP = 100000 };

static gait_policy *policy;
static gait_gate *gate;
static gait_intent *intent;
static gait_decision *decision;
static gait_signing_key *key;
static gait_verifying_key *public_key;

static void null_pointers(void) {
    gait_policy *no_policy = NULL;
    gait_gate *no_gate = NULL;
    gait_decision *made = NULL;
    gait_error *error = NULL;
    gait_str text;
    size_t count;
    gait_digest digest;
    CHECK_STATUS(gait_policy_parse(NULL, 5, GAIT_MODE_STRICT, &no_policy, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, NULL, &error), GAIT_STATUS_NULL_POINTER);
    CHECK_OK(gait_error_code(error, &text));
    CHECK(is_text(text, "null_pointer"));
    CHECK_OK(gait_error_free(error));
    CHECK_OK(gait_policy_parse(NULL, 0, GAIT_MODE_STRICT, &no_policy, NULL));
    CHECK_OK(gait_policy_free(no_policy));
    CHECK_STATUS(gait_policy_digest(NULL, &digest), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_digest(policy, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_rule_count(NULL, &count), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_lint(NULL, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_new(NULL, NULL, &no_gate, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK(no_gate == NULL);
    CHECK_STATUS(gait_gate_new(policy, NULL, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_evaluate(NULL, TEXT(READS), NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_evaluate(gate, NULL, 1, NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), NULL, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_evaluate_intent(gate, NULL, NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_evaluate(NULL, TEXT(READS), NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_evaluate_request(NULL, TEXT(READS), NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_evaluate_request(NULL, TEXT(READS), NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_policy_evaluate_intent(policy, NULL, NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_evaluate_many(gate, NULL, 1, NULL, &made, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_trace(gate, NULL, NULL, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_decision_verdict(NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_decision_matched_rule(decision, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_decision_reason_code(NULL, 0, &text), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_decision_to_json(decision, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_intent_digest(NULL, &digest), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_error_message(NULL, &text), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_buffer_bytes(NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_signing_key_from_seed(NULL, 32, &key, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_sign_json(NULL, TEXT("{}"), NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_verify_json(NULL, TEXT("{}"), TEXT("{}"), NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_digest_bytes(TEXT("x"), NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_time_now(NULL), GAIT_STATUS_NULL_POINTER);
    CHECK(made == NULL);
    /* Freeing nothing is fine, as with free(). */
    CHECK_OK(gait_policy_free(NULL));
    CHECK_OK(gait_gate_free(NULL));
    CHECK_OK(gait_intent_free(NULL));
    CHECK_OK(gait_decision_free(NULL));
    CHECK_OK(gait_error_free(NULL));
    CHECK_OK(gait_buffer_free(NULL));
    CHECK_OK(gait_signing_key_free(NULL));
    CHECK_OK(gait_verifying_key_free(NULL));
    CHECK_OK(gait_kill_switch_free(NULL));
    CHECK_OK(gait_context_envelope_free(NULL));
    CHECK_OK(gait_inventory_free(NULL));
    CHECK_OK(gait_signing_key_from_seed("0123456789abcdef0123456789abcdef", 32, &key, NULL));
}

static void lengths_and_numbers(void) {
    gait_policy *no_policy = NULL;
    gait_decision *made = NULL, *many[2];
    gait_error *error = NULL;
    gait_time late = {INT64_MAX, 0}, crooked = {0, 1000000000};
    gait_inputs inputs = {.size = sizeof inputs};
    gait_emission emission = {.size = sizeof emission};
    gait_buffer *buffer = NULL;
    gait_signing_key *no_key = NULL;
    const gait_bytes intents[] = {{READS, SIZE_MAX}, {TEXT(READS)}};
    uint64_t room[4] = {0};
    size_t *uneven = (size_t *)(void *)((char *)room + 1);
    CHECK_STATUS(gait_policy_parse(POLICY, SIZE_MAX, GAIT_MODE_STRICT, &no_policy, NULL), GAIT_STATUS_INVALID_LENGTH);
    CHECK_STATUS(gait_policy_parse(POLICY, (size_t)PTRDIFF_MAX + 1, GAIT_MODE_STRICT, &no_policy, NULL),
                 GAIT_STATUS_INVALID_LENGTH);
    CHECK_STATUS(gait_policy_parse(TEXT(POLICY), 2, &no_policy, NULL), GAIT_STATUS_INVALID_ARGUMENT);
    CHECK_STATUS(gait_policy_parse(TEXT(POLICY), UINT32_MAX, &no_policy, &error), GAIT_STATUS_INVALID_ARGUMENT);
    CHECK_OK(gait_error_free(error));
    CHECK(no_policy == NULL);
    CHECK_STATUS(gait_signing_key_from_seed(TEXT("short"), &no_key, NULL), GAIT_STATUS_INVALID_LENGTH);
    CHECK_STATUS(gait_policy_rule_count(policy, uneven), GAIT_STATUS_INVALID_ARGUMENT);
    inputs.size = sizeof inputs - 1;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_LENGTH);
    inputs.size = 0;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_LENGTH);
    inputs.size = sizeof inputs;
    inputs.flags = 2;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_ARGUMENT);
    inputs.flags = 0;
    inputs.now = &late;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_INPUT);
    inputs.now = &crooked;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_INPUT);
    inputs.now = NULL;
    CHECK_STATUS(gait_gate_evaluate_many(gate, intents, SIZE_MAX, NULL, many, NULL), GAIT_STATUS_INVALID_LENGTH);
    CHECK_STATUS(gait_gate_evaluate_many(gate, intents, 2, &inputs, many, NULL), GAIT_STATUS_INVALID_LENGTH);
    CHECK(many[0] == NULL && many[1] != NULL);
    CHECK_OK(gait_decision_free(many[1]));
    emission.latency_ms = -1.0 / 0.0;
    CHECK_STATUS(gait_gate_trace(gate, decision, &emission, &buffer, NULL), GAIT_STATUS_INVALID_INPUT);
    emission.latency_ms = 0;
    emission.correlation_id.data = "x";
    emission.correlation_id.len = SIZE_MAX;
    CHECK_STATUS(gait_gate_trace(gate, decision, &emission, &buffer, NULL), GAIT_STATUS_INVALID_LENGTH);
    emission.correlation_id.data = NULL;
    emission.correlation_id.len = 1;
    CHECK_STATUS(gait_gate_trace(gate, decision, &emission, &buffer, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK(made == NULL && buffer == NULL);
}

static void not_text(void) {
    gait_policy *made = NULL;
    gait_intent *no_intent = NULL;
    gait_inventory *inventory = NULL;
    gait_buffer *buffer = NULL;
    gait_emission emission = {.size = sizeof emission};
    gait_error *error = NULL;
    gait_place place;
    gait_time time;
    CHECK_STATUS(gait_policy_parse(TEXT("default_verdict: \xff"), GAIT_MODE_STRICT, &made, &error),
                 GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_error_place(error, &place));
    CHECK(place.offset == 17);
    CHECK_OK(gait_error_free(error));
    CHECK_STATUS(gait_intent_parse(TEXT("{\"tool_name\": \"\xff\"}"), GAIT_MODE_STRICT, &no_intent, NULL),
                 GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_inventory_parse(TEXT("[]"), TEXT("\xff"), GAIT_MODE_STRICT, &inventory, NULL),
                 GAIT_STATUS_NOT_UTF8);
    CHECK_STATUS(gait_time_parse(TEXT("\xc3\x28"), &time, NULL), GAIT_STATUS_NOT_UTF8);
    CHECK_STATUS(gait_canonicalize(TEXT("\"\xff\""), GAIT_MODE_STRICT, &buffer, NULL), GAIT_STATUS_INVALID_INPUT);
    emission.producer_version.data = "\xed\xa0\x80";
    emission.producer_version.len = 3;
    CHECK_STATUS(gait_gate_trace(gate, decision, &emission, &buffer, NULL), GAIT_STATUS_NOT_UTF8);
}

static void handles_that_are_none(void) {
    gait_policy *gone = NULL, *next = NULL;
    gait_gate *no_gate = NULL;
    gait_decision *made = NULL;
    gait_error *error = NULL;
    gait_digest digest;
    gait_str text;
    size_t count;
    int here = 0;
    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &gone, NULL));
    CHECK_OK(gait_policy_free(gone));
    CHECK_STATUS(gait_policy_free(gone), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_policy_digest(gone, &digest), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_gate_new(gone, NULL, &no_gate, &error), GAIT_STATUS_INVALID_HANDLE);
    CHECK_OK(gait_error_code(error, &text));
    CHECK(is_text(text, "invalid_handle"));
    CHECK_OK(gait_error_free(error));
    CHECK_STATUS(gait_error_free(error), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_error_message(error, &text), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_policy_evaluate(gone, TEXT(READS), NULL, &made, NULL), GAIT_STATUS_INVALID_HANDLE);
    /* Also when its place serves another policy since. */
    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &next, NULL));
    CHECK_STATUS(gait_policy_free(gone), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_policy_rule_count(gone, &count), GAIT_STATUS_INVALID_HANDLE);
    CHECK_OK(gait_policy_rule_count(next, &count));
    CHECK_OK(gait_policy_free(next));
    /* Another kind, or no handle at all. */
    CHECK_STATUS(gait_policy_digest((const gait_policy *)gate, &digest), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_gate_free((gait_gate *)policy), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_policy_free((gait_policy *)&here), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_decision_free((gait_decision *)(uintptr_t)1), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_intent_digest((const gait_intent *)UINTPTR_MAX, &digest), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_gate_evaluate((const gait_gate *)intent, TEXT(READS), NULL, &made, NULL),
                 GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_sign_bytes((const gait_signing_key *)public_key, TEXT("x"), NULL, NULL),
                 GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_decision_verdict((const gait_decision *)key, (gait_verdict *)&count), GAIT_STATUS_INVALID_HANDLE);
}

static void huge(void) {
    const size_t size = (size_t)64 * MIB;
    char *text = malloc(size);
    gait_policy *made = NULL;
    gait_intent *no_intent = NULL;
    gait_decision *no_decision = NULL;
    gait_digest digest;
    gait_str code;
    gait_error *error = NULL;
    CHECK(text != NULL);
    if (text == NULL) {
        return;
    }
    memset(text, ' ', size);
    text[0] = '"';
    text[size - 1] = '"';
    CHECK_STATUS(gait_intent_parse(text, size, GAIT_MODE_STRICT, &no_intent, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_error_code(error, &code));
    CHECK(code.len > 0);
    CHECK_OK(gait_error_free(error));
    CHECK_STATUS(gait_gate_evaluate(gate, text, size, NULL, &no_decision, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_policy_parse(text, size, GAIT_MODE_STRICT, &made, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_trace_verify(text, size, GAIT_MODE_COMPAT, public_key, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_digest_bytes(text, size, &digest));
    /* Canonical JSON has no limit of its own. */
    CHECK_OK(gait_digest_json(text, size, GAIT_MODE_COMPAT, &digest, NULL));
    CHECK(strlen(digest.hex) == 64);
    free(text);
}

static void deep(void) {
    /* [[[...]]], and the same within an intent's arguments. */
    static const char BEFORE[] = "{\"tool_name\": \"t\", \"targets\": [], \"context\": {\"identity\": \"a\", "
                                 "\"workspace\": \"/w\", \"risk_class\": \"low\"}, \"args\": {\"a\": ";
    const size_t before = sizeof BEFORE - 1;
    char *text = malloc(before + 2 * DEEP + 2);
    gait_policy *made = NULL;
    gait_intent *no_intent = NULL;
    gait_decision *no_decision = NULL;
    gait_digest digest;
    CHECK(text != NULL);
    if (text == NULL) {
        return;
    }
    memcpy(text, BEFORE, before);
    memset(text + before, '[', DEEP);
    memset(text + before + DEEP, ']', DEEP);
    memcpy(text + before + 2 * DEEP, "}}", 2);
    for (uint32_t mode = GAIT_MODE_STRICT; mode <= GAIT_MODE_COMPAT; mode++) {
        CHECK_STATUS(gait_intent_parse(text, before + 2 * DEEP + 2, mode, &no_intent, NULL), GAIT_STATUS_INVALID_INPUT);
        CHECK_STATUS(gait_intent_parse(text + before, 2 * DEEP, mode, &no_intent, NULL), GAIT_STATUS_INVALID_INPUT);
        CHECK_STATUS(gait_policy_parse(text + before, 2 * DEEP, mode, &made, NULL), GAIT_STATUS_INVALID_INPUT);
        CHECK_STATUS(gait_policy_parse(text, before + 2 * DEEP + 2, mode, &made, NULL), GAIT_STATUS_INVALID_INPUT);
        CHECK_OK(gait_digest_json(text + before, 2 * DEEP, mode, &digest, NULL));
    }
    CHECK_STATUS(gait_gate_evaluate(gate, text, before + 2 * DEEP + 2, NULL, &no_decision, NULL),
                 GAIT_STATUS_INVALID_INPUT);
    memset(text + before, '{', DEEP);
    CHECK_STATUS(gait_policy_parse(text + before, DEEP, GAIT_MODE_COMPAT, &made, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK(made == NULL && no_intent == NULL && no_decision == NULL);
    free(text);
}

/* The same for approvals, delegations, kill switches, options. */
static void authority(void) {
    gait_approval_token *token = NULL;
    gait_delegation_token *delegation = NULL;
    gait_trusted_keys *keys = NULL;
    gait_gate_options *options = NULL;
    gait_kill_switch *state = NULL;
    gait_decision *made = NULL;
    gait_buffer *buffer = NULL;
    gait_error *error = NULL;
    gait_gate *no_gate = NULL;
    gait_approval_terms terms = {.size = sizeof terms};
    gait_delegation_terms delegates = {.size = sizeof delegates};
    gait_kill_switch_file file = {.size = sizeof file};
    const gait_approval_token *none[] = {NULL};
    gait_inputs inputs = {.size = sizeof inputs};
    gait_str text;
    CHECK_STATUS(gait_approve(TEXT("{}"), GAIT_MODE_STRICT, key, NULL, &token, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_approve(NULL, 1, GAIT_MODE_STRICT, key, &terms, &token, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_approve(TEXT("{}"), 7, key, &terms, &token, NULL), GAIT_STATUS_INVALID_ARGUMENT);
    CHECK_STATUS(gait_delegate(key, NULL, &delegation, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_delegate(key, &delegates, &delegation, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_error_free(error));
    delegates.size--;
    CHECK_STATUS(gait_delegate(key, &delegates, &delegation, NULL), GAIT_STATUS_INVALID_LENGTH);
    CHECK_STATUS(gait_approval_token_parse(TEXT("["), GAIT_MODE_STRICT, &token, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_delegation_token_parse(TEXT("1"), GAIT_MODE_STRICT, &delegation, NULL),
                 GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_approval_token_verify(NULL, NULL, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_approval_token_id((const gait_approval_token *)key, &text), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_decision_approval_request(NULL, &buffer, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_decision_approvals(decision, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_request_approval(gate, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_add_approval(gate, NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK(token == NULL && delegation == NULL && buffer == NULL);
    /* Lists of handles. */
    inputs.approval_count = 1;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_NULL_POINTER);
    inputs.approvals = none;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_NULL_POINTER);
    none[0] = (const gait_approval_token *)policy;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_HANDLE);
    inputs.approval_count = SIZE_MAX;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_INVALID_LENGTH);
    inputs.approval_count = 0;
    inputs.credential_ref.data = "\xff";
    inputs.credential_ref.len = 1;
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), &inputs, &made, NULL), GAIT_STATUS_NOT_UTF8);
    CHECK(made == NULL);
    /* Keys and options. */
    CHECK_OK(gait_trusted_keys_new(&keys, NULL));
    CHECK_STATUS(gait_trusted_keys_add(keys, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_trusted_keys_add_holder(keys, public_key, TEXT(" ")), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_trusted_keys_add_holder(keys, public_key, NULL, 0), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_trusted_keys_add_holder(keys, public_key, TEXT("\xff")), GAIT_STATUS_NOT_UTF8);
    CHECK_OK(gait_gate_options_new(&options, NULL));
    CHECK_STATUS(gait_gate_options_set_approvers(options, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_options_set_delegators(NULL, keys), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_options_set_state_dir(options, NULL, 0), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_gate_options_set_kill_switch_state(options, TEXT("")), GAIT_STATUS_INVALID_INPUT);
    CHECK_STATUS(gait_gate_options_set_inventory(options, TEXT("\xff")), GAIT_STATUS_NOT_UTF8);
    CHECK_STATUS(gait_gate_options_set_approved_scripts(options, TEXT("x"), NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_broker_answer_set(NULL, TEXT("{}")), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_broker_answer_set((gait_broker_answer *)keys, TEXT("{}")), GAIT_STATUS_INVALID_HANDLE);
    CHECK_OK(gait_gate_options_free(options));
    CHECK_STATUS(gait_gate_new(policy, options, &no_gate, NULL), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_gate_options_set_simulate(options, true), GAIT_STATUS_INVALID_HANDLE);
    CHECK_STATUS(gait_gate_options_free(options), GAIT_STATUS_INVALID_HANDLE);
    CHECK_OK(gait_trusted_keys_free(keys));
    /* Files. */
    CHECK_STATUS(gait_kill_switch_start(NULL, NULL), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_kill_switch_start(&file, NULL), GAIT_STATUS_INVALID_INPUT);
    file.mode = 9;
    file.path.data = "x";
    file.path.len = 1;
    CHECK_STATUS(gait_kill_switch_load(&file, &state, NULL), GAIT_STATUS_INVALID_ARGUMENT);
    CHECK(no_gate == NULL && state == NULL);
    CHECK_OK(gait_approval_token_free(NULL));
    CHECK_OK(gait_delegation_token_free(NULL));
    CHECK_OK(gait_trusted_keys_free(NULL));
    CHECK_OK(gait_gate_options_free(NULL));
}

/* Every prefix of an intent: no text that ends early does harm. */
static void cut_short(void) {
    for (size_t len = 0; len < sizeof READS - 1; len++) {
        gait_decision *made = NULL;
        char *text = malloc(len + 1); /* Its own block, so that reading beyond it is seen. */
        memcpy(text, READS, len);
        CHECK_STATUS(gait_gate_evaluate(gate, text, len, NULL, &made, NULL), GAIT_STATUS_INVALID_INPUT);
        CHECK(made == NULL);
        free(text);
    }
}

int main(void) {
    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_gate_new(policy, NULL, &gate, NULL));
    CHECK_OK(gait_intent_parse(TEXT(READS), GAIT_MODE_STRICT, &intent, NULL));
    CHECK_OK(gait_gate_evaluate(gate, TEXT(READS), NULL, &decision, NULL));
    null_pointers();
    CHECK_OK(gait_signing_key_verifying_key(key, &public_key, NULL));
    lengths_and_numbers();
    not_text();
    handles_that_are_none();
    authority();
    huge();
    deep();
    cut_short();
    /* After all of that the handles still work. */
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_gate_evaluate_intent(gate, intent, NULL, &decision, NULL));
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_policy_free(policy));
    CHECK_OK(gait_intent_free(intent));
    CHECK_OK(gait_signing_key_free(key));
    CHECK_OK(gait_verifying_key_free(public_key));
    return check_end();
}
