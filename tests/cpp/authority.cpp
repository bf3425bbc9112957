// Approvals, delegations, kill switches and brokers of gait.hpp.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

#include <gait.hpp>

#include "../c/samples.h"

namespace {

using namespace std::chrono_literals;

unsigned held = 0;
unsigned failed = 0;

void check(bool condition, const char *words, int line) {
    if (condition) {
        ++held;
        return;
    }
    ++failed;
    std::cerr << __FILE__ << ':' << line << ": " << words << '\n';
}

#define CHECK(condition) check(static_cast<bool>(condition), #condition, __LINE__)

template <typename Call> gait::Error caught(Call call) {
    try {
        call();
    } catch (const gait::Error &error) {
        return error;
    }
    throw std::runtime_error("nothing was thrown");
}

bool has(const std::vector<std::string_view> &codes, std::string_view code) {
    for (const std::string_view found : codes) {
        if (found == code) {
            return true;
        }
    }
    return false;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

const gait::Time NOON("2026-03-01T12:00:00Z");

gait::SigningKey key(unsigned char seed) { return gait::SigningKey::from_seed({seed}); }

static_assert(!std::is_copy_constructible_v<gait::ApprovalToken>);
static_assert(std::is_nothrow_move_constructible_v<gait::DelegationToken>);
static_assert(std::is_nothrow_move_assignable_v<gait::GateOptions>);
static_assert(std::is_copy_constructible_v<gait::Inputs>);

// A folder of its own, which goes with it.
class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "gait-cpp-").string();
        name += gait::SigningKey::generate().id().substr(0, 16);
        path_ = name;
        std::filesystem::create_directory(path_);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string at(const char *name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

gait::ApprovalToken by(const gait::SigningKey &signer, std::string_view name, const gait::Buffer &request) {
    gait::ApprovalTerms terms;
    terms.approver = name;
    terms.reason = "ticket-7";
    terms.ttl = 1min;
    terms.now = NOON;
    return gait::approve(request.view(), signer, terms);
}

void two_people() {
    const gait::SigningKey alice = key(1);
    const gait::SigningKey bob = key(2);
    gait::TrustedKeys keys;
    keys.add(alice.verifying_key(), "alice").add(bob.verifying_key(), "bob");
    CHECK(keys.size() == 2);
    CHECK(caught([&] { keys.add(alice.verifying_key(), " "); }).status() == GAIT_STATUS_INVALID_INPUT);
    const gait::Gate gate{gait::Policy(POLICY), gait::GateOptions().approvers(keys)};
    const auto plain = gait::Inputs().at(NOON);
    const gait::Decision asks = gate.evaluate(DEPLOYS, plain);
    CHECK(asks.verdict() == gait::Verdict::require_approval && asks.required_approvals() == 2);
    const auto request = asks.approval_request();
    CHECK(request && contains(request->view(), "\"distinct_approvers\": true"));
    const gait::ApprovalToken first = by(alice, "alice", *request);
    const gait::ApprovalToken forged = by(alice, "bob", *request);
    const gait::ApprovalToken second = by(bob, "bob", *request);
    CHECK(first.approver() == "alice" && first.id().size() == 24);
    CHECK(first.expires_at().get()->seconds == NOON.get()->seconds + 60);

    gait::Inputs one = gait::Inputs().at(NOON).with(first);
    const gait::Decision alone = gate.evaluate(DEPLOYS, one);
    CHECK(!alone.allowed() && alone.valid_approvals() == 1);
    const gait::Inputs twice = gait::Inputs(one).with(forged);
    CHECK(has(gate.evaluate(DEPLOYS, twice).reason_codes(), "approval_token_approver_mismatch"));
    one.with(second);
    const gait::Decision both = gate.evaluate(DEPLOYS, one);
    CHECK(both.allowed() && both.valid_approvals() == 2 && contains(both.approval_ref(), ","));
    CHECK(contains(both.approvals().view(), "\"approver_identity\":\"bob\"") && !both.approval_request());
    CHECK(has(gate.evaluate(DEPLOYS, one).reason_codes(), "approval_token_replayed"));

    const gait::ApprovalToken read(first.to_json().view());
    gait::ApprovalExpectation expected;
    expected.now = NOON;
    const std::string digest = asks.prepared_intent_digest();
    expected.intent_digest = digest;
    expected.scope = {"tool:deploy"};
    read.verify(keys, expected);
    expected.scope = {"tool:other"};
    CHECK(caught([&] { read.verify(keys, expected); }).code() == "approval_token_scope_mismatch");
    CHECK(caught([&] { read.verify(gait::TrustedKeys(bob.verifying_key())); }).code() ==
          "approval_token_signature_invalid");
    CHECK(caught([&] { gait::ApprovalToken("{\"token\": 1}"); }).category() == "invalid_input");
}

void through_the_store() {
    const gait::SigningKey alice = key(1);
    const gait::Gate gate{gait::Policy("default_verdict: require_approval"),
                          gait::GateOptions().approvers(gait::TrustedKeys(alice.verifying_key()))};
    const auto inputs = gait::Inputs().at(NOON);
    const gait::Decision asks = gate.evaluate(READS, inputs);
    gate.request_approval(asks);
    CHECK(contains(gate.approval_requests().view(), "\"tool_name\":\"fs.read\""));
    gate.add_approval(by(alice, "alice", *asks.approval_request()));
    const gait::Decision allowed = gate.evaluate(READS, inputs);
    CHECK(allowed.allowed() && gate.approval_requests().view() == "[]");
    CHECK(caught([&] { gate.request_approval(allowed); }).code() == "decision_without_request");
}

void delegations() {
    const gait::SigningKey lead = key(3);
    const gait::TrustedKeys keys(lead.verifying_key());
    gait::DelegationTerms terms;
    terms.delegator = "lead";
    terms.delegate = "agent";
    terms.scope = {"fs.read", "fs.write"};
    terms.ttl = 1h;
    terms.now = NOON;
    const gait::DelegationToken token = gait::delegate(lead, terms);
    CHECK(token.delegator() == "lead" && token.delegate() == "agent" && token.id().size() == 24);
    CHECK(token.expires_at().get()->seconds == NOON.get()->seconds + 3600);
    gait::DelegationExpectation expected;
    expected.now = NOON;
    expected.delegate = "agent";
    expected.scope = {"fs.write"};
    gait::DelegationToken(token.to_json().view()).verify(keys, expected);
    expected.delegate = "other";
    CHECK(caught([&] { token.verify(keys, expected); }).code() == "delegation_token_delegate_mismatch");
    const gait::Gate gate{
        gait::Policy("default_verdict: block\n"
                     "rules: [{name: d, effect: allow, match: {tool_names: [fs.read], require_delegation: true}}]"),
        gait::GateOptions().delegators(keys)};
    const std::string_view intent = "{\"tool_name\": \"fs.read\", \"args\": {}, \"targets\": [], \"context\": "
                                    "{\"identity\": \"agent\", \"workspace\": \"/w\", \"risk_class\": \"low\"}, "
                                    "\"delegation\": {\"requester_identity\": \"agent\", \"chain\": "
                                    "[{\"delegator_identity\": \"lead\", \"delegate_identity\": \"agent\"}]}}";
    const gait::Decision with = gate.evaluate(intent, gait::Inputs().at(NOON).with(token));
    CHECK(with.allowed() && with.valid_delegations() == 1 && with.delegation_ref() == token.id());
    CHECK(contains(with.delegations().view(), "\"valid\":true"));
    CHECK(gate.evaluate(intent, gait::Inputs().at(NOON)).verdict() == gait::Verdict::block);
}

void state_in_files() {
    const Folder folder;
    const gait::KillSwitchFile file = gait::KillSwitchFile(folder.at("kill_switch.json")).at(NOON);
    const gait::Gate gate{gait::Policy(POLICY), gait::GateOptions()
                                                    .kill_switch_state(folder.at("kill_switch.json"))
                                                    .rate_limit_state(folder.at("limits.json"))
                                                    .used_tokens(folder.at("used.json"))
                                                    .approvals_dir(folder.at("approvals"))};
    const auto inputs = gait::Inputs().at(NOON);
    CHECK(caught([&] { gate.evaluate(READS, inputs); }).code() == "file_unusable");
    file.start();
    CHECK(gate.evaluate(READS, inputs).allowed());
    const gait::Buffer entry = file.add("{\"entry_id\": \"k\", \"tool_name\": \"FS.read\", \"reason\": \"incident\"}");
    CHECK(contains(entry.view(), "\"tool_name\":\"fs.read\""));
    CHECK(gate.evaluate(READS, inputs).kill_switch_status() == "active");
    const gait::KillSwitch now = file.load();
    CHECK(contains(now.to_json().view(), "\"reason\": \"incident\""));
    CHECK(contains(file.expire("k", gait::Time("2026-03-01T12:00:01Z")).view(),
                   "\"expires_at\":\"2026-03-01T12:00:01Z\""));
    CHECK(contains(file.disable("k").view(), "\"enabled\":false"));
    CHECK(gate.evaluate(READS, inputs).allowed());
    // What the caller brings goes before the file.
    CHECK(gate.evaluate(READS, gait::Inputs().at(NOON).with(now)).verdict() == gait::Verdict::block);
    CHECK(caught([&] { file.disable("none"); }).code() == "kill_switch_entry_not_found");
    const gait::Decision counted = gate.evaluate(QUERIES, inputs);
    CHECK(counted.rate_limit_usage() && counted.rate_limit_usage()->used == 1);
    CHECK(counted.rate_limit_usage()->remaining == 99 && counted.rate_limit_usage()->scope == "tool");
    CHECK(!counted.destructive_budget_usage() && !counted.pre_approved() && counted.pattern_id().empty());
    CHECK(counted.registry_reason().empty() && !counted.credential() && !counted.simulated_verdict());
    CHECK(caught([&] { gait::GateOptions().state_dir(""); }).status() == GAIT_STATUS_INVALID_INPUT);
    std::ofstream(folder.at("inventory.json")) << "[]";
    std::ofstream(folder.at("scripts.json")) << "[]";
    const gait::Gate more{gait::Policy(POLICY), gait::GateOptions()
                                                    .inventory(folder.at("inventory.json"))
                                                    .approved_scripts(folder.at("scripts.json"), gait::TrustedKeys())
                                                    .reusable_approvals()
                                                    .broker("stub")};
    CHECK(more.evaluate(READS, inputs).allowed());
}

const char *const NEEDS = "default_verdict: block\n"
                          "rules: [{name: b, effect: allow, require_broker_credential: true, match: "
                          "{tool_names: [db.query]}}]";

void brokers() {
    std::atomic<unsigned> calls{0};
    const gait::Gate gate{gait::Policy(NEEDS), gait::GateOptions().broker_function([&](std::string_view request) {
                              ++calls;
                              if (contains(request, "\"reference\":\"broken\"")) {
                                  throw std::runtime_error("no credential today");
                              }
                              return std::string("{\"credential_ref\": \"ref:one\", \"issuer\": \"mine\"}");
                          })};
    const gait::Decision issued = gate.evaluate(QUERIES, gait::Inputs().credential_scope("read"));
    CHECK(issued.allowed() && issued.credential() && issued.credential()->reference == "ref:one");
    CHECK(issued.credential()->issuer == "mine" && issued.credential()->ttl_seconds == 0);
    CHECK(!issued.credential()->source.empty() && issued.credential()->access_type.empty());
    const gait::Decision broken = gate.evaluate(QUERIES, gait::Inputs().credential_ref("broken"));
    CHECK(broken.verdict() == gait::Verdict::block && has(broken.reason_codes(), "broker_credential_missing"));
    CHECK(!contains(broken.to_json().view(), "today"));
    std::atomic<unsigned> right{0};
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                right += gate.evaluate(QUERIES).allowed() ? 1U : 0U;
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    CHECK(right == 200 && calls == 202);
    const gait::Gate echo{gait::Policy(NEEDS), gait::GateOptions().broker("command").broker_command(
                                                   "/bin/echo", {"{\"credential_ref\":\"cmd:x\"}"})};
    CHECK(echo.evaluate(QUERIES).credential()->reference == "cmd:x");
    const gait::Gate unset{gait::Policy(NEEDS),
                           gait::GateOptions().broker("env").broker_env_prefix("GAIT_TEST_UNSET_")};
    CHECK(unset.evaluate(QUERIES).verdict() == gait::Verdict::block);
    CHECK(caught([] { gait::Gate(gait::Policy(NEEDS), gait::GateOptions().broker("bank")); }).code() ==
          "broker_unknown");
}

void simulation() {
    const gait::Gate gate{gait::Policy(POLICY), gait::GateOptions().signing_key(key(1)).simulate()};
    const gait::Decision decision = gate.evaluate(DELETES);
    CHECK(decision.allowed() && decision.would_have_blocked());
    CHECK(decision.simulated_verdict() == gait::Verdict::block && !decision.simulated_reason_codes().empty());
    key(1).verifying_key().verify_trace(gate.trace(decision).view());
}

} // namespace

int main() {
    try {
        two_people();
        through_the_store();
        delegations();
        state_in_files();
        brokers();
        simulation();
    } catch (const std::exception &error) {
        std::cerr << "unexpected: " << error.what() << '\n';
        ++failed;
    }
    CHECK(gait_live_handles() == 0);
    std::cout << held << " held, " << failed << " failed\n";
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
