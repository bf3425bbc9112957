/* Delegation tokens: made, checked, held against the chain of an intent. */
#include "authority.h"

static void handed_over(void) {
    static const char DELEGATES[] =
        "default_verdict: block\n"
        "rules: [{name: d, effect: allow, match: {tool_names: [fs.read], require_delegation: true}}]\n";
    static const char DELEGATED[] =
        "{\"tool_name\": \"fs.read\", \"args\": {}, \"targets\": [], "
        "\"context\": {\"identity\": \"agent\", \"workspace\": \"/repo\", \"risk_class\": \"low\"}, "
        "\"delegation\": {\"requester_identity\": \"agent\", "
        "\"chain\": [{\"delegator_identity\": \"lead\", \"delegate_identity\": \"agent\"}]}}";
    gait_signing_key *lead = key_of(3), *alice = key_of(1);
    gait_trusted_keys *keys = trusting(lead, "lead"), *others = trusting(alice, NULL);
    gait_gate_options *options = options_new(), *by_approvers = options_new();
    gait_gate *gate, *lenient;
    gait_decision *decision;
    gait_delegation_token *token = NULL, *parsed = NULL, *none = NULL;
    const gait_str scope[] = {str("*")}, wanted[] = {str("fs.read")};
    gait_delegation_terms terms = {.size = sizeof terms,
                                   .delegator = str("lead"),
                                   .delegate = str("agent"),
                                   .scope = scope,
                                   .scope_count = 1,
                                   .ttl_nanos = MINUTE,
                                   .now = &NOON};
    gait_delegation_expectation expected = {.size = sizeof expected, .now = &NOON};
    const gait_delegation_token *presented[1];
    gait_inputs inputs = {.size = sizeof inputs, .now = &NOON, .delegations = presented, .delegation_count = 1};
    gait_buffer *buffer = NULL;
    gait_error *error = NULL;
    gait_str text;
    gait_time time;
    int64_t number = 0;
    char *file;
    CHECK_OK(gait_delegate(lead, &terms, &token, NULL));
    CHECK_OK(gait_delegation_token_id(token, &text));
    CHECK(text.len == 24);
    CHECK_OK(gait_delegation_token_delegator(token, &text));
    CHECK(is_text(text, "lead"));
    CHECK_OK(gait_delegation_token_delegate(token, &text));
    CHECK(is_text(text, "agent"));
    CHECK_OK(gait_delegation_token_expires_at(token, &time));
    CHECK(time.seconds == NOON.seconds + 60);
    CHECK_OK(gait_delegation_token_to_json(token, &buffer, NULL));
    file = text_of(buffer);
    CHECK_OK(gait_delegation_token_parse(file, strlen(file), GAIT_MODE_STRICT, &parsed, NULL));
    free(file);
    expected.delegator = str("lead");
    expected.delegate = str("agent");
    expected.scope = wanted;
    expected.scope_count = 1;
    CHECK_OK(gait_delegation_token_verify(parsed, keys, &expected, NULL));
    expected.delegate = str("mallory");
    CHECK_STATUS(gait_delegation_token_verify(parsed, keys, &expected, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "delegation_token_delegate_mismatch"));
    CHECK_STATUS(gait_delegation_token_verify(parsed, others, NULL, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "delegation_token_signature_invalid"));
    CHECK_STATUS(gait_delegation_token_verify(parsed, keys, NULL, &error), GAIT_STATUS_VERIFICATION_FAILED);
    CHECK(is_error(error, "delegation_token_expired"));
    terms.scope_count = 0;
    CHECK_STATUS(gait_delegate(lead, &terms, &none, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(none == NULL && is_error(error, "authority_scope_empty"));

    CHECK_OK(gait_gate_options_set_approvers(options, others));
    CHECK_OK(gait_gate_options_set_delegators(options, keys));
    CHECK_OK(gait_gate_options_set_approvers(by_approvers, keys));
    gate = gate_of(DELEGATES, options);
    lenient = gate_of(DELEGATES, by_approvers);
    DECIDES(gate, DELEGATED, NULL, GAIT_VERDICT_BLOCK, "delegation_token_missing");
    presented[0] = parsed;
    for (int round = 0; round < 2; round++) {
        decision = decide(round == 0 ? gate : lenient, DELEGATED, &inputs);
        CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW && has_code(decision, "delegation_granted"));
        CHECK_OK(gait_decision_delegation_ref(decision, &text));
        CHECK(text.len == 24);
        CHECK_OK(gait_decision_valid_delegations(decision, &number));
        CHECK(number == 1);
        CHECK_OK(gait_decision_delegations(decision, &buffer, NULL));
        file = text_of(buffer);
        CHECK(strstr(file, "\"delegator_identity\":\"lead\"") != NULL);
        free(file);
        CHECK_OK(gait_decision_free(decision));
    }
    CHECK_OK(gait_delegation_token_free(token));
    CHECK_OK(gait_delegation_token_free(parsed));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_gate_free(lenient));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_trusted_keys_free(others));
    CHECK_OK(gait_signing_key_free(lead));
    CHECK_OK(gait_signing_key_free(alice));
}

int main(void) {
    handed_over();
    return check_end();
}
