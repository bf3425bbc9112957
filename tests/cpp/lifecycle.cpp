// Owners, exceptions and views of gait.hpp.
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>

#include <gait.hpp>

#include "../c/samples.h"

namespace {

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

constexpr std::array<unsigned char, 32> SEED = {1, 2, 3};

static_assert(!std::is_copy_constructible_v<gait::Policy>);
static_assert(std::is_nothrow_move_constructible_v<gait::Decision>);
static_assert(std::is_nothrow_move_assignable_v<gait::Gate>);
static_assert(std::is_base_of_v<std::exception, gait::Error>);

void errors() {
    const gait::Error error = caught([] { gait::Policy("a: 1\n"); });
    CHECK(error.status() == GAIT_STATUS_INVALID_INPUT);
    CHECK(error.code() == "policy_unknown_field");
    CHECK(error.category() == "invalid_input");
    CHECK(!error.retryable());
    CHECK(error.line() == 1 && error.column() == 1 && !error.offset());
    CHECK(std::string(error.what()).size() > 10);
    CHECK(caught([] { gait::canonicalize("[1,]"); }).offset() == 3);
    CHECK(caught([] { gait::Intent("{\"tool_name\": 1}"); }).member() == "tool_name");
}

void moving() {
    gait::Policy first(POLICY);
    const std::string digest = first.digest();
    gait::Policy second(std::move(first));
    CHECK(second.digest() == digest);
    CHECK(first.get() == nullptr); // NOLINT(bugprone-use-after-move): that is what is looked at.
    CHECK(caught([&] { first.digest(); }).code() == "null_pointer");
    first = std::move(second);
    CHECK(first.digest() == digest);
    gait::Policy &itself = first;
    first = std::move(itself);
    CHECK(first.digest() == digest);
    CHECK(first.rule_count() == 3);
}

void deciding() {
    const gait::SigningKey key = gait::SigningKey::from_seed(SEED);
    const gait::VerifyingKey public_key = key.verifying_key();
    const gait::Gate gate = [&] { return gait::Gate(gait::Policy(POLICY), key); }();
    const gait::Time noon("2026-03-01T12:00:00Z");
    const auto inputs = gait::Inputs().at(noon);

    const gait::Decision reads = gate.evaluate(READS, inputs);
    CHECK(reads.allowed() && reads.verdict() == gait::Verdict::allow && reads.verdict_name() == "allow");
    CHECK(reads.matched_rule() == "reads");
    CHECK(reads.reason_codes() == std::vector<std::string_view>{"matched_rule_reads"});
    CHECK(reads.violations().empty() && reads.notices().empty() && reads.evaluable());
    CHECK(reads.script_hash().empty() && reads.step_verdicts().view() == "[]" && reads.step_count() == 0);
    CHECK(reads.created_at().get()->seconds == 1772348400);
    CHECK(reads.prepared_intent_digest() == reads.intent_digest());

    const gait::Intent deploys(DEPLOYS);
    const gait::Decision asks = gate.evaluate(deploys, inputs);
    CHECK(asks.verdict() == gait::Verdict::require_approval && !asks.allowed() && asks.exit_code() == 4);
    CHECK(asks.min_approvals() == 2 && asks.require_distinct_approvers());
    CHECK(asks.intent_digest() == deploys.digest() && asks.args_digest() == deploys.args_digest());
    CHECK(gait::digest_bytes(deploys.canonical().view()) == deploys.digest());

    const gait::Decision limited = gate.evaluate(QUERIES);
    CHECK(limited.rate_limit() && limited.rate_limit()->requests == 100 && limited.rate_limit()->window == "hour");
    CHECK(!limited.destructive_budget());

    const auto emission = gait::Emission().at(noon).producer_version("1.2").correlation_id("run").latency_ms(0.5);
    const gait::Buffer trace = gate.trace(reads, emission);
    public_key.verify_trace(trace.view());
    CHECK(trace.view().find("\"correlation_id\": \"run\"") != std::string_view::npos);
    const gait::VerifyingKey other = gait::SigningKey::generate().verifying_key();
    CHECK(caught([&] { other.verify_trace(trace.view()); }).category() == "verification_failed");

    const auto unavailable = gait::Inputs().kill_switch_unavailable();
    CHECK(gate.evaluate(READS, unavailable).kill_switch_status() == "unavailable");
    const gait::Inventory inventory("[{\"tool_name\": \"fs.read\", \"data_class\": \"public\"}]", "inv.json");
    CHECK(gate.evaluate(READS, gait::Inputs().with(inventory)).context_source() == "inv.json");
}

void batches() {
    const gait::Gate gate{gait::Policy(POLICY)};
    const auto results = gate.evaluate_many({READS, "{", DELETES});
    CHECK(results.size() == 3);
    CHECK(std::get<gait::Decision>(results[0]).allowed());
    CHECK(std::get<gait::Error>(results[1]).category() == "invalid_input");
    CHECK(std::get<gait::Decision>(results[2]).verdict() == gait::Verdict::block);
    CHECK(gate.evaluate_many({}).empty());
    gait::Inputs both;
    both.kill_switch_unavailable();
    CHECK(gate.evaluate_many({READS}, both).size() == 1);
}

void signing() {
    const gait::SigningKey key = gait::SigningKey::generate();
    const gait::SigningKey copy = gait::SigningKey::parse(key.to_base64().view());
    CHECK(copy.id() == key.id());
    const gait::VerifyingKey public_key = gait::VerifyingKey::parse(key.verifying_key().to_base64());
    CHECK(public_key.id() == key.id());
    const std::string signature = copy.sign_json("{\"a\": 1}").str();
    public_key.verify_json(signature, "{\"a\":1.0}");
    CHECK(caught([&] { public_key.verify_json(signature, "{}"); }).code() == "signature_digest_mismatch");
    public_key.verify_bytes(key.sign_bytes("x").view(), "x");
    CHECK(caught([&] { public_key.verify_bytes(key.sign_bytes("x").view(), "y"); }).code() == "signature_invalid");
    CHECK(gait::canonicalize("{\"b\":1,\"a\":2}").view() == "{\"a\":2,\"b\":1}");
    CHECK(gait::digest_json("{\"a\": 1.0}") == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
}

void threads() {
    const gait::Gate gate{gait::Policy(POLICY)};
    const gait::Intent intent(DEPLOYS);
    std::atomic<unsigned> right{0};
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 8; ++worker) {
        workers.emplace_back([&] {
            for (int round = 0; round < 100; ++round) {
                right += gate.evaluate(READS).allowed() && gate.evaluate(intent).exit_code() == 4 ? 1U : 0U;
            }
        });
    }
    for (std::thread &worker : workers) {
        worker.join();
    }
    CHECK(right == 800);
}

} // namespace

int main() {
    CHECK(gait::abi_fits());
    CHECK(!gait::version().empty());
    try {
        errors();
        moving();
        deciding();
        batches();
        signing();
        threads();
    } catch (const std::exception &error) {
        std::cerr << "unexpected: " << error.what() << '\n';
        ++failed;
    }
    CHECK(gait_live_handles() == 0);
    std::cout << held << " held, " << failed << " failed\n";
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
