/**
 * libgait for C++17: the C interface of gait.h with owners, exceptions and string views.
 *
 * Every object owns one handle, can be moved and not copied, and is freed when it goes. Objects never change once they
 * exist: all threads may use one at the same time. Texts come back as std::string_view and live as long as the object
 * they were asked of. What fails throws gait::Error.
 *
 *     gait::Policy policy{text};
 *     gait::Gate gate{policy};
 *     gait::Decision decision = gate.evaluate(intent_json);
 *     if (decision.allowed()) { ... }
 */
#ifndef GAIT_HPP
#define GAIT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gait.h"

namespace gait {

/** How closely input is looked at. */
enum class Mode : std::uint32_t {
    /** Refuse what is unknown, ambiguous or cannot be kept exactly. */
    strict = GAIT_MODE_STRICT,
    /** Give the reference tool's answers, leniencies included. */
    compat = GAIT_MODE_COMPAT,
};

/** The answer; only `allow` lets the tool run, the greater is the stricter. */
enum class Verdict : std::uint32_t {
    allow = GAIT_VERDICT_ALLOW,
    dry_run = GAIT_VERDICT_DRY_RUN,
    require_approval = GAIT_VERDICT_REQUIRE_APPROVAL,
    block = GAIT_VERDICT_BLOCK,
};

namespace detail {

inline std::string_view view(gait_str text) noexcept { return {text.data, text.len}; }

inline std::string_view view(gait_bytes bytes) noexcept { return {static_cast<const char *>(bytes.data), bytes.len}; }

inline gait_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline std::string hex(const gait_digest &digest) { return std::string(digest.hex); }

/** Owns a handle of the C interface. */
template <typename T, gait_status (*Free)(T *)> class Handle {
  public:
    Handle() noexcept = default;
    Handle(Handle &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Handle &operator=(Handle &&other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    ~Handle() { reset(); }

    /** The handle, which stays owned by this object. */
    T *get() const noexcept { return handle_; }
    /** Where a function of the C interface may put a handle. */
    T **out() noexcept {
        reset();
        return &handle_;
    }
    /** Takes over a handle. */
    void adopt(T *handle) noexcept {
        reset();
        handle_ = handle;
    }

  private:
    void reset() noexcept { static_cast<void>(Free(std::exchange(handle_, nullptr))); }

    T *handle_ = nullptr;
};

} // namespace detail

/** Why a call failed. */
class Error : public std::exception {
  public:
    /** Takes what an error says; the handle stays the caller's. */
    Error(gait_status status, const gait_error *error) : status_(status) {
        gait_str text{};
        if (gait_error_message(error, &text) == GAIT_STATUS_OK) {
            message_ = detail::view(text);
        }
        if (gait_error_code(error, &text) == GAIT_STATUS_OK) {
            code_ = detail::view(text);
        }
        if (gait_error_category(error, &text) == GAIT_STATUS_OK) {
            category_ = detail::view(text);
        }
        if (gait_error_member(error, &text) == GAIT_STATUS_OK) {
            member_ = detail::view(text);
        }
        static_cast<void>(gait_error_retryable(error, &retryable_));
        static_cast<void>(gait_error_place(error, &place_));
        if (code_.empty()) {
            code_ = detail::view(gait_status_name(status));
            message_ = code_;
        }
    }

    /** What went wrong, for a person. */
    const char *what() const noexcept override { return message_.c_str(); }
    /** What the C function returned. */
    gait_status status() const noexcept { return status_; }
    /** Stable name of this very failure, such as `intent_missing_field`. */
    const std::string &code() const noexcept { return code_; }
    /** Kind of failure, such as `invalid_input`. */
    const std::string &category() const noexcept { return category_; }
    /** Member of the document it is about, such as `targets[0].kind`; may be empty. */
    const std::string &member() const noexcept { return member_; }
    /** Whether the same call may succeed later. */
    bool retryable() const noexcept { return retryable_; }
    /** Where in the input, in bytes. */
    std::optional<std::size_t> offset() const noexcept {
        return place_.offset == SIZE_MAX ? std::nullopt : std::optional<std::size_t>(place_.offset);
    }
    /** Line from 1; 0 when unknown. */
    std::uint32_t line() const noexcept { return place_.line; }
    /** Column from 1; 0 when unknown. */
    std::uint32_t column() const noexcept { return place_.column; }

  private:
    gait_status status_;
    std::string message_;
    std::string code_;
    std::string category_;
    std::string member_;
    bool retryable_ = false;
    gait_place place_ = {SIZE_MAX, 0, 0};
};

namespace detail {

using ErrorHandle = Handle<gait_error, gait_error_free>;

/** Throws unless the status is OK. */
inline void check(gait_status status) {
    if (status != GAIT_STATUS_OK) {
        throw Error(status, nullptr);
    }
}

/** Calls `call` with a place for an error and throws that. */
template <typename Call> void checked(Call call) {
    ErrorHandle error;
    const gait_status status = call(error.out());
    if (status != GAIT_STATUS_OK) {
        throw Error(status, error.get());
    }
}

/** Asks something of a handle. */
template <typename Answer, typename T> Answer ask(gait_status (*question)(const T *, Answer *), const T *handle) {
    Answer answer{};
    check(question(handle, &answer));
    return answer;
}

/** Asks for all items of a list. */
template <typename T>
std::vector<std::string_view> list(gait_status (*count)(const T *, std::size_t *),
                                   gait_status (*item)(const T *, std::size_t, gait_str *), const T *handle) {
    std::vector<std::string_view> items(ask(count, handle));
    for (std::size_t index = 0; index < items.size(); ++index) {
        gait_str text{};
        check(item(handle, index, &text));
        items[index] = view(text);
    }
    return items;
}

} // namespace detail

/** The version of the library, such as `0.1.0`. */
inline std::string_view version() noexcept { return detail::view(gait_version()); }

/** Whether the loaded library fits this header. */
inline bool abi_fits() noexcept {
    constexpr std::uint32_t ours = GAIT_ABI_VERSION;
    const std::uint32_t theirs = gait_abi_version();
    return ours >> 16 == 0 ? theirs == ours : theirs >> 16 == ours >> 16 && theirs >= ours;
}

/** An instant, in UTC. */
class Time {
  public:
    explicit Time(gait_time time) noexcept : time_(time) {}
    /** Reads RFC 3339. */
    explicit Time(std::string_view text) {
        detail::checked([&](gait_error **error) { return gait_time_parse(text.data(), text.size(), &time_, error); });
    }
    /** The time now by the system's clock. */
    static Time now() {
        gait_time time{};
        detail::check(gait_time_now(&time));
        return Time(time);
    }
    const gait_time *get() const noexcept { return &time_; }

  private:
    gait_time time_{};
};

/** Bytes that a call made. */
class Buffer {
  public:
    std::string_view view() const { return detail::view(detail::ask(gait_buffer_bytes, handle_.get())); }
    std::string str() const { return std::string(view()); }
    gait_buffer **out() noexcept { return handle_.out(); }

  private:
    detail::Handle<gait_buffer, gait_buffer_free> handle_;
};

namespace detail {

/** Calls `call` with a place for a buffer and one for an error. */
template <typename Call> Buffer buffer(Call call) {
    Buffer made;
    checked([&](gait_error **error) { return call(made.out(), error); });
    return made;
}

} // namespace detail

/** The canonical form (RFC 8785) of a JSON text. */
inline Buffer canonicalize(std::string_view json, Mode mode = Mode::strict) {
    return detail::buffer([&](gait_buffer **out, gait_error **error) {
        return gait_canonicalize(json.data(), json.size(), static_cast<std::uint32_t>(mode), out, error);
    });
}

/** The hex digest of the canonical form of a JSON text. */
inline std::string digest_json(std::string_view json, Mode mode = Mode::strict) {
    gait_digest digest{};
    detail::checked([&](gait_error **error) {
        return gait_digest_json(json.data(), json.size(), static_cast<std::uint32_t>(mode), &digest, error);
    });
    return detail::hex(digest);
}

/** The hex SHA-256 digest of bytes. */
inline std::string digest_bytes(std::string_view bytes) {
    gait_digest digest{};
    detail::check(gait_digest_bytes(bytes.data(), bytes.size(), &digest));
    return detail::hex(digest);
}

/** A public key. */
class VerifyingKey {
  public:
    /** Reads the content of a public key file. */
    static VerifyingKey parse(std::string_view text) {
        VerifyingKey key;
        detail::checked([&](gait_error **error) {
            return gait_verifying_key_parse(text.data(), text.size(), key.handle_.out(), error);
        });
        return key;
    }
    static VerifyingKey from_bytes(const std::array<unsigned char, 32> &bytes) {
        VerifyingKey key;
        detail::checked([&](gait_error **error) {
            return gait_verifying_key_from_bytes(bytes.data(), bytes.size(), key.handle_.out(), error);
        });
        return key;
    }
    std::string_view id() const { return detail::view(detail::ask(gait_verifying_key_id, get())); }
    std::string to_base64() const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
                   return gait_verifying_key_to_base64(get(), out, error);
               })
            .str();
    }
    /** Throws unless the signature document is this key's over the JSON text. */
    void verify_json(std::string_view signature, std::string_view json) const {
        detail::checked([&](gait_error **error) {
            return gait_verify_json(get(), signature.data(), signature.size(), json.data(), json.size(), error);
        });
    }
    /** Throws unless the signature document is this key's over the bytes. */
    void verify_bytes(std::string_view signature, std::string_view bytes) const {
        detail::checked([&](gait_error **error) {
            return gait_verify_bytes(get(), signature.data(), signature.size(), bytes.data(), bytes.size(), error);
        });
    }
    /** Throws unless the trace document is signed by this key. */
    void verify_trace(std::string_view trace, Mode mode = Mode::strict) const {
        detail::checked([&](gait_error **error) {
            return gait_trace_verify(trace.data(), trace.size(), static_cast<std::uint32_t>(mode), get(), error);
        });
    }
    const gait_verifying_key *get() const noexcept { return handle_.get(); }

  private:
    friend class SigningKey;
    VerifyingKey() = default;

    detail::Handle<gait_verifying_key, gait_verifying_key_free> handle_;
};

/** A private key. */
class SigningKey {
  public:
    /** Reads the content of a private key file. */
    static SigningKey parse(std::string_view text) {
        SigningKey key;
        detail::checked([&](gait_error **error) {
            return gait_signing_key_parse(text.data(), text.size(), key.handle_.out(), error);
        });
        return key;
    }
    static SigningKey from_seed(const std::array<unsigned char, 32> &seed) {
        SigningKey key;
        detail::checked([&](gait_error **error) {
            return gait_signing_key_from_seed(seed.data(), seed.size(), key.handle_.out(), error);
        });
        return key;
    }
    /** A new key from the operating system's randomness. */
    static SigningKey generate() {
        SigningKey key;
        detail::checked([&](gait_error **error) { return gait_signing_key_generate(key.handle_.out(), error); });
        return key;
    }
    std::string_view id() const { return detail::view(detail::ask(gait_signing_key_id, get())); }
    VerifyingKey verifying_key() const {
        VerifyingKey key;
        detail::checked(
            [&](gait_error **error) { return gait_signing_key_verifying_key(get(), key.handle_.out(), error); });
        return key;
    }
    /** The text of the private key; the buffer is wiped when it goes. */
    Buffer to_base64() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_signing_key_to_base64(get(), out, error); });
    }
    /** A signature document over the canonical form of a JSON text. */
    Buffer sign_json(std::string_view json) const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_sign_json(get(), json.data(), json.size(), out, error);
        });
    }
    /** A signature document over bytes as they are. */
    Buffer sign_bytes(std::string_view bytes) const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_sign_bytes(get(), bytes.data(), bytes.size(), out, error);
        });
    }
    const gait_signing_key *get() const noexcept { return handle_.get(); }

  private:
    SigningKey() = default;

    detail::Handle<gait_signing_key, gait_signing_key_free> handle_;
};

/** The state of a kill switch. */
class KillSwitch {
  public:
    explicit KillSwitch(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_kill_switch_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode), handle_.out(),
                                          error);
        });
    }
    const gait_kill_switch *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_kill_switch, gait_kill_switch_free> handle_;
};

/** Verified context evidence. */
class ContextEnvelope {
  public:
    explicit ContextEnvelope(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_context_envelope_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode),
                                               handle_.out(), error);
        });
    }
    const gait_context_envelope *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_context_envelope, gait_context_envelope_free> handle_;
};

/** What is known about tools. */
class Inventory {
  public:
    /** `source` is the label that decisions name it by, such as its path. */
    explicit Inventory(std::string_view json, std::string_view source = {}, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_inventory_parse(json.data(), json.size(), source.data(), source.size(),
                                        static_cast<std::uint32_t>(mode), handle_.out(), error);
        });
    }
    const gait_inventory *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_inventory, gait_inventory_free> handle_;
};

/** What a decision depends on besides policy and intent; what it names must live as long as it does. */
class Inputs {
  public:
    Inputs() noexcept { inputs_.size = sizeof inputs_; }
    /** The moment to decide for; the system clock's unless set. */
    Inputs &at(const Time &now) noexcept {
        inputs_.now = now.get();
        return *this;
    }
    Inputs &with(const KillSwitch &kill_switch) noexcept {
        inputs_.kill_switch = kill_switch.get();
        return *this;
    }
    Inputs &with(const ContextEnvelope &envelope) noexcept {
        inputs_.context_envelope = envelope.get();
        return *this;
    }
    Inputs &with(const Inventory &inventory) noexcept {
        inputs_.inventory = inventory.get();
        return *this;
    }
    /** A kill switch is required and could not be read: everything is blocked. */
    Inputs &kill_switch_unavailable() noexcept {
        inputs_.flags |= GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE;
        return *this;
    }
    const gait_inputs *get() const noexcept { return &inputs_; }

  private:
    gait_inputs inputs_{};
};

/** A proposed tool call or script, in normal form. */
class Intent {
  public:
    explicit Intent(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_intent_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode), handle_.out(), error);
        });
    }
    std::string_view tool_name() const { return detail::view(detail::ask(gait_intent_tool_name, get())); }
    std::string digest() const { return detail::hex(detail::ask(gait_intent_digest, get())); }
    std::string args_digest() const { return detail::hex(detail::ask(gait_intent_args_digest, get())); }
    /** Digest of a script's steps; empty for a single tool call. */
    std::string script_hash() const { return detail::hex(detail::ask(gait_intent_script_hash, get())); }
    /** The canonical text that `digest` is the digest of. */
    Buffer canonical() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_intent_canonical(get(), out, error); });
    }
    /** What was not kept exactly; empty in strict mode. */
    std::vector<gait_notice> notices() const {
        std::vector<gait_notice> notices(detail::ask(gait_intent_notice_count, get()));
        for (std::size_t index = 0; index < notices.size(); ++index) {
            detail::check(gait_intent_notice(get(), index, &notices[index]));
        }
        return notices;
    }
    const gait_intent *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_intent, gait_intent_free> handle_;
};

/** How many requests in a window. */
struct Limit {
    std::int64_t requests;
    std::string_view window;
    std::string_view scope;
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

    detail::Handle<gait_decision, gait_decision_free> handle_;
};

/** A compiled policy. */
class Policy {
  public:
    /** Reads YAML or JSON; the mode also holds for the intents that the policy judges. */
    explicit Policy(std::string_view text, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_policy_parse(text.data(), text.size(), static_cast<std::uint32_t>(mode), handle_.out(), error);
        });
    }
    std::string digest() const { return detail::hex(detail::ask(gait_policy_digest, get())); }
    std::size_t rule_count() const { return detail::ask(gait_policy_rule_count, get()); }
    /** What probably does not do what its author thinks, as a JSON list. */
    Buffer lint() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_policy_lint(get(), out, error); });
    }
    /** Decides about an intent in JSON by policy and inputs alone: no limit is counted. */
    Decision evaluate(std::string_view intent, const Inputs &inputs = Inputs()) const {
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_policy_evaluate(get(), intent.data(), intent.size(), inputs.get(), decision.handle_.out(),
                                        error);
        });
        return decision;
    }
    /** As evaluate, but an intent that cannot be used is a block where the policy fails closed for its risk class. */
    Decision evaluate_request(std::string_view intent, const Inputs &inputs = Inputs()) const {
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_policy_evaluate_request(get(), intent.data(), intent.size(), inputs.get(),
                                                decision.handle_.out(), error);
        });
        return decision;
    }
    Decision evaluate(const Intent &intent, const Inputs &inputs = Inputs()) const {
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_policy_evaluate_intent(get(), intent.get(), inputs.get(), decision.handle_.out(), error);
        });
        return decision;
    }
    const gait_policy *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_policy, gait_policy_free> handle_;
};

/** What a trace says about its writing; what it names must live as long as it does. */
class Emission {
  public:
    Emission() noexcept { emission_.size = sizeof emission_; }
    /** When the trace is written; the system clock's unless set. */
    Emission &at(const Time &observed_at) noexcept {
        emission_.observed_at = observed_at.get();
        return *this;
    }
    Emission &producer_version(std::string_view version) noexcept {
        emission_.producer_version = detail::str(version);
        return *this;
    }
    Emission &correlation_id(std::string_view id) noexcept {
        emission_.correlation_id = detail::str(id);
        return *this;
    }
    Emission &latency_ms(double latency) noexcept {
        emission_.latency_ms = latency;
        return *this;
    }
    const gait_emission *get() const noexcept { return &emission_; }

  private:
    gait_emission emission_{};
};

/** A policy with a signing key and counters of limits, ready to decide. */
class Gate {
  public:
    /** A gate whose traces are unsigned. The policy may go afterwards. */
    explicit Gate(const Policy &policy) { make(policy, nullptr); }
    /** A gate that signs traces. Policy and key may go afterwards. */
    Gate(const Policy &policy, const SigningKey &key) { make(policy, key.get()); }

    /** Decides about an intent in JSON and counts it against its limits. */
    Decision evaluate(std::string_view intent, const Inputs &inputs = Inputs()) const {
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_gate_evaluate(get(), intent.data(), intent.size(), inputs.get(), decision.handle_.out(), error);
        });
        return decision;
    }
    /** As evaluate, but an intent that cannot be used is a block where the policy fails closed for its risk class. */
    Decision evaluate_request(std::string_view intent, const Inputs &inputs = Inputs()) const {
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_gate_evaluate_request(get(), intent.data(), intent.size(), inputs.get(), decision.handle_.out(),
                                              error);
        });
        return decision;
    }
    Decision evaluate(const Intent &intent, const Inputs &inputs = Inputs()) const {
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_gate_evaluate_intent(get(), intent.get(), inputs.get(), decision.handle_.out(), error);
        });
        return decision;
    }
    /** Decides about many intents in JSON, at one moment: for each a decision or why there is none. */
    std::vector<std::variant<Decision, Error>> evaluate_many(const std::vector<std::string_view> &intents,
                                                             const Inputs &inputs = Inputs()) const {
        std::vector<gait_bytes> texts;
        texts.reserve(intents.size());
        for (const std::string_view intent : intents) {
            texts.push_back({intent.data(), intent.size()});
        }
        std::vector<gait_decision *> made(intents.size(), nullptr);
        std::vector<gait_error *> failed(intents.size(), nullptr);
        const gait_status status =
            gait_gate_evaluate_many(get(), texts.data(), texts.size(), inputs.get(), made.data(), failed.data());
        // Owners first: what follows may run out of memory.
        std::vector<Decision> decisions;
        std::vector<detail::ErrorHandle> errors;
        bool any = intents.empty();
        adopt(made, failed, decisions, errors, any);
        if (!any) {
            throw Error(status, nullptr);
        }
        std::vector<std::variant<Decision, Error>> results;
        results.reserve(intents.size());
        for (std::size_t index = 0; index < intents.size(); ++index) {
            if (decisions[index].get() != nullptr) {
                results.emplace_back(std::move(decisions[index]));
            } else {
                gait_status why = GAIT_STATUS_INTERNAL_FAILURE;
                static_cast<void>(gait_error_status(errors[index].get(), &why));
                results.emplace_back(std::in_place_type<Error>, why, errors[index].get());
            }
        }
        return results;
    }
    /** The trace document of a decision of this gate, signed if the gate has a key. */
    Buffer trace(const Decision &decision, const Emission &emission = Emission()) const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_gate_trace(get(), decision.get(), emission.get(), out, error);
        });
    }
    const gait_gate *get() const noexcept { return handle_.get(); }

  private:
    void make(const Policy &policy, const gait_signing_key *key) {
        gait_gate_options options{};
        options.size = sizeof options;
        options.signing_key = key;
        detail::checked(
            [&](gait_error **error) { return gait_gate_new(policy.get(), &options, handle_.out(), error); });
    }

    static void adopt(const std::vector<gait_decision *> &made, const std::vector<gait_error *> &failed,
                      std::vector<Decision> &decisions, std::vector<detail::ErrorHandle> &errors, bool &any) {
        try {
            decisions.reserve(made.size());
            errors.reserve(failed.size());
        } catch (...) {
            for (gait_decision *decision : made) {
                static_cast<void>(gait_decision_free(decision));
            }
            for (gait_error *error : failed) {
                static_cast<void>(gait_error_free(error));
            }
            throw;
        }
        for (std::size_t index = 0; index < made.size(); ++index) {
            decisions.push_back(Decision());
            decisions.back().handle_.adopt(made[index]);
            errors.emplace_back();
            errors.back().adopt(failed[index]);
            any = any || made[index] != nullptr || failed[index] != nullptr;
        }
    }

    detail::Handle<gait_gate, gait_gate_free> handle_;
};

} // namespace gait

#endif // GAIT_HPP
