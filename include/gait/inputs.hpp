/** What decisions consult from outside. Included by gait.hpp. */
#ifndef GAIT_INPUTS_HPP
#define GAIT_INPUTS_HPP

#include <cstdint>
#include <string_view>
#include <vector>

#include "kill_switch.hpp"
#include "token.hpp"

namespace gait {

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
    /** In place of the kill switch in the gate's store. */
    Inputs &with(const KillSwitch &kill_switch) noexcept {
        inputs_.kill_switch = kill_switch.get();
        return *this;
    }
    Inputs &with(const ContextEnvelope &envelope) noexcept {
        inputs_.context_envelope = envelope.get();
        return *this;
    }
    /** In place of the gate's inventory. */
    Inputs &with(const Inventory &inventory) noexcept {
        inputs_.inventory = inventory.get();
        return *this;
    }
    /** One more approval, for gates. */
    Inputs &with(const ApprovalToken &token) {
        approvals_.push_back(token.get());
        return *this;
    }
    /** One more delegation token, for gates. */
    Inputs &with(const DelegationToken &token) {
        delegations_.push_back(token.get());
        return *this;
    }
    /** Which credential to ask the gate's broker for, instead of what the rules say. */
    Inputs &credential_ref(std::string_view reference) noexcept {
        inputs_.credential_ref = detail::str(reference);
        return *this;
    }
    /** One more scope to ask the gate's broker for. */
    Inputs &credential_scope(std::string_view scope) {
        scopes_.push_back(detail::str(scope));
        return *this;
    }
    /** A kill switch is required and could not be read: everything is blocked. */
    Inputs &kill_switch_unavailable() noexcept {
        inputs_.flags |= GAIT_INPUTS_KILL_SWITCH_UNAVAILABLE;
        return *this;
    }
    /** As the C interface takes it; good while this object lives unchanged. */
    gait_inputs raw() const noexcept {
        gait_inputs inputs = inputs_;
        inputs.approvals = approvals_.data();
        inputs.approval_count = approvals_.size();
        inputs.delegations = delegations_.data();
        inputs.delegation_count = delegations_.size();
        inputs.credential_scopes = scopes_.data();
        inputs.credential_scope_count = scopes_.size();
        return inputs;
    }

  private:
    gait_inputs inputs_{};
    std::vector<const gait_approval_token *> approvals_;
    std::vector<const gait_delegation_token *> delegations_;
    std::vector<gait_str> scopes_;
};

} // namespace gait

#endif // GAIT_INPUTS_HPP
