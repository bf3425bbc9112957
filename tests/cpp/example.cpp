// The README's C++ program: built against an installed libgait.
#include <gait.hpp>
#include <iostream>

int main() try {
    const gait::Policy policy("default_verdict: block\n"
                              "rules: [{name: reads, effect: allow, match: {tool_name: fs.read}}]\n");
    const gait::Gate gate(policy);
    const gait::Decision decision = gate.evaluate(R"({
        "tool_name": "fs.read", "args": {"path": "/tmp/x"}, "targets": [],
        "context": {"identity": "alice", "workspace": "/repo", "risk_class": "low"}})");
    std::cout << decision.verdict_name() << '\n';
    return decision.allowed() ? 0 : 1;
} catch (const gait::Error &error) {
    std::cerr << error.code() << ": " << error.what() << '\n';
    return 2;
}
