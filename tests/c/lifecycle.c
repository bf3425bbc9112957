/* What a program does with the library: policies, gates, decisions, traces, keys, canonical JSON. */
#include "check.h"
#include "samples.h"

static const unsigned char SEED[32] = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                                       7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
static const gait_time NOON = {1772366400, 5};

static void versions(void) {
    CHECK(gait_abi_version() == GAIT_ABI_VERSION);
    CHECK(gait_version().len >= 5);
    CHECK(is_text(gait_status_name(GAIT_STATUS_INVALID_HANDLE), "invalid_handle"));
    CHECK(is_text(gait_status_name(12345), "unknown"));
    CHECK(is_text(gait_verdict_name(GAIT_VERDICT_DRY_RUN), "dry_run"));
    CHECK(is_text(gait_verdict_name(4), "unknown"));
    CHECK(gait_status_exit_code(GAIT_STATUS_VERIFICATION_FAILED) == 2);
}

static void times(void) {
    gait_time time = {0, 0};
    CHECK_OK(gait_time_parse(TEXT("2026-03-01T13:00:00.000000005+01:00"), &time, NULL));
    CHECK(time.seconds == NOON.seconds && time.nanos == NOON.nanos);
    CHECK_STATUS(gait_time_parse(TEXT("noon"), &time, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_time_now(&time));
    CHECK(time.seconds > 1700000000);
}

static void canonical_json(void) {
    gait_buffer *buffer = NULL;
    gait_bytes bytes;
    gait_digest digest;
    gait_error *error = NULL;
    gait_place place;
    gait_str text;
    CHECK_OK(gait_canonicalize(TEXT(" {\"b\": 1.0, \"a\": [true]} "), GAIT_MODE_STRICT, &buffer, NULL));
    CHECK_OK(gait_buffer_bytes(buffer, &bytes));
    CHECK(bytes.len == 18 && memcmp(bytes.data, "{\"a\":[true],\"b\":1}", 18) == 0);
    CHECK_OK(gait_buffer_free(buffer));
    CHECK_OK(gait_digest_json(TEXT("{\"a\": 1.0}"), GAIT_MODE_STRICT, &digest, NULL));
    CHECK(strcmp(digest.hex, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862") == 0);
    CHECK_OK(gait_digest_bytes(TEXT("abc"), &digest));
    CHECK(strcmp(digest.hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
    /* Leniencies end in strict mode. */
    CHECK_OK(gait_digest_json(TEXT("[9007199254740993]"), GAIT_MODE_COMPAT, &digest, NULL));
    CHECK_STATUS(gait_digest_json(TEXT("[9007199254740993]"), GAIT_MODE_STRICT, &digest, &error),
                 GAIT_STATUS_INVALID_INPUT);
    CHECK(digest.hex[0] == '\0');
    CHECK_OK(gait_error_code(error, &text));
    CHECK(is_text(text, "json_lossy_integer"));
    CHECK_OK(gait_error_place(error, &place));
    CHECK(place.offset == 1 && place.line == 0);
    CHECK_OK(gait_error_free(error));
}

static void errors(void) {
    gait_policy *policy = NULL;
    gait_intent *intent = NULL;
    gait_error *error = NULL;
    gait_status status = GAIT_STATUS_OK;
    gait_place place;
    gait_str text;
    bool retryable = true;
    CHECK_STATUS(gait_policy_parse(TEXT("default_verdict: block\nrulez: []\n"), GAIT_MODE_STRICT, &policy, &error),
                 GAIT_STATUS_INVALID_INPUT);
    CHECK(policy == NULL);
    CHECK_OK(gait_error_status(error, &status));
    CHECK(status == GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_error_code(error, &text));
    CHECK(is_text(text, "policy_unknown_field"));
    CHECK_OK(gait_error_category(error, &text));
    CHECK(is_text(text, "invalid_input"));
    CHECK_OK(gait_error_retryable(error, &retryable));
    CHECK(!retryable);
    CHECK_OK(gait_error_place(error, &place));
    CHECK(place.line == 2 && place.column == 1 && place.offset == SIZE_MAX);
    CHECK_OK(gait_error_message(error, &text));
    CHECK(text.len > 20);
    CHECK_OK(gait_error_free(error));

    CHECK_STATUS(gait_intent_parse(TEXT("{\"tool_name\": \"t\", \"args\": {}, \"targets\": [{\"kind\": 5}]}"),
                                   GAIT_MODE_STRICT, &intent, &error),
                 GAIT_STATUS_INVALID_INPUT);
    CHECK(intent == NULL);
    CHECK_OK(gait_error_member(error, &text));
    CHECK(is_text(text, "targets[0].kind"));
    CHECK_OK(gait_error_place(error, &place));
    CHECK(place.offset != SIZE_MAX);
    CHECK_OK(gait_error_free(error));
}

static void keys_and_signatures(void) {
    gait_signing_key *key = NULL, *copy = NULL, *fresh = NULL;
    gait_verifying_key *public_key = NULL, *again = NULL, *other = NULL;
    gait_buffer *secret = NULL, *text = NULL, *signature = NULL;
    gait_bytes bytes;
    gait_str id, other_id;
    gait_error *error = NULL;
    CHECK_OK(gait_signing_key_from_seed(SEED, sizeof SEED, &key, NULL));
    CHECK_OK(gait_signing_key_to_base64(key, &secret, NULL));
    CHECK_OK(gait_buffer_bytes(secret, &bytes));
    CHECK(bytes.len == 88);
    CHECK_OK(gait_signing_key_parse(bytes.data, bytes.len, &copy, NULL));
    CHECK_OK(gait_signing_key_id(key, &id));
    CHECK_OK(gait_signing_key_id(copy, &other_id));
    CHECK(id.len == 64 && memcmp(id.data, other_id.data, 64) == 0);
    CHECK_OK(gait_signing_key_verifying_key(key, &public_key, NULL));
    CHECK_OK(gait_verifying_key_id(public_key, &other_id));
    CHECK(memcmp(id.data, other_id.data, 64) == 0);
    CHECK_OK(gait_verifying_key_to_base64(public_key, &text, NULL));
    CHECK_OK(gait_buffer_bytes(text, &bytes));
    CHECK_OK(gait_verifying_key_parse(bytes.data, bytes.len, &again, NULL));
    CHECK_OK(gait_signing_key_generate(&fresh, NULL));
    CHECK_OK(gait_signing_key_verifying_key(fresh, &other, NULL));

    CHECK_OK(gait_sign_json(key, TEXT("{\"a\": 1}"), &signature, NULL));
    CHECK_OK(gait_buffer_bytes(signature, &bytes));
    CHECK_OK(gait_verify_json(again, bytes.data, bytes.len, TEXT(" {\"a\": 1.0}"), NULL));
    CHECK_STATUS(gait_verify_json(again, bytes.data, bytes.len, TEXT("{\"a\": 2}"), &error),
                 GAIT_STATUS_VERIFICATION_FAILED);
    CHECK_OK(gait_error_code(error, &id));
    CHECK(is_text(id, "signature_digest_mismatch"));
    CHECK_OK(gait_error_free(error));
    CHECK_STATUS(gait_verify_json(other, bytes.data, bytes.len, TEXT("{\"a\": 1}"), NULL),
                 GAIT_STATUS_VERIFICATION_FAILED);
    CHECK_STATUS(gait_verify_json(other, TEXT("{}"), TEXT("{\"a\": 1}"), NULL), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK_STATUS(gait_verify_json(other, TEXT("nothing"), TEXT("{\"a\": 1}"), NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_buffer_free(signature));

    CHECK_OK(gait_sign_bytes(key, TEXT("\xff\0raw"), &signature, NULL));
    CHECK_OK(gait_buffer_bytes(signature, &bytes));
    CHECK_OK(gait_verify_bytes(public_key, bytes.data, bytes.len, TEXT("\xff\0raw"), NULL));
    CHECK_STATUS(gait_verify_bytes(public_key, bytes.data, bytes.len, TEXT("\xff\0rav"), &error),
                 GAIT_STATUS_VERIFICATION_FAILED);
    CHECK_OK(gait_error_code(error, &id));
    CHECK(is_text(id, "signature_invalid"));
    CHECK_OK(gait_error_free(error));

    CHECK_OK(gait_buffer_free(signature));
    CHECK_OK(gait_buffer_free(secret));
    CHECK_OK(gait_buffer_free(text));
    CHECK_OK(gait_signing_key_free(key));
    CHECK_OK(gait_signing_key_free(copy));
    CHECK_OK(gait_signing_key_free(fresh));
    CHECK_OK(gait_verifying_key_free(public_key));
    CHECK_OK(gait_verifying_key_free(again));
    CHECK_OK(gait_verifying_key_free(other));
}

static void intents(void) {
    gait_intent *intent = NULL;
    gait_buffer *canonical = NULL;
    gait_bytes bytes;
    gait_digest digest, of_canonical;
    gait_notice notice;
    gait_str text;
    size_t count = 99;
    CHECK_OK(gait_intent_parse(TEXT(READS), GAIT_MODE_STRICT, &intent, NULL));
    CHECK_OK(gait_intent_tool_name(intent, &text));
    CHECK(is_text(text, "fs.read"));
    CHECK_OK(gait_intent_canonical(intent, &canonical, NULL));
    CHECK_OK(gait_buffer_bytes(canonical, &bytes));
    CHECK_OK(gait_digest_bytes(bytes.data, bytes.len, &of_canonical));
    CHECK_OK(gait_intent_digest(intent, &digest));
    CHECK(strcmp(digest.hex, of_canonical.hex) == 0);
    CHECK_OK(gait_intent_args_digest(intent, &digest));
    CHECK(strlen(digest.hex) == 64);
    CHECK_OK(gait_intent_script_hash(intent, &digest));
    CHECK(strlen(digest.hex) == 0);
    CHECK_OK(gait_intent_notice_count(intent, &count));
    CHECK(count == 0);
    CHECK_STATUS(gait_intent_notice(intent, 0, &notice), GAIT_STATUS_OUT_OF_RANGE);
    CHECK_OK(gait_buffer_free(canonical));
    CHECK_OK(gait_intent_free(intent));

    CHECK_OK(gait_intent_parse(TEXT("{\"tool_name\": \"t\", \"args\": {\"n\": 9007199254740993}, \"targets\": [], "
                                    "\"context\": {\"identity\": \"a\", \"workspace\": \"/w\", "
                                    "\"risk_class\": \"low\"}}"),
                               GAIT_MODE_COMPAT, &intent, NULL));
    CHECK_OK(gait_intent_notice_count(intent, &count));
    CHECK(count == 1);
    CHECK_OK(gait_intent_notice(intent, 0, &notice));
    CHECK(is_text(notice.kind, "integer_rounded") && notice.offset == 33);
    CHECK_OK(gait_intent_free(intent));
}

static void decisions_and_traces(void) {
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    gait_intent *intent = NULL;
    gait_decision *decision = NULL;
    gait_signing_key *key = NULL;
    gait_verifying_key *public_key = NULL;
    gait_buffer *buffer = NULL, *again = NULL;
    gait_verdict verdict = GAIT_VERDICT_BLOCK;
    gait_time time;
    gait_limit limit;
    gait_bytes bytes, same;
    gait_str text;
    gait_digest digest, other;
    gait_inputs inputs = {.size = sizeof inputs};
    gait_gate_options *options = NULL;
    gait_emission emission = {.size = sizeof emission};
    size_t count = 0;
    int64_t approvals = 0;
    int32_t code = 99;
    bool yes = false;

    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_policy_rule_count(policy, &count));
    CHECK(count == 3);
    CHECK_OK(gait_policy_digest(policy, &digest));
    CHECK_OK(gait_policy_lint(policy, &buffer, NULL));
    CHECK_OK(gait_buffer_bytes(buffer, &bytes));
    CHECK(bytes.len >= 2 && *(const char *)bytes.data == '[');
    CHECK_OK(gait_buffer_free(buffer));
    CHECK_OK(gait_signing_key_from_seed(SEED, sizeof SEED, &key, NULL));
    CHECK_OK(gait_signing_key_verifying_key(key, &public_key, NULL));
    CHECK_OK(gait_gate_options_new(&options, NULL));
    CHECK_OK(gait_gate_options_set_signing_key(options, NULL));
    CHECK_OK(gait_gate_options_set_signing_key(options, key));
    CHECK_OK(gait_gate_new(policy, options, &gate, NULL));
    /* A gate needs neither from now on. */
    CHECK_OK(gait_signing_key_free(key));
    CHECK_OK(gait_gate_options_free(options));

    inputs.now = &NOON;
    CHECK_OK(gait_gate_evaluate(gate, TEXT(READS), &inputs, &decision, NULL));
    CHECK_OK(gait_decision_verdict(decision, &verdict));
    CHECK(verdict == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_exit_code(decision, &code));
    CHECK(code == 0);
    CHECK_OK(gait_decision_matched_rule(decision, &text));
    CHECK(is_text(text, "reads"));
    CHECK_OK(gait_decision_reason_code_count(decision, &count));
    CHECK(count == 1);
    CHECK_OK(gait_decision_reason_code(decision, 0, &text));
    CHECK(is_text(text, "matched_rule_reads"));
    CHECK_STATUS(gait_decision_reason_code(decision, 1, &text), GAIT_STATUS_OUT_OF_RANGE);
    CHECK_OK(gait_decision_created_at(decision, &time));
    CHECK(time.seconds == 1772348400 && time.nanos == 0);
    CHECK_OK(gait_decision_policy_digest(decision, &other));
    CHECK(strcmp(digest.hex, other.hex) == 0);
    CHECK_OK(gait_decision_evaluable(decision, &yes));
    CHECK(yes);

    emission.observed_at = &NOON;
    emission.producer_version.data = "9";
    emission.producer_version.len = 1;
    CHECK_OK(gait_gate_trace(gate, decision, &emission, &buffer, NULL));
    CHECK_OK(gait_gate_trace(gate, decision, &emission, &again, NULL));
    CHECK_OK(gait_buffer_bytes(buffer, &bytes));
    CHECK_OK(gait_buffer_bytes(again, &same));
    CHECK(bytes.len == same.len && memcmp(bytes.data, same.data, bytes.len) == 0);
    CHECK_OK(gait_trace_verify(bytes.data, bytes.len, GAIT_MODE_STRICT, public_key, NULL));
    CHECK(memchr(bytes.data, '9', bytes.len) != NULL);
    CHECK_OK(gait_buffer_free(again));
    {
        /* One letter of the verdict turns the trace into another one. */
        char *forged = malloc(bytes.len);
        const char *found = NULL;
        memcpy(forged, bytes.data, bytes.len);
        for (size_t at = 0; at + 7 < bytes.len; at++) {
            if (memcmp(forged + at, "\"allow\"", 7) == 0) {
                found = forged + at;
                forged[at + 1] = 'A';
            }
        }
        CHECK(found != NULL);
        CHECK_STATUS(gait_trace_verify(forged, bytes.len, GAIT_MODE_STRICT, public_key, NULL),
                     GAIT_STATUS_VERIFICATION_FAILED);
        free(forged);
    }
    CHECK_OK(gait_buffer_free(buffer));
    CHECK_OK(gait_decision_free(decision));

    CHECK_OK(gait_intent_parse(TEXT(DEPLOYS), GAIT_MODE_STRICT, &intent, NULL));
    CHECK_OK(gait_policy_evaluate_intent(policy, intent, &inputs, &decision, NULL));
    CHECK_OK(gait_decision_verdict(decision, &verdict));
    CHECK(verdict == GAIT_VERDICT_REQUIRE_APPROVAL);
    CHECK_OK(gait_decision_min_approvals(decision, &approvals));
    CHECK(approvals == 2);
    CHECK_OK(gait_decision_require_distinct_approvers(decision, &yes));
    CHECK(yes);
    CHECK_OK(gait_intent_digest(intent, &digest));
    CHECK_OK(gait_intent_free(intent));
    CHECK_OK(gait_decision_intent_digest(decision, &other));
    CHECK(strcmp(digest.hex, other.hex) == 0);
    CHECK_OK(gait_decision_free(decision));

    CHECK_OK(gait_gate_evaluate(gate, TEXT(QUERIES), NULL, &decision, NULL));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_policy_free(policy));
    /* A decision lives on without gate and policy. */
    CHECK_OK(gait_decision_rate_limit(decision, &limit));
    CHECK(limit.requests == 100 && is_text(limit.window, "hour") && is_text(limit.scope, "tool"));
    CHECK_OK(gait_decision_destructive_budget(decision, &limit));
    CHECK(limit.requests == 0 && limit.window.len == 0);
    CHECK_OK(gait_decision_to_json(decision, &buffer, NULL));
    CHECK_OK(gait_buffer_bytes(buffer, &bytes));
    CHECK(bytes.len > 100 && memcmp(bytes.data, "{\"verdict\":\"allow\"", 18) == 0);
    CHECK_OK(gait_buffer_free(buffer));
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_verifying_key_free(public_key));
}

static void outside_inputs(void) {
    static const char ALL_OFF[] = "{\"schema_id\": \"gait.gate.kill_switch_state\", \"schema_version\": \"1.0.0\", "
                                  "\"created_at\": \"2026-01-01T00:00:00Z\", \"updated_at\": \"2026-01-01T00:00:00Z\", "
                                  "\"producer_version\": \"1\", \"entries\": []}";
    gait_policy *policy = NULL;
    gait_decision *decision = NULL;
    gait_kill_switch *kill_switch = NULL;
    gait_inventory *inventory = NULL;
    gait_context_envelope *envelope = NULL;
    gait_inputs inputs = {.size = sizeof inputs};
    gait_verdict verdict = GAIT_VERDICT_ALLOW;
    gait_str text;
    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &policy, NULL));

    inputs.flags = GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE;
    CHECK_OK(gait_policy_evaluate(policy, TEXT(READS), &inputs, &decision, NULL));
    CHECK_OK(gait_decision_verdict(decision, &verdict));
    CHECK(verdict == GAIT_VERDICT_BLOCK);
    CHECK_OK(gait_decision_kill_switch_status(decision, &text));
    CHECK(is_text(text, "unavailable"));
    CHECK_OK(gait_decision_free(decision));

    CHECK_OK(gait_kill_switch_parse(TEXT(ALL_OFF), GAIT_MODE_STRICT, &kill_switch, NULL));
    inputs.kill_switch = kill_switch;
    CHECK_STATUS(gait_policy_evaluate(policy, TEXT(READS), &inputs, &decision, NULL), GAIT_STATUS_INVALID_ARGUMENT);
    inputs.flags = 0;
    CHECK_OK(gait_inventory_parse(TEXT("[{\"tool_name\": \"fs.read\", \"data_class\": \"public\"}]"), TEXT("inv.json"),
                                  GAIT_MODE_STRICT, &inventory, NULL));
    inputs.inventory = inventory;
    CHECK_OK(gait_policy_evaluate(policy, TEXT(READS), &inputs, &decision, NULL));
    CHECK_OK(gait_decision_verdict(decision, &verdict));
    CHECK(verdict == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_context_source(decision, &text));
    CHECK(is_text(text, "inv.json"));
    CHECK_OK(gait_decision_free(decision));

    CHECK_STATUS(gait_context_envelope_parse(TEXT("{}"), GAIT_MODE_STRICT, &envelope, NULL), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_context_envelope_free(envelope));
    CHECK_OK(gait_kill_switch_free(kill_switch));
    CHECK_OK(gait_inventory_free(inventory));
    CHECK_OK(gait_policy_free(policy));
}

static void batches(void) {
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    const gait_bytes intents[] = {{TEXT(READS)}, {TEXT("{")}, {TEXT(DELETES)}, {NULL, 0}, {TEXT(DEPLOYS)}};
    gait_decision *decisions[5];
    gait_error *errors[5];
    gait_verdict verdict;
    const int expected[] = {GAIT_VERDICT_ALLOW, -1, GAIT_VERDICT_BLOCK, -1, GAIT_VERDICT_REQUIRE_APPROVAL};
    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_gate_new(policy, NULL, &gate, NULL));
    for (int with_errors = 0; with_errors < 2; with_errors++) {
        CHECK_STATUS(gait_gate_evaluate_many(gate, intents, 5, NULL, decisions, with_errors ? errors : NULL),
                     GAIT_STATUS_INVALID_INPUT);
        for (size_t index = 0; index < 5; index++) {
            CHECK((decisions[index] == NULL) == (expected[index] < 0));
            if (decisions[index] != NULL) {
                CHECK_OK(gait_decision_verdict(decisions[index], &verdict));
                CHECK((int)verdict == expected[index]);
            }
            if (with_errors) {
                CHECK((errors[index] != NULL) == (expected[index] < 0));
                CHECK_OK(gait_error_free(errors[index]));
            }
            CHECK_OK(gait_decision_free(decisions[index]));
        }
    }
    CHECK_OK(gait_gate_evaluate_many(gate, intents, 1, NULL, decisions, NULL));
    CHECK_OK(gait_decision_free(decisions[0]));
    CHECK_OK(gait_gate_evaluate_many(gate, NULL, 0, NULL, NULL, NULL));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_policy_free(policy));
}

int main(void) {
    versions();
    times();
    canonical_json();
    errors();
    keys_and_signatures();
    intents();
    decisions_and_traces();
    outside_inputs();
    batches();
    return check_end();
}
