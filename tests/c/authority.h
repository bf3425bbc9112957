/* What the programs about approvals, kill switches and brokers share. */
#ifndef GAIT_TEST_AUTHORITY_H
#define GAIT_TEST_AUTHORITY_H

#include "check.h"
#include "samples.h"

#define MINUTE INT64_C(60000000000)

static const gait_time NOON = {1772366400, 0};

static inline gait_str str(const char *text) {
    const gait_str view = {text, strlen(text)};
    return view;
}

static inline gait_signing_key *key_of(unsigned char seed) {
    unsigned char bytes[32];
    gait_signing_key *key = NULL;
    memset(bytes, seed, sizeof bytes);
    CHECK_OK(gait_signing_key_from_seed(bytes, sizeof bytes, &key, NULL));
    return key;
}

static inline gait_verifying_key *public_half(const gait_signing_key *key) {
    gait_verifying_key *half = NULL;
    CHECK_OK(gait_signing_key_verifying_key(key, &half, NULL));
    return half;
}

/* Trusts a key, in one name or (NULL) in any. */
static inline void trust(gait_trusted_keys *keys, const gait_signing_key *key, const char *identity) {
    gait_verifying_key *half = public_half(key);
    if (identity == NULL) {
        CHECK_OK(gait_trusted_keys_add(keys, half));
    } else {
        CHECK_OK(gait_trusted_keys_add_holder(keys, half, identity, strlen(identity)));
    }
    CHECK_OK(gait_verifying_key_free(half));
}

static inline gait_trusted_keys *trusting(const gait_signing_key *key, const char *identity) {
    gait_trusted_keys *keys = NULL;
    CHECK_OK(gait_trusted_keys_new(&keys, NULL));
    trust(keys, key, identity);
    return keys;
}

static inline gait_gate_options *options_new(void) {
    gait_gate_options *options = NULL;
    CHECK_OK(gait_gate_options_new(&options, NULL));
    return options;
}

/* A strict gate; takes the options over. */
static inline gait_gate *gate_of(const char *policy_text, gait_gate_options *options) {
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    CHECK_OK(gait_policy_parse(policy_text, strlen(policy_text), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_gate_new(policy, options, &gate, NULL));
    CHECK_OK(gait_policy_free(policy));
    CHECK_OK(gait_gate_options_free(options));
    return gate;
}

static inline gait_decision *decide(const gait_gate *gate, const char *intent, const gait_inputs *inputs) {
    gait_inputs at_noon = {.size = sizeof at_noon, .now = &NOON};
    gait_decision *decision = NULL;
    CHECK_OK(gait_gate_evaluate(gate, intent, strlen(intent), inputs == NULL ? &at_noon : inputs, &decision, NULL));
    return decision;
}

static inline gait_verdict verdict_of(const gait_decision *decision) {
    gait_verdict verdict = GAIT_VERDICT_BLOCK;
    CHECK_OK(gait_decision_verdict(decision, &verdict));
    return verdict;
}

static inline bool has_code(const gait_decision *decision, const char *code) {
    size_t count = 0;
    CHECK_OK(gait_decision_reason_code_count(decision, &count));
    for (size_t index = 0; index < count; index++) {
        gait_str found;
        CHECK_OK(gait_decision_reason_code(decision, index, &found));
        if (is_text(found, code)) {
            return true;
        }
    }
    return false;
}

/* Decides and looks at the verdict and one of the reasons. */
#define DECIDES(gate, intent, inputs, verdict, code)                                                                   \
    do {                                                                                                               \
        gait_decision *decides_made = decide(gate, intent, inputs);                                                    \
        CHECK(verdict_of(decides_made) == (verdict));                                                                  \
        CHECK(has_code(decides_made, code));                                                                           \
        CHECK_OK(gait_decision_free(decides_made));                                                                    \
    } while (0)

/* The text of a buffer, to free(); frees the buffer. */
static inline char *text_of(gait_buffer *buffer) {
    gait_bytes bytes = {"", 0};
    char *text;
    CHECK_OK(gait_buffer_bytes(buffer, &bytes));
    text = malloc(bytes.len + 1);
    memcpy(text, bytes.data, bytes.len);
    text[bytes.len] = '\0';
    CHECK_OK(gait_buffer_free(buffer));
    return text;
}

/* A copy of a text, to free(), with its first `from` made a `to`. */
static inline char *replaced(const char *text, const char *from, const char *to) {
    const char *found = strstr(text, from);
    char *copy = malloc(strlen(text) + strlen(to) + 1);
    CHECK(found != NULL);
    if (found == NULL) {
        found = text + strlen(text);
        from = "";
    }
    memcpy(copy, text, (size_t)(found - text));
    strcpy(copy + (found - text), to);
    strcat(copy, found + strlen(from));
    return copy;
}

/* What a held decision asks for, to free(). */
static inline char *request_of(const gait_decision *decision) {
    gait_buffer *request = NULL;
    CHECK_OK(gait_decision_approval_request(decision, &request, NULL));
    CHECK(request != NULL);
    return text_of(request);
}

static inline gait_approval_token *approve(const char *request, const gait_signing_key *key, const char *approver) {
    const gait_approval_terms terms = {
        .size = sizeof terms, .approver = str(approver), .reason = str("ticket-7"), .ttl_nanos = MINUTE, .now = &NOON};
    gait_approval_token *token = NULL;
    CHECK_OK(gait_approve(request, strlen(request), GAIT_MODE_STRICT, key, &terms, &token, NULL));
    return token;
}

/* Whether an error has this code; frees it. */
static inline bool is_error(gait_error *error, const char *code) {
    gait_str found = {"", 0};
    bool is;
    CHECK_OK(gait_error_code(error, &found));
    is = is_text(found, code);
    if (!is) {
        fprintf(stderr, "%.*s instead of %s\n", (int)found.len, found.data, code);
    }
    CHECK_OK(gait_error_free(error));
    return is;
}

#endif
