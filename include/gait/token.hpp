/** Approvals and delegations. Included by gait.hpp. */
#ifndef GAIT_TOKEN_HPP
#define GAIT_TOKEN_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "key.hpp"
#include "value.hpp"

namespace gait {

namespace detail {

inline std::vector<gait_str> strs(const std::vector<std::string_view> &texts) {
    std::vector<gait_str> views;
    views.reserve(texts.size());
    for (const std::string_view text : texts) {
        views.push_back(str(text));
    }
    return views;
}

} // namespace detail

/** What an approver adds to a request. */
struct ApprovalTerms {
    /** Who approves. */
    std::string_view approver;
    /** Why. */
    std::string_view reason;
    /** How long the approval lasts. */
    std::chrono::nanoseconds ttl{};
    /** The most targets; 0 is no limit. */
    std::int64_t max_targets = 0;
    /** The most operations; 0 is no limit. */
    std::int64_t max_ops = 0;
    /** When it begins; the system clock's unless set. */
    std::optional<Time> now{};
};

/** What a token is held against; what is empty is not compared. */
struct ApprovalExpectation {
    /** The moment; the system clock's unless set. */
    std::optional<Time> now;
    std::string_view intent_digest;
    std::string_view policy_digest;
    std::string_view delegation_binding_digest;
    /** What it must let pass: all of these. */
    std::vector<std::string_view> scope;
    /** How many targets it must let pass. */
    std::size_t targets = 0;
    /** How many operations it must let pass. */
    std::size_t ops = 0;
};

/** A signed approval of one intent under one policy. */
class ApprovalToken {
  public:
    /** Reads a token file; nothing is verified yet. */
    explicit ApprovalToken(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_approval_token_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode), handle_.out(),
                                             error);
        });
    }
    /** The token as it stands in its file. */
    Buffer to_json() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_approval_token_to_json(get(), out, error); });
    }
    std::string_view id() const { return detail::view(detail::ask(gait_approval_token_id, get())); }
    /** Who approves, as the token claims. */
    std::string_view approver() const { return detail::view(detail::ask(gait_approval_token_approver, get())); }
    Time expires_at() const { return Time(detail::ask(gait_approval_token_expires_at, get())); }
    /** Throws unless the token counts; the code of the error is the one that a decision would give, such as
     * `approval_token_expired`. */
    void verify(const TrustedKeys &keys, const ApprovalExpectation &expected = {}) const {
        const std::vector<gait_str> scope = detail::strs(expected.scope);
        gait_approval_expectation given{};
        given.size = sizeof given;
        given.now = expected.now ? expected.now->get() : nullptr;
        given.scope = scope.data();
        given.scope_count = scope.size();
        given.intent_digest = detail::str(expected.intent_digest);
        given.policy_digest = detail::str(expected.policy_digest);
        given.delegation_binding_digest = detail::str(expected.delegation_binding_digest);
        given.targets = expected.targets;
        given.ops = expected.ops;
        detail::checked(
            [&](gait_error **error) { return gait_approval_token_verify(get(), keys.get(), &given, error); });
    }
    const gait_approval_token *get() const noexcept { return handle_.get(); }

  private:
    friend ApprovalToken approve(std::string_view request, const SigningKey &key, const ApprovalTerms &terms,
                                 Mode mode);
    ApprovalToken() = default;

    detail::Handle<gait_approval_token, gait_approval_token_free> handle_;
};

/** Grants a request, as Decision::approval_request gives it: a token that lets exactly its intent pass. */
inline ApprovalToken approve(std::string_view request, const SigningKey &key, const ApprovalTerms &terms,
                             Mode mode = Mode::strict) {
    gait_approval_terms given{};
    given.size = sizeof given;
    given.approver = detail::str(terms.approver);
    given.reason = detail::str(terms.reason);
    given.ttl_nanos = terms.ttl.count();
    given.max_targets = terms.max_targets;
    given.max_ops = terms.max_ops;
    given.now = terms.now ? terms.now->get() : nullptr;
    ApprovalToken token;
    detail::checked([&](gait_error **error) {
        return gait_approve(request.data(), request.size(), static_cast<std::uint32_t>(mode), key.get(), &given,
                            token.handle_.out(), error);
    });
    return token;
}

/** What a delegation token is to say. */
struct DelegationTerms {
    /** Who delegates. */
    std::string_view delegator;
    /** To whom. */
    std::string_view delegate;
    /** What is delegated; `*` is everything. */
    std::vector<std::string_view> scope;
    /** How long it lasts. */
    std::chrono::nanoseconds ttl{};
    /** Class of what is delegated; may be empty. */
    std::string_view scope_class{};
    /** The one intent it is for; may be empty. */
    std::string_view intent_digest{};
    /** The one policy it is for; may be empty. */
    std::string_view policy_digest{};
    /** When it begins; the system clock's unless set. */
    std::optional<Time> now{};
};

/** What a token is held against; what is empty is not compared. */
struct DelegationExpectation {
    /** The moment; the system clock's unless set. */
    std::optional<Time> now;
    std::string_view delegator;
    std::string_view delegate;
    /** Of what it must delegate one. */
    std::vector<std::string_view> scope;
    std::string_view intent_digest;
    std::string_view policy_digest;
};

/** A signed hand-over of authority. */
class DelegationToken {
  public:
    /** Reads a token file; nothing is verified yet. */
    explicit DelegationToken(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_delegation_token_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode),
                                               handle_.out(), error);
        });
    }
    /** The token as it stands in its file. */
    Buffer to_json() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_delegation_token_to_json(get(), out, error); });
    }
    std::string_view id() const { return detail::view(detail::ask(gait_delegation_token_id, get())); }
    /** Who delegates, as the token claims. */
    std::string_view delegator() const { return detail::view(detail::ask(gait_delegation_token_delegator, get())); }
    /** To whom, as the token claims. */
    std::string_view delegate() const { return detail::view(detail::ask(gait_delegation_token_delegate, get())); }
    Time expires_at() const { return Time(detail::ask(gait_delegation_token_expires_at, get())); }
    /** Throws unless the token counts; the code of the error is the one that a decision would give, such as
     * `delegation_token_expired`. */
    void verify(const TrustedKeys &keys, const DelegationExpectation &expected = {}) const {
        const std::vector<gait_str> scope = detail::strs(expected.scope);
        gait_delegation_expectation given{};
        given.size = sizeof given;
        given.now = expected.now ? expected.now->get() : nullptr;
        given.scope = scope.data();
        given.scope_count = scope.size();
        given.delegator = detail::str(expected.delegator);
        given.delegate = detail::str(expected.delegate);
        given.intent_digest = detail::str(expected.intent_digest);
        given.policy_digest = detail::str(expected.policy_digest);
        detail::checked(
            [&](gait_error **error) { return gait_delegation_token_verify(get(), keys.get(), &given, error); });
    }
    const gait_delegation_token *get() const noexcept { return handle_.get(); }

  private:
    friend DelegationToken delegate(const SigningKey &key, const DelegationTerms &terms);
    DelegationToken() = default;

    detail::Handle<gait_delegation_token, gait_delegation_token_free> handle_;
};

/** Makes and signs a delegation token. */
inline DelegationToken delegate(const SigningKey &key, const DelegationTerms &terms) {
    const std::vector<gait_str> scope = detail::strs(terms.scope);
    gait_delegation_terms given{};
    given.size = sizeof given;
    given.delegator = detail::str(terms.delegator);
    given.delegate = detail::str(terms.delegate);
    given.scope = scope.data();
    given.scope_count = scope.size();
    given.scope_class = detail::str(terms.scope_class);
    given.intent_digest = detail::str(terms.intent_digest);
    given.policy_digest = detail::str(terms.policy_digest);
    given.ttl_nanos = terms.ttl.count();
    given.now = terms.now ? terms.now->get() : nullptr;
    DelegationToken token;
    detail::checked([&](gait_error **error) { return gait_delegate(key.get(), &given, token.handle_.out(), error); });
    return token;
}

} // namespace gait

#endif // GAIT_TOKEN_HPP
