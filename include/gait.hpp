/**
 * libgait for C++17: the C interface of gait.h with owners, exceptions and string views.
 *
 * Every object owns one handle, can be moved and not copied, and is freed when it goes. All threads may use one at the
 * same time; policies, intents, decisions, tokens and keys never change once they exist. Texts come back as
 * std::string_view and live as long as the object they were asked of. What fails throws gait::Error.
 *
 *     gait::Policy policy{text};
 *     gait::Gate gate{policy, gait::GateOptions().approvers(keys)};
 *     gait::Decision decision = gate.evaluate(intent_json);
 *     if (decision.allowed()) { ... }
 */
#ifndef GAIT_HPP
#define GAIT_HPP

#include "gait/decision.hpp"
#include "gait/gate.hpp"
#include "gait/handle.hpp"
#include "gait/inputs.hpp"
#include "gait/intent.hpp"
#include "gait/key.hpp"
#include "gait/kill_switch.hpp"
#include "gait/options.hpp"
#include "gait/policy.hpp"
#include "gait/token.hpp"
#include "gait/value.hpp"

#endif // GAIT_HPP
