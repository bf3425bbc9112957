/* The README's C program: built against an installed libgait. */
#include <gait.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    const char *policy_text = "default_verdict: block\n"
                              "rules: [{name: reads, effect: allow, match: {tool_name: fs.read}}]\n";
    const char *intent = "{\"tool_name\": \"fs.read\", \"args\": {\"path\": \"/tmp/x\"}, \"targets\": [], "
                         "\"context\": {\"identity\": \"alice\", \"workspace\": \"/repo\", \"risk_class\": \"low\"}}";
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    gait_decision *decision = NULL;
    gait_verdict verdict = GAIT_VERDICT_BLOCK;

    gait_policy_parse(policy_text, strlen(policy_text), GAIT_MODE_STRICT, &policy, NULL);
    gait_gate_new(policy, NULL, &gate, NULL);
    gait_gate_evaluate(gate, intent, strlen(intent), NULL, &decision, NULL);
    gait_decision_verdict(decision, &verdict);
    printf("%s\n", verdict == GAIT_VERDICT_ALLOW ? "allow" : "not allowed");

    gait_decision_free(decision);
    gait_gate_free(gate);
    gait_policy_free(policy);
    return verdict == GAIT_VERDICT_ALLOW ? 0 : 1;
}
