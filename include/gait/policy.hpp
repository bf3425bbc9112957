/** Policies. Included by gait.hpp. */
#ifndef GAIT_POLICY_HPP
#define GAIT_POLICY_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "decision.hpp"
#include "inputs.hpp"
#include "intent.hpp"

namespace gait {

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
        const gait_inputs given = inputs.raw();
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_policy_evaluate(get(), intent.data(), intent.size(), &given, decision.handle_.out(), error);
        });
        return decision;
    }
    /** As evaluate, but an intent that cannot be used is a block where the policy fails closed for its risk class. */
    Decision evaluate_request(std::string_view intent, const Inputs &inputs = Inputs()) const {
        const gait_inputs given = inputs.raw();
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_policy_evaluate_request(get(), intent.data(), intent.size(), &given, decision.handle_.out(),
                                                error);
        });
        return decision;
    }
    Decision evaluate(const Intent &intent, const Inputs &inputs = Inputs()) const {
        const gait_inputs given = inputs.raw();
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_policy_evaluate_intent(get(), intent.get(), &given, decision.handle_.out(), error);
        });
        return decision;
    }
    const gait_policy *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_policy, gait_policy_free> handle_;
};

} // namespace gait

#endif // GAIT_POLICY_HPP
