/** Decisions. Included by gait.hpp. */
#ifndef GAIT_DECISION_HPP
#define GAIT_DECISION_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value.hpp"

namespace gait {

/** The answer; only `allow` lets the tool run, the greater is the stricter. */
enum class Verdict : std::uint32_t {
    allow = GAIT_VERDICT_ALLOW,
    dry_run = GAIT_VERDICT_DRY_RUN,
    require_approval = GAIT_VERDICT_REQUIRE_APPROVAL,
    block = GAIT_VERDICT_BLOCK,
};

/** How many requests in a window. */
struct Limit {
    std::int64_t requests;
    std::string_view window;
    std::string_view scope;
};

/** How far a limit is used. */
struct Usage {
    bool allowed;
    std::int64_t used;
    std::int64_t remaining;
    std::string_view scope;
    std::string_view key;
};

/** What is told of a credential that a broker issued: never the credential itself. */
struct Credential {
    std::string_view issuer;
    std::string_view source;
    std::string_view access_type;
    std::string_view reference;
    std::int64_t ttl_seconds;
};

/** The answer of a policy or gate. */
class Decision {
  public:
    Verdict verdict() const { return static_cast<Verdict>(detail::ask(gait_decision_verdict, get())); }
    std::string_view verdict_name() const {
        return detail::view(gait_verdict_name(detail::ask(gait_decision_verdict, get())));
    }
    /** Whether the tool may run. */
    bool allowed() const { return verdict() == Verdict::allow; }
    /** 0 for allow and dry run, 3 for block, 4 for a missing approval. */
    std::int32_t exit_code() const { return detail::ask(gait_decision_exit_code, get()); }
    std::vector<std::string_view> reason_codes() const {
        return detail::list(gait_decision_reason_code_count, gait_decision_reason_code, get());
    }
    std::vector<std::string_view> violations() const {
        return detail::list(gait_decision_violation_count, gait_decision_violation, get());
    }
    /** Names of the rules that matched; empty when the default verdict decided. */
    std::string_view matched_rule() const { return text(gait_decision_matched_rule); }
    /** The creation time that the intent gives, never the clock. */
    Time created_at() const { return Time(detail::ask(gait_decision_created_at, get())); }
    /** Whether the intent could be evaluated at all. */
    bool evaluable() const { return detail::ask(gait_decision_evaluable, get()); }
    /** What in the intent was not kept exactly; empty in strict mode. */
    std::vector<gait_notice> notices() const {
        std::vector<gait_notice> notices(detail::ask(gait_decision_notice_count, get()));
        for (std::size_t index = 0; index < notices.size(); ++index) {
            detail::check(gait_decision_notice(get(), index, &notices[index]));
        }
        return notices;
    }

    std::string policy_digest() const { return digest(gait_decision_policy_digest); }
    /** Digest of the intent as it was given. */
    std::string intent_digest() const { return digest(gait_decision_intent_digest); }
    /** Digest of the intent as it was judged: what traces carry and tokens are bound to. */
    std::string prepared_intent_digest() const { return digest(gait_decision_prepared_intent_digest); }
    std::string args_digest() const { return digest(gait_decision_args_digest); }
    /** Digest of a script's steps; empty for a single tool call. */
    std::string script_hash() const { return digest(gait_decision_script_hash); }

    std::int64_t min_approvals() const { return detail::ask(gait_decision_min_approvals, get()); }
    bool require_distinct_approvers() const { return detail::ask(gait_decision_require_distinct_approvers, get()); }
    bool require_broker_credential() const { return detail::ask(gait_decision_require_broker_credential, get()); }
    std::string_view broker_reference() const { return text(gait_decision_broker_reference); }
    std::vector<std::string_view> broker_scopes() const {
        return detail::list(gait_decision_broker_scope_count, gait_decision_broker_scope, get());
    }
    bool require_delegation() const { return detail::ask(gait_decision_require_delegation, get()); }
    std::vector<std::string_view> delegation_scopes() const {
        return detail::list(gait_decision_delegation_scope_count, gait_decision_delegation_scope, get());
    }
    std::optional<Limit> rate_limit() const { return limit(gait_decision_rate_limit); }
    std::optional<Limit> destructive_budget() const { return limit(gait_decision_destructive_budget); }

    bool dataflow_triggered() const { return detail::ask(gait_decision_dataflow_triggered, get()); }
    std::string_view context_source() const { return text(gait_decision_context_source); }
    std::string_view freeze_window_status() const { return text(gait_decision_freeze_window_status); }
    std::string_view sandbox_status() const { return text(gait_decision_sandbox_status); }
    std::string_view kill_switch_status() const { return text(gait_decision_kill_switch_status); }
    std::string_view composite_risk_class() const { return text(gait_decision_composite_risk_class); }
    std::size_t step_count() const { return detail::ask(gait_decision_step_count, get()); }
    /** The answer for each step of a script, as a JSON list. */
    Buffer step_verdicts() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_decision_step_verdicts(get(), out, error); });
    }
    /** What the decision asks of approvers, as a JSON document; nothing when it waits for no approval. */
    std::optional<Buffer> approval_request() const {
        Buffer request = detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_decision_approval_request(get(), out, error); });
        return request.get() == nullptr ? std::nullopt : std::optional<Buffer>(std::move(request));
    }
    /** Ids of the approvals that were accepted, joined by commas. */
    std::string_view approval_ref() const { return text(gait_decision_approval_ref); }
    std::int64_t required_approvals() const { return detail::ask(gait_decision_required_approvals, get()); }
    std::int64_t valid_approvals() const { return detail::ask(gait_decision_valid_approvals, get()); }
    /** What became of each approval, as a JSON list. */
    Buffer approvals() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_decision_approvals(get(), out, error); });
    }
    /** Ids of the delegation tokens that were accepted, joined by commas. */
    std::string_view delegation_ref() const { return text(gait_decision_delegation_ref); }
    std::int64_t valid_delegations() const { return detail::ask(gait_decision_valid_delegations, get()); }
    /** What became of each link and each delegation token, as a JSON list. */
    Buffer delegations() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_decision_delegations(get(), out, error); });
    }
    std::optional<Usage> rate_limit_usage() const { return usage(gait_decision_rate_limit_usage); }
    std::optional<Usage> destructive_budget_usage() const { return usage(gait_decision_destructive_budget_usage); }
    /** The credential that a broker issued, accepted or not. */
    std::optional<Credential> credential() const {
        const gait_credential found = detail::ask(gait_decision_credential, get());
        if (!found.issued) {
            return std::nullopt;
        }
        return Credential{detail::view(found.issuer), detail::view(found.source), detail::view(found.access_type),
                          detail::view(found.reference), found.ttl_seconds};
    }
    /** Whether an approved script let it pass. */
    bool pre_approved() const { return detail::ask(gait_decision_pre_approved, get()); }
    std::string_view pattern_id() const { return text(gait_decision_pattern_id); }
    std::string_view registry_reason() const { return text(gait_decision_registry_reason); }
    /** The verdict without simulation; nothing when the gate does not simulate. */
    std::optional<Verdict> simulated_verdict() const {
        if (!detail::ask(gait_decision_simulated, get())) {
            return std::nullopt;
        }
        return static_cast<Verdict>(detail::ask(gait_decision_simulated_verdict, get()));
    }
    std::vector<std::string_view> simulated_reason_codes() const {
        return detail::list(gait_decision_simulated_reason_code_count, gait_decision_simulated_reason_code, get());
    }
    bool would_have_blocked() const { return detail::ask(gait_decision_would_have_blocked, get()); }

    /** All of it as a JSON object. */
    Buffer to_json() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_decision_to_json(get(), out, error); });
    }
    const gait_decision *get() const noexcept { return handle_.get(); }

  private:
    friend class Policy;
    friend class Gate;
    Decision() = default;

    std::string_view text(gait_status (*question)(const gait_decision *, gait_str *)) const {
        return detail::view(detail::ask(question, get()));
    }
    std::string digest(gait_status (*question)(const gait_decision *, gait_digest *)) const {
        return detail::hex(detail::ask(question, get()));
    }
    std::optional<Limit> limit(gait_status (*question)(const gait_decision *, gait_limit *)) const {
        const gait_limit found = detail::ask(question, get());
        if (found.requests == 0) {
            return std::nullopt;
        }
        return Limit{found.requests, detail::view(found.window), detail::view(found.scope)};
    }

    std::optional<Usage> usage(gait_status (*question)(const gait_decision *, gait_usage *)) const {
        const gait_usage found = detail::ask(question, get());
        if (!found.counted) {
            return std::nullopt;
        }
        return Usage{found.allowed, found.used, found.remaining, detail::view(found.scope), detail::view(found.key)};
    }

    detail::Handle<gait_decision, gait_decision_free> handle_;
};

} // namespace gait

#endif // GAIT_DECISION_HPP
