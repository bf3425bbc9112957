/** What gates are made with. Included by gait.hpp. */
#ifndef GAIT_OPTIONS_HPP
#define GAIT_OPTIONS_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "key.hpp"

namespace gait {

/**
 * Issues a credential: gets the request as a JSON object and gives the answer as one; see gait_broker_answer_set for
 * its members. It may run on several threads at once. What it throws is a failure to issue, which blocks.
 */
using BrokerFunction = std::function<std::string(std::string_view)>;

/** How a gate works. */
class GateOptions {
  public:
    /** A gate that does not sign, trusts nobody and keeps its state in memory. */
    GateOptions() {
        detail::checked([&](gait_error **error) { return gait_gate_options_new(handle_.out(), error); });
    }
    /** Signs traces. */
    GateOptions &signing_key(const SigningKey &key) {
        detail::check(gait_gate_options_set_signing_key(handle_.get(), key.get()));
        return *this;
    }
    /** Accepts approvals that these keys signed: those that are in the set now. */
    GateOptions &approvers(const TrustedKeys &keys) {
        detail::check(gait_gate_options_set_approvers(handle_.get(), keys.get()));
        return *this;
    }
    /** Accepts delegation tokens that these keys signed; the approvers' unless set. */
    GateOptions &delegators(const TrustedKeys &keys) {
        detail::check(gait_gate_options_set_delegators(handle_.get(), keys.get()));
        return *this;
    }
    /** Whether an approval may serve again until it ends. */
    GateOptions &reusable_approvals(bool reusable = true) {
        detail::check(gait_gate_options_set_reusable_approvals(handle_.get(), reusable));
        return *this;
    }
    /** Whether the gate lets everything pass and only tells what would have happened. */
    GateOptions &simulate(bool simulate = true) {
        detail::check(gait_gate_options_set_simulate(handle_.get(), simulate));
        return *this;
    }
    /** Keeps all state in files of `.gait-out` in this folder. */
    GateOptions &state_dir(std::string_view path) {
        detail::check(gait_gate_options_set_state_dir(handle_.get(), path.data(), path.size()));
        return *this;
    }
    /** Counts limits in this file. */
    GateOptions &rate_limit_state(std::string_view path) {
        detail::check(gait_gate_options_set_rate_limit_state(handle_.get(), path.data(), path.size()));
        return *this;
    }
    /** Asks the kill switch in this file, which must be there, as it stands at each decision. */
    GateOptions &kill_switch_state(std::string_view path) {
        detail::check(gait_gate_options_set_kill_switch_state(handle_.get(), path.data(), path.size()));
        return *this;
    }
    /** Remembers in this file which approvals were used. */
    GateOptions &used_tokens(std::string_view path) {
        detail::check(gait_gate_options_set_used_tokens(handle_.get(), path.data(), path.size()));
        return *this;
    }
    /** Exchanges requests and approvals through this folder. */
    GateOptions &approvals_dir(std::string_view path) {
        detail::check(gait_gate_options_set_approvals_dir(handle_.get(), path.data(), path.size()));
        return *this;
    }
    /** Looks tools up in this inventory file, which is read again when it changed. */
    GateOptions &inventory(std::string_view path) {
        detail::check(gait_gate_options_set_inventory(handle_.get(), path.data(), path.size()));
        return *this;
    }
    /** Lets scripts pass that this registry file approves, when the keys signed all of its entries. */
    GateOptions &approved_scripts(std::string_view path, const TrustedKeys &keys) {
        detail::check(gait_gate_options_set_approved_scripts(handle_.get(), path.data(), path.size(), keys.get()));
        return *this;
    }
    /** Asks a broker of this library: `stub`, `env`, `command`, or `off`. */
    GateOptions &broker(std::string_view name) {
        detail::check(gait_gate_options_set_broker(handle_.get(), name.data(), name.size()));
        return *this;
    }
    /** What the variables of the `env` broker begin with. */
    GateOptions &broker_env_prefix(std::string_view prefix) {
        detail::check(gait_gate_options_set_broker_env_prefix(handle_.get(), prefix.data(), prefix.size()));
        return *this;
    }
    /** The program of the `command` broker and its arguments. */
    GateOptions &broker_command(std::string_view program, const std::vector<std::string_view> &arguments = {}) {
        detail::check(gait_gate_options_set_broker_command(handle_.get(), program.data(), program.size()));
        for (const std::string_view argument : arguments) {
            detail::check(gait_gate_options_add_broker_arg(handle_.get(), argument.data(), argument.size()));
        }
        return *this;
    }
    /** Asks a function. */
    GateOptions &broker_function(BrokerFunction function) {
        auto owned = std::make_unique<BrokerFunction>(std::move(function));
        detail::check(gait_gate_options_set_broker_function(handle_.get(), &call, owned.get(), &release));
        static_cast<void>(owned.release()); // The options own it now.
        return *this;
    }
    const gait_gate_options *get() const noexcept { return handle_.get(); }

  private:
    static std::uint32_t call(void *user, const void *request, std::size_t len, gait_broker_answer *answer) noexcept {
        try {
            const BrokerFunction &function = *static_cast<const BrokerFunction *>(user);
            const std::string given = function(std::string_view(static_cast<const char *>(request), len));
            return gait_broker_answer_set(answer, given.data(), given.size());
        } catch (...) {
            return GAIT_STATUS_INTERNAL_FAILURE;
        }
    }
    static void release(void *user) noexcept { delete static_cast<BrokerFunction *>(user); }

    detail::Handle<gait_gate_options, gait_gate_options_free> handle_;
};

} // namespace gait

#endif // GAIT_OPTIONS_HPP
