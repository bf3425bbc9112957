/* A policy and intents that several programs use. */
#ifndef GAIT_TEST_SAMPLES_H
#define GAIT_TEST_SAMPLES_H

static const char POLICY[] = "default_verdict: block\n"
                             "rules:\n"
                             "  - name: reads\n"
                             "    effect: allow\n"
                             "    match: {tool_name: fs.read}\n"
                             "  - name: limited\n"
                             "    effect: allow\n"
                             "    rate_limit: {requests: 100, window: hour, scope: tool}\n"
                             "    match: {tool_name: db.query}\n"
                             "  - name: asks\n"
                             "    effect: require_approval\n"
                             "    min_approvals: 2\n"
                             "    require_distinct_approvers: true\n"
                             "    match: {tool_name: deploy}\n";

#define INTENT(tool)                                                                                                   \
    "{\"tool_name\": \"" tool "\", \"args\": {\"path\": \"/tmp/x\"}, \"targets\": [], "                                \
    "\"created_at\": \"2026-03-01T08:00:00+01:00\", "                                                                  \
    "\"context\": {\"identity\": \"alice\", \"workspace\": \"/repo\", \"risk_class\": \"low\"}}"

static const char READS[] = INTENT("fs.read");
static const char QUERIES[] = INTENT("db.query");
static const char DEPLOYS[] = INTENT("deploy");
static const char DELETES[] = INTENT("fs.delete");

#define TEXT(literal) (literal), (sizeof(literal) - 1)

#endif
