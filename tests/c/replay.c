/* Prints what the library says about rows of golden cases, for suite.py to compare.
 *
 * A row on standard input is a line with two lengths, then policy and intent. The answer is a line
 * `column<TAB>value` for each column (backslash, tab and line breaks escaped; lists are repeated columns), then `end`.
 * Everything is asked in compat mode, at a fixed moment. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gait.h"

static void print_bytes(const char *column, const char *data, size_t len) {
    printf("%s\t", column);
    for (size_t at = 0; at < len; at++) {
        switch (data[at]) {
        case '\\':
            fputs("\\\\", stdout);
            break;
        case '\t':
            fputs("\\t", stdout);
            break;
        case '\n':
            fputs("\\n", stdout);
            break;
        case '\r':
            fputs("\\r", stdout);
            break;
        default:
            putchar(data[at]);
        }
    }
    putchar('\n');
}

static void print_str(const char *column, gait_str text) { print_bytes(column, text.data, text.len); }

static void need(gait_status status, const char *what) {
    if (status != GAIT_STATUS_OK) {
        const gait_str name = gait_status_name(status);
        fprintf(stderr, "%s: %.*s\n", what, (int)name.len, name.data);
        exit(EXIT_FAILURE);
    }
}

static void print_text(const char *column, const gait_decision *decision,
                       gait_status (*ask)(const gait_decision *, gait_str *)) {
    gait_str text;
    need(ask(decision, &text), column);
    print_str(column, text);
}

static void print_digest(const char *column, const gait_decision *decision,
                         gait_status (*ask)(const gait_decision *, gait_digest *)) {
    gait_digest digest;
    need(ask(decision, &digest), column);
    print_bytes(column, digest.hex, strlen(digest.hex));
}

static void print_flag(const char *column, const gait_decision *decision,
                       gait_status (*ask)(const gait_decision *, bool *)) {
    bool flag;
    need(ask(decision, &flag), column);
    printf("%s\t%s\n", column, flag ? "true" : "false");
}

static void print_list(const char *column, const gait_decision *decision,
                       gait_status (*count)(const gait_decision *, size_t *),
                       gait_status (*item)(const gait_decision *, size_t, gait_str *)) {
    size_t items;
    need(count(decision, &items), column);
    for (size_t index = 0; index < items; index++) {
        gait_str text;
        need(item(decision, index, &text), column);
        print_str(column, text);
    }
}

static void print_limit(const char *column, const gait_decision *decision,
                        gait_status (*ask)(const gait_decision *, gait_limit *)) {
    gait_limit limit;
    need(ask(decision, &limit), column);
    if (limit.requests != 0) {
        printf("%s\t%" PRId64 " %.*s %.*s\n", column, limit.requests, (int)limit.window.len, limit.window.data,
               (int)limit.scope.len, limit.scope.data);
    }
}

static void print_buffer(const char *column, const gait_decision *decision,
                         gait_status (*ask)(const gait_decision *, gait_buffer **, gait_error **)) {
    gait_buffer *buffer = NULL;
    gait_bytes bytes;
    need(ask(decision, &buffer, NULL), column);
    need(gait_buffer_bytes(buffer, &bytes), column);
    print_bytes(column, bytes.data, bytes.len);
    need(gait_buffer_free(buffer), column);
}

static void print_decision(const gait_decision *decision) {
    gait_verdict verdict;
    int32_t exit_code;
    int64_t approvals;
    need(gait_decision_verdict(decision, &verdict), "verdict");
    print_str("verdict", gait_verdict_name(verdict));
    need(gait_decision_exit_code(decision, &exit_code), "exit");
    printf("exit\t%" PRId32 "\n", exit_code);
    print_list("reason_codes", decision, gait_decision_reason_code_count, gait_decision_reason_code);
    print_list("violations", decision, gait_decision_violation_count, gait_decision_violation);
    print_text("matched_rule", decision, gait_decision_matched_rule);
    print_digest("policy_digest", decision, gait_decision_policy_digest);
    print_digest("intent_digest", decision, gait_decision_intent_digest);
    print_digest("prepared_intent_digest", decision, gait_decision_prepared_intent_digest);
    print_digest("args_digest", decision, gait_decision_args_digest);
    print_digest("script_hash", decision, gait_decision_script_hash);
    need(gait_decision_min_approvals(decision, &approvals), "min_approvals");
    printf("min_approvals\t%" PRId64 "\n", approvals);
    print_flag("require_distinct_approvers", decision, gait_decision_require_distinct_approvers);
    print_flag("require_broker_credential", decision, gait_decision_require_broker_credential);
    print_text("broker_reference", decision, gait_decision_broker_reference);
    print_list("broker_scopes", decision, gait_decision_broker_scope_count, gait_decision_broker_scope);
    print_flag("require_delegation", decision, gait_decision_require_delegation);
    print_list("required_delegation_scopes", decision, gait_decision_delegation_scope_count,
               gait_decision_delegation_scope);
    print_limit("rate_limit", decision, gait_decision_rate_limit);
    print_limit("destructive_budget", decision, gait_decision_destructive_budget);
    print_flag("dataflow_triggered", decision, gait_decision_dataflow_triggered);
    print_text("composite_risk_class", decision, gait_decision_composite_risk_class);
    print_text("freeze_window_status", decision, gait_decision_freeze_window_status);
    print_text("sandbox_status", decision, gait_decision_sandbox_status);
    print_buffer("step_verdicts", decision, gait_decision_step_verdicts);
    print_buffer("json", decision, gait_decision_to_json);
}

static void print_error(const char *class, gait_status status, gait_error *error) {
    gait_str code;
    need(gait_error_code(error, &code), "code");
    printf("error\t%s\nexit\t%" PRId32 "\n", class, gait_status_exit_code(status));
    print_str("error_code", code);
    need(gait_error_free(error), "error");
}

static void replay(const char *policy_text, size_t policy_len, const char *intent_text, size_t intent_len) {
    const gait_time now = {1772366400, 0};
    gait_inputs inputs = {.size = sizeof inputs, .now = &now};
    gait_policy *policy = NULL;
    gait_intent *intent = NULL;
    gait_decision *decision = NULL;
    gait_error *error = NULL;
    gait_status status = gait_policy_parse(policy_text, policy_len, GAIT_MODE_COMPAT, &policy, &error);
    if (status != GAIT_STATUS_OK) {
        print_error("policy", status, error);
        return;
    }
    status = gait_intent_parse(intent_text, intent_len, GAIT_MODE_COMPAT, &intent, &error);
    if (status == GAIT_STATUS_OK) {
        need(gait_policy_evaluate_intent(policy, intent, &inputs, &decision, NULL), "evaluate");
        print_decision(decision);
    } else {
        gait_digest digest;
        print_error("intent", status, error);
        need(gait_policy_digest(policy, &digest), "policy_digest");
        print_bytes("policy_digest", digest.hex, strlen(digest.hex));
        if (gait_policy_evaluate(policy, intent_text, intent_len, &inputs, &decision, NULL) !=
                GAIT_STATUS_INVALID_INPUT ||
            decision != NULL) {
            print_bytes("unexpected", "a decision about an invalid intent", 34);
        }
        if (gait_policy_evaluate_request(policy, intent_text, intent_len, &inputs, &decision, NULL) == GAIT_STATUS_OK) {
            gait_verdict verdict;
            need(gait_decision_verdict(decision, &verdict), "verdict");
            print_str("library_verdict", gait_verdict_name(verdict));
            print_list("library_reason_codes", decision, gait_decision_reason_code_count, gait_decision_reason_code);
            print_list("library_violations", decision, gait_decision_violation_count, gait_decision_violation);
        }
    }
    need(gait_decision_free(decision), "decision");
    need(gait_intent_free(intent), "intent");
    need(gait_policy_free(policy), "policy");
}

int main(void) {
    size_t policy_len, intent_len;
    while (scanf("%zu %zu", &policy_len, &intent_len) == 2) {
        char *policy = malloc(policy_len + 1), *intent = malloc(intent_len + 1);
        if (policy == NULL || intent == NULL || getchar() != '\n' ||
            fread(policy, 1, policy_len, stdin) != policy_len || fread(intent, 1, intent_len, stdin) != intent_len) {
            fputs("the input ends within a row\n", stderr);
            return EXIT_FAILURE;
        }
        replay(policy, policy_len, intent, intent_len);
        puts("end");
        free(policy);
        free(intent);
    }
    return gait_live_handles() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
