// Prints what the library says about rows of golden cases, for suite.py to compare. Rows and answers are those of
// tests/c/replay.c.
#include <cstdlib>
#include <iostream>
#include <string>

#include <gait.hpp>

namespace {

void print(std::string_view column, std::string_view value) {
    std::cout << column << '\t';
    for (const char letter : value) {
        switch (letter) {
        case '\\':
            std::cout << "\\\\";
            break;
        case '\t':
            std::cout << "\\t";
            break;
        case '\n':
            std::cout << "\\n";
            break;
        case '\r':
            std::cout << "\\r";
            break;
        default:
            std::cout << letter;
        }
    }
    std::cout << '\n';
}

void print(std::string_view column, bool value) { print(column, std::string_view(value ? "true" : "false")); }

void print(std::string_view column, std::int64_t value) { print(column, std::string_view(std::to_string(value))); }

void print(std::string_view column, const std::vector<std::string_view> &values) {
    for (const std::string_view value : values) {
        print(column, value);
    }
}

void print(std::string_view column, const std::optional<gait::Limit> &limit) {
    if (limit) {
        std::cout << column << '\t' << limit->requests << ' ' << limit->window << ' ' << limit->scope << '\n';
    }
}

void print(const gait::Decision &decision) {
    print("verdict", decision.verdict_name());
    print("exit", std::int64_t{decision.exit_code()});
    print("reason_codes", decision.reason_codes());
    print("violations", decision.violations());
    print("matched_rule", decision.matched_rule());
    print("policy_digest", std::string_view(decision.policy_digest()));
    print("intent_digest", std::string_view(decision.intent_digest()));
    print("prepared_intent_digest", std::string_view(decision.prepared_intent_digest()));
    print("args_digest", std::string_view(decision.args_digest()));
    print("script_hash", std::string_view(decision.script_hash()));
    print("min_approvals", decision.min_approvals());
    print("require_distinct_approvers", decision.require_distinct_approvers());
    print("require_broker_credential", decision.require_broker_credential());
    print("broker_reference", decision.broker_reference());
    print("broker_scopes", decision.broker_scopes());
    print("require_delegation", decision.require_delegation());
    print("required_delegation_scopes", decision.delegation_scopes());
    print("rate_limit", decision.rate_limit());
    print("destructive_budget", decision.destructive_budget());
    print("dataflow_triggered", decision.dataflow_triggered());
    print("composite_risk_class", decision.composite_risk_class());
    print("freeze_window_status", decision.freeze_window_status());
    print("sandbox_status", decision.sandbox_status());
    print("step_verdicts", decision.step_verdicts().view());
    print("json", decision.to_json().view());
}

void print(std::string_view kind, const gait::Error &error) {
    print("error", kind);
    print("exit", std::int64_t{gait_status_exit_code(error.status())});
    print("error_code", std::string_view(error.code()));
}

std::optional<gait::Intent> read(const std::string &text) {
    try {
        return gait::Intent(text, gait::Mode::compat);
    } catch (const gait::Error &error) {
        print("intent", error);
        return std::nullopt;
    }
}

void replay(const std::string &policy_text, const std::string &intent_text) try {
    const gait::Time now(gait_time{1772366400, 0});
    const auto inputs = gait::Inputs().at(now);
    const gait::Policy policy(policy_text, gait::Mode::compat);
    if (const auto intent = read(intent_text)) {
        print(policy.evaluate(*intent, inputs));
        return;
    }
    print("policy_digest", std::string_view(policy.digest()));
    try {
        const gait::Decision decision = policy.evaluate_request(intent_text, inputs);
        print("library_verdict", decision.verdict_name());
        print("library_reason_codes", decision.reason_codes());
        print("library_violations", decision.violations());
    } catch (const gait::Error &) {
        // The policy does not fail closed for it: there is no decision, and nothing to print.
    }
} catch (const gait::Error &error) {
    print("policy", error);
}

} // namespace

int main() {
    std::size_t policy_len = 0;
    std::size_t intent_len = 0;
    while (std::cin >> policy_len >> intent_len) {
        std::string policy(policy_len, '\0');
        std::string intent(intent_len, '\0');
        if (std::cin.get() != '\n' || !std::cin.read(policy.data(), static_cast<std::streamsize>(policy_len)) ||
            !std::cin.read(intent.data(), static_cast<std::streamsize>(intent_len))) {
            std::cerr << "the input ends within a row\n";
            return EXIT_FAILURE;
        }
        replay(policy, intent);
        std::cout << "end\n";
    }
    return gait_live_handles() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
