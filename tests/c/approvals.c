/* Approvals: made, checked, altered, counted, used once, left in a store. */
#include "authority.h"

static const char ASKS[] = "default_verdict: require_approval\n";
static const char PAYS[] =
    "default_verdict: block\n"
    "rules: [{name: pay, effect: require_approval, min_approvals: 2, match: {tool_names: [pay]}}]\n";
static const char PAYMENT[] = INTENT("pay");

/* What is wrong with a token that a table alters. */
struct fault {
    const char *from, *to, *code;
};

static void forged_expired_and_foreign(void) {
    static const struct fault FAULTS[] = {
        {"\"approver_identity\": \"alice\"", "\"approver_identity\": \"bob\"", "approval_token_signature_invalid"},
        {"\"reason_code\": \"ticket-7\"", "\"reason_code\": \"ticket-8\"", "approval_token_signature_invalid"},
        {"\"tool:fs.read\"", "\"*\"", "approval_token_signature_invalid"},
        {"2026-03-01T12:01:00Z", "2027-03-01T12:01:00Z", "approval_token_signature_invalid"},
        {"\"sig\": \"", "\"sig\": \"AAAA", "approval_token_signature_invalid"},
        {"\"signature\": {", "\"signature\": null, \"x\": {", NULL},
        {"\"approver_identity\": \"alice\"", "\"approver_identity\": \" \"", "approval_token_invalid"},
        {"gait.gate.approval_token", "gait.gate.other_token", "approval_token_invalid"},
        {"\"token_id\": \"", "\"token_id\": \"0", "approval_token_signature_invalid"},
    };
    gait_signing_key *alice = key_of(1), *mallory = key_of(9);
    gait_trusted_keys *keys = trusting(alice, NULL), *others = trusting(mallory, NULL), *bound = trusting(alice, "bob");
    gait_gate_options *options = options_new();
    gait_gate *gate;
    gait_decision *held;
    gait_approval_token *token, *parsed = NULL;
    gait_buffer *buffer = NULL;
    gait_error *error = NULL;
    gait_digest intent_digest, policy_digest;
    gait_approval_expectation expected = {.size = sizeof expected, .now = &NOON};
    const gait_time later = {NOON.seconds + 60, 0};
    const gait_str scope[] = {str(" TOOL:fs.read ")}, foreign_scope[] = {str("tool:fs.write")};
    char *request, *file;
    gait_str text;
    gait_time time;

    CHECK_OK(gait_gate_options_set_approvers(options, keys));
    gate = gate_of(ASKS, options);
    held = decide(gate, READS, NULL);
    CHECK(verdict_of(held) == GAIT_VERDICT_REQUIRE_APPROVAL && has_code(held, "approval_token_missing"));
    request = request_of(held);
    CHECK(strstr(request, "gait.gate.approval_request") != NULL);
    token = approve(request, alice, " alice ");
    CHECK_OK(gait_approval_token_approver(token, &text));
    CHECK(is_text(text, "alice"));
    CHECK_OK(gait_approval_token_id(token, &text));
    CHECK(text.len == 24);
    CHECK_OK(gait_approval_token_expires_at(token, &time));
    CHECK(time.seconds == later.seconds);

    /* There and back. */
    CHECK_OK(gait_approval_token_to_json(token, &buffer, NULL));
    file = text_of(buffer);
    CHECK(strncmp(file, "{\n  \"schema_id\"", 15) == 0);
    CHECK_OK(gait_approval_token_parse(file, strlen(file), GAIT_MODE_STRICT, &parsed, NULL));
    CHECK_OK(gait_approval_token_verify(parsed, keys, &expected, NULL));
    /* By the system's clock it is long over or not yet begun; the end alone counts. */
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, NULL, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_expired"));

    /* Held against what it is for. */
    CHECK_OK(gait_decision_prepared_intent_digest(held, &intent_digest));
    CHECK_OK(gait_decision_policy_digest(held, &policy_digest));
    expected.intent_digest = str(intent_digest.hex);
    expected.policy_digest = str(policy_digest.hex);
    expected.scope = scope;
    expected.scope_count = 1;
    expected.targets = 1000;
    CHECK_OK(gait_approval_token_verify(parsed, keys, &expected, NULL));
    expected.intent_digest = str(policy_digest.hex);
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_intent_mismatch"));
    expected.intent_digest = str("");
    expected.policy_digest = str(intent_digest.hex);
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_policy_mismatch"));
    expected.policy_digest = str("");
    expected.delegation_binding_digest = str(intent_digest.hex);
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_delegation_binding_mismatch"));
    expected.delegation_binding_digest = str("12");
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(is_error(error, "authority_digest_invalid"));
    expected.delegation_binding_digest = str("");
    expected.scope = foreign_scope;
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_scope_mismatch"));
    expected.scope_count = 0;
    expected.now = &later;
    CHECK_STATUS(gait_approval_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_expired"));
    expected.now = &NOON;
    CHECK_STATUS(gait_approval_token_verify(parsed, others, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_signature_invalid"));
    CHECK_STATUS(gait_approval_token_verify(parsed, bound, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "approval_token_approver_mismatch"));

    /* Altered by a letter, it is nothing; the gate says the same. */
    for (size_t row = 0; row < sizeof FAULTS / sizeof *FAULTS; row++) {
        char *altered = replaced(file, FAULTS[row].from, FAULTS[row].to);
        gait_approval_token *forged = NULL;
        const gait_approval_token *presented[1];
        gait_inputs inputs = {.size = sizeof inputs, .now = &NOON, .approvals = presented, .approval_count = 1};
        if (FAULTS[row].code == NULL) {
            CHECK_STATUS(gait_approval_token_parse(altered, strlen(altered), GAIT_MODE_STRICT, &forged, NULL),
                         GAIT_STATUS_INVALID_INPUT);
            CHECK_OK(gait_approval_token_parse(altered, strlen(altered), GAIT_MODE_COMPAT, &forged, NULL));
            CHECK_STATUS(gait_approval_token_verify(forged, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
            CHECK(is_error(error, "approval_token_signature_missing"));
        } else {
            CHECK_OK(gait_approval_token_parse(altered, strlen(altered), GAIT_MODE_STRICT, &forged, NULL));
            CHECK_STATUS(gait_approval_token_verify(forged, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
            CHECK(is_error(error, FAULTS[row].code));
            presented[0] = forged;
            DECIDES(gate, READS, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, FAULTS[row].code);
        }
        CHECK_OK(gait_approval_token_free(forged));
        free(altered);
    }
    free(file);
    free(request);
    CHECK_OK(gait_approval_token_free(token));
    CHECK_OK(gait_approval_token_free(parsed));
    CHECK_OK(gait_decision_free(held));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_trusted_keys_free(others));
    CHECK_OK(gait_trusted_keys_free(bound));
    CHECK_OK(gait_signing_key_free(alice));
    CHECK_OK(gait_signing_key_free(mallory));
}

static void granted_once(void) {
    gait_signing_key *alice = key_of(1), *stranger = key_of(9);
    gait_trusted_keys *keys = trusting(alice, NULL);
    gait_gate_options *options = options_new(), *lasting = options_new(), *disarmed = options_new();
    gait_gate *gate, *reusing, *simulating;
    gait_decision *decision;
    gait_approval_token *token, *foreign;
    const gait_approval_token *presented[1];
    gait_inputs inputs = {.size = sizeof inputs, .now = &NOON, .approvals = presented, .approval_count = 1};
    gait_verdict without = GAIT_VERDICT_ALLOW;
    gait_buffer *buffer = NULL;
    size_t count = 0;
    int64_t number = 0;
    bool yes = true;
    char *request, *entries;
    gait_str text, id;
    CHECK_OK(gait_gate_options_set_approvers(options, keys));
    CHECK_OK(gait_gate_options_set_approvers(lasting, keys));
    CHECK_OK(gait_gate_options_set_reusable_approvals(lasting, true));
    CHECK_OK(gait_gate_options_set_approvers(disarmed, keys));
    CHECK_OK(gait_gate_options_set_simulate(disarmed, true));
    gate = gate_of(ASKS, options);
    reusing = gate_of(ASKS, lasting);
    simulating = gate_of(ASKS, disarmed);
    decision = decide(gate, READS, NULL);
    request = request_of(decision);
    CHECK_OK(gait_decision_free(decision));
    token = approve(request, alice, "alice");
    foreign = approve(request, stranger, "alice");

    presented[0] = foreign;
    DECIDES(gate, READS, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_signature_invalid");
    presented[0] = token;
    DECIDES(gate, DELETES, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_intent_mismatch");
    decision = decide(gate, READS, &inputs);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW && has_code(decision, "approval_granted"));
    CHECK_OK(gait_approval_token_id(token, &id));
    CHECK_OK(gait_decision_approval_ref(decision, &text));
    CHECK(text.len == id.len && memcmp(text.data, id.data, id.len) == 0);
    CHECK_OK(gait_decision_required_approvals(decision, &number));
    CHECK(number == 1);
    CHECK_OK(gait_decision_valid_approvals(decision, &number));
    CHECK(number == 1);
    CHECK_OK(gait_decision_approvals(decision, &buffer, NULL));
    entries = text_of(buffer);
    CHECK(strstr(entries, "\"approver_identity\":\"alice\"") != NULL && strstr(entries, "\"valid\":true") != NULL);
    free(entries);
    CHECK_OK(gait_decision_to_json(decision, &buffer, NULL));
    entries = text_of(buffer);
    CHECK(strstr(entries, "\"valid_approvals\":1") != NULL && strstr(entries, "\"approval_ref\":\"") != NULL);
    free(entries);
    /* An allowed call asks for nothing. */
    CHECK_OK(gait_decision_approval_request(decision, &buffer, NULL));
    CHECK(buffer == NULL);
    CHECK_OK(gait_decision_simulated(decision, &yes));
    CHECK(!yes);
    CHECK_OK(gait_decision_simulated_verdict(decision, &without));
    CHECK(without == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_free(decision));
    DECIDES(gate, READS, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_replayed");

    for (int round = 0; round < 2; round++) {
        DECIDES(reusing, READS, &inputs, GAIT_VERDICT_ALLOW, "approval_granted");
    }
    decision = decide(simulating, DELETES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW && has_code(decision, "simulated_require_approval"));
    CHECK_OK(gait_decision_simulated(decision, &yes));
    CHECK(yes);
    CHECK_OK(gait_decision_would_have_blocked(decision, &yes));
    CHECK(yes);
    CHECK_OK(gait_decision_simulated_verdict(decision, &without));
    CHECK(without == GAIT_VERDICT_REQUIRE_APPROVAL);
    CHECK_OK(gait_decision_simulated_reason_code_count(decision, &count));
    CHECK(count >= 1);
    CHECK_OK(gait_decision_simulated_reason_code(decision, 0, &text));
    CHECK(text.len > 0);
    CHECK_STATUS(gait_decision_simulated_reason_code(decision, count, &text), GAIT_STATUS_OUT_OF_RANGE);
    CHECK_OK(gait_decision_free(decision));
    free(request);
    CHECK_OK(gait_approval_token_free(token));
    CHECK_OK(gait_approval_token_free(foreign));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_gate_free(reusing));
    CHECK_OK(gait_gate_free(simulating));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_signing_key_free(alice));
    CHECK_OK(gait_signing_key_free(stranger));
}

static void two_people(void) {
    gait_signing_key *alice = key_of(1), *bob = key_of(2);
    gait_trusted_keys *keys = trusting(alice, "alice");
    gait_gate_options *options = options_new();
    gait_gate *gate;
    gait_decision *held;
    gait_approval_token *by_alice, *as_bob, *by_bob;
    const gait_approval_token *presented[2];
    gait_inputs inputs = {.size = sizeof inputs, .now = &NOON, .approvals = presented, .approval_count = 2};
    char *request;
    size_t count = 0;
    trust(keys, bob, " bob ");
    CHECK_OK(gait_trusted_keys_count(keys, &count));
    CHECK(count == 2);
    CHECK_OK(gait_gate_options_set_approvers(options, keys));
    gate = gate_of(PAYS, options);
    held = decide(gate, PAYMENT, NULL);
    request = request_of(held);
    CHECK(strstr(request, "\"required_approvals\": 2") != NULL);
    CHECK(strstr(request, "\"distinct_approvers\": true") != NULL);
    by_alice = approve(request, alice, "alice");
    as_bob = approve(request, alice, "bob");
    by_bob = approve(request, bob, "bob");

    presented[0] = presented[1] = by_alice;
    DECIDES(gate, PAYMENT, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_distinct_approvers_required");
    presented[1] = as_bob;
    DECIDES(gate, PAYMENT, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_approver_mismatch");
    presented[1] = by_bob;
    DECIDES(gate, PAYMENT, &inputs, GAIT_VERDICT_ALLOW, "approval_granted");
    DECIDES(gate, PAYMENT, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_replayed");

    free(request);
    CHECK_OK(gait_decision_free(held));
    CHECK_OK(gait_approval_token_free(by_alice));
    CHECK_OK(gait_approval_token_free(as_bob));
    CHECK_OK(gait_approval_token_free(by_bob));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_signing_key_free(alice));
    CHECK_OK(gait_signing_key_free(bob));
}

static void through_the_store(void) {
    gait_signing_key *alice = key_of(1);
    gait_trusted_keys *keys = trusting(alice, NULL);
    gait_gate_options *options = options_new();
    gait_gate *gate;
    gait_decision *held, *allowed;
    gait_approval_token *token;
    gait_buffer *buffer = NULL;
    gait_error *error = NULL;
    char *request, *waiting;
    CHECK_OK(gait_gate_options_set_approvers(options, keys));
    gate = gate_of(ASKS, options);
    held = decide(gate, READS, NULL);
    CHECK_OK(gait_gate_request_approval(gate, held, NULL));
    CHECK_OK(gait_gate_request_approval(gate, held, NULL));
    CHECK_OK(gait_gate_approval_requests(gate, &buffer, NULL));
    waiting = text_of(buffer);
    CHECK(strncmp(waiting, "[{\"schema_id\"", 13) == 0 && strstr(waiting + 10, "\"schema_id\"") == NULL);
    free(waiting);
    request = request_of(held);
    token = approve(request, alice, "alice");
    CHECK_OK(gait_gate_add_approval(gate, token, NULL));
    allowed = decide(gate, READS, NULL);
    CHECK(verdict_of(allowed) == GAIT_VERDICT_ALLOW);
    CHECK_STATUS(gait_gate_request_approval(gate, allowed, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(is_error(error, "decision_without_request"));
    CHECK_OK(gait_gate_approval_requests(gate, &buffer, NULL));
    waiting = text_of(buffer);
    CHECK(strcmp(waiting, "[]") == 0);
    free(waiting);
    DECIDES(gate, READS, NULL, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_replayed");
    free(request);
    CHECK_OK(gait_decision_free(held));
    CHECK_OK(gait_decision_free(allowed));
    CHECK_OK(gait_approval_token_free(token));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_signing_key_free(alice));
}

int main(void) {
    forged_expired_and_foreign();
    granted_once();
    two_people();
    through_the_store();
    return check_end();
}
