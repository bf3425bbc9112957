/** Gates. Included by gait.hpp. */
#ifndef GAIT_GATE_HPP
#define GAIT_GATE_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "options.hpp"
#include "policy.hpp"

namespace gait {

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

/** A policy with keys, counters, a kill switch and whatever else its options name, ready to decide. */
class Gate {
  public:
    /** A gate that does not sign, trusts nobody and keeps its state in memory. The policy may go afterwards. */
    explicit Gate(const Policy &policy) { make(policy, nullptr); }
    /** A gate that signs traces. Policy and key may go afterwards. */
    Gate(const Policy &policy, const SigningKey &key) { make(policy, GateOptions().signing_key(key).get()); }
    /** A gate with options. They and the policy may go afterwards. */
    Gate(const Policy &policy, const GateOptions &options) { make(policy, options.get()); }

    /** Decides about an intent in JSON, counts it against its limits and settles what it asks for. */
    Decision evaluate(std::string_view intent, const Inputs &inputs = Inputs()) const {
        const gait_inputs given = inputs.raw();
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_gate_evaluate(get(), intent.data(), intent.size(), &given, decision.handle_.out(), error);
        });
        return decision;
    }
    /** As evaluate, but an intent that cannot be used is a block where the policy fails closed for its risk class. */
    Decision evaluate_request(std::string_view intent, const Inputs &inputs = Inputs()) const {
        const gait_inputs given = inputs.raw();
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_gate_evaluate_request(get(), intent.data(), intent.size(), &given, decision.handle_.out(),
                                              error);
        });
        return decision;
    }
    Decision evaluate(const Intent &intent, const Inputs &inputs = Inputs()) const {
        const gait_inputs given = inputs.raw();
        Decision decision;
        detail::checked([&](gait_error **error) {
            return gait_gate_evaluate_intent(get(), intent.get(), &given, decision.handle_.out(), error);
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
        const gait_inputs given = inputs.raw();
        const gait_status status =
            gait_gate_evaluate_many(get(), texts.data(), texts.size(), &given, made.data(), failed.data());
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
    /** Leaves what a held decision asks for in the gate's store, where approvers find it. */
    void request_approval(const Decision &decision) const {
        detail::checked([&](gait_error **error) { return gait_gate_request_approval(get(), decision.get(), error); });
    }
    /** Leaves an approval in the gate's store, where further decisions find it. */
    void add_approval(const ApprovalToken &token) const {
        detail::checked([&](gait_error **error) { return gait_gate_add_approval(get(), token.get(), error); });
    }
    /** The requests that wait in the gate's store, as a JSON list. */
    Buffer approval_requests() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_gate_approval_requests(get(), out, error); });
    }
    const gait_gate *get() const noexcept { return handle_.get(); }

  private:
    void make(const Policy &policy, const gait_gate_options *options) {
        detail::checked([&](gait_error **error) { return gait_gate_new(policy.get(), options, handle_.out(), error); });
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

#endif // GAIT_GATE_HPP
