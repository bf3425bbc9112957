/* State in files that processes share: the kill switch, limits, used approvals, requests; inventories and registries.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authority.h"

static const char ALLOWS[] = "default_verdict: allow\n";
static const char ASKS[] = "default_verdict: require_approval\n";
static const char LIMITED[] =
    "default_verdict: block\n"
    "rules: [{name: few, effect: allow, rate_limit: {requests: 20, window: hour, scope: tool}, "
    "match: {tool_names: [db.query]}}]\n";

static const char *program;
static char folder[] = "/tmp/gait-state-XXXXXX";

/* A path in the folder of this run; good until the next call but seven. */
static const char *in_folder(const char *name) {
    static char paths[8][256];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    if (file != NULL) {
        CHECK(fputs(text, file) >= 0);
        CHECK(fclose(file) == 0);
    }
}

static gait_kill_switch_file kill_switch_at(const char *path) {
    const gait_kill_switch_file file = {.size = sizeof file, .path = str(path), .now = &NOON};
    return file;
}

/* Starts this program anew with these words; the same number of times at once. */
static void others(const char *act, const char *path, unsigned processes) {
    pid_t children[8];
    CHECK(processes <= 8);
    for (unsigned index = 0; index < processes; index++) {
        children[index] = fork();
        CHECK(children[index] >= 0);
        if (children[index] == 0) {
            execl(program, program, act, path, (char *)NULL);
            _exit(127);
        }
    }
    for (unsigned index = 0; index < processes; index++) {
        int status = -1;
        while (waitpid(children[index], &status, 0) < 0 && errno == EINTR) {
        }
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

/* What another process does. */
static int act_alone(const char *act, const char *path) {
    gait_buffer *entry = NULL;
    gait_kill_switch_file file = kill_switch_at(path);
    if (strcmp(act, "stop") == 0) {
        static const char DELETES_ONLY[] = "{\"entry_id\": \"k1\", \"tool_name\": \"fs.delete\", \"actor\": \"other\"}";
        CHECK_OK(gait_kill_switch_add(&file, TEXT(DELETES_ONLY), &entry, NULL));
    } else if (strcmp(act, "resume") == 0) {
        CHECK_OK(gait_kill_switch_disable(&file, TEXT("k1"), &entry, NULL));
    } else if (strcmp(act, "take") == 0) {
        gait_gate_options *options = options_new();
        gait_gate *gate;
        CHECK_OK(gait_gate_options_set_rate_limit_state(options, path, strlen(path)));
        gate = gate_of(LIMITED, options);
        for (int round = 0; round < 4; round++) {
            gait_decision *decision = decide(gate, QUERIES, NULL);
            CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
            CHECK_OK(gait_decision_free(decision));
        }
        CHECK_OK(gait_gate_free(gate));
    } else {
        CHECK(!"a known act");
    }
    CHECK_OK(gait_buffer_free(entry));
    return check_failed == 0 && gait_live_handles() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void stopped_by_another_process(void) {
    const char *path = in_folder("kill_switch.json");
    gait_kill_switch_file file = kill_switch_at(path);
    gait_gate_options *options = options_new();
    gait_gate *gate;
    gait_kill_switch *state = NULL;
    gait_decision *decision;
    gait_buffer *buffer = NULL;
    gait_error *error = NULL;
    gait_time end = {NOON.seconds + 10, 0};
    gait_inputs later = {.size = sizeof later, .now = &end};
    gait_str text;
    char *document;
    CHECK_OK(gait_gate_options_set_kill_switch_state(options, path, strlen(path)));
    gate = gate_of(ALLOWS, options);

    /* Missing is an error, and never an allow. */
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), NULL, &decision, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(decision == NULL && is_error(error, "file_unusable"));
    CHECK_STATUS(gait_kill_switch_load(&file, &state, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(state == NULL && is_error(error, "file_unusable"));
    CHECK_OK(gait_kill_switch_start(&file, NULL));
    CHECK_OK(gait_kill_switch_start(&file, NULL));
    decision = decide(gate, DELETES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_kill_switch_status(decision, &text));
    CHECK(is_text(text, "inactive"));
    CHECK_OK(gait_decision_free(decision));

    /* The next decision sees what another process did. */
    others("stop", path, 1);
    DECIDES(gate, DELETES, NULL, GAIT_VERDICT_BLOCK, "kill_switch_tool_name_active");
    decision = decide(gate, READS, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_kill_switch_load(&file, &state, NULL));
    CHECK_OK(gait_kill_switch_to_json(state, &buffer, NULL));
    document = text_of(buffer);
    CHECK(strstr(document, "\"actor\": \"other\"") != NULL);
    free(document);
    CHECK_OK(gait_kill_switch_free(state));
    others("resume", path, 1);
    decision = decide(gate, DELETES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_free(decision));

    /* An entry that ends. */
    CHECK_OK(gait_kill_switch_add(&file, TEXT("{\"entry_id\": \"k2\", \"identity\": \"alice\"}"), &buffer, NULL));
    document = text_of(buffer);
    CHECK(strstr(document, "\"enabled\":true") != NULL);
    free(document);
    CHECK_OK(gait_kill_switch_expire(&file, TEXT("k2"), &end, &buffer, NULL));
    CHECK_OK(gait_buffer_free(buffer));
    DECIDES(gate, READS, NULL, GAIT_VERDICT_BLOCK, "kill_switch_identity_active");
    decision = decide(gate, READS, &later);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_kill_switch_expire(&file, TEXT("k2"), NULL, &buffer, NULL));
    CHECK_OK(gait_buffer_free(buffer));
    decision = decide(gate, READS, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_free(decision));

    /* What cannot be done. */
    CHECK_STATUS(gait_kill_switch_disable(&file, TEXT("k9"), &buffer, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(buffer == NULL && is_error(error, "kill_switch_entry_not_found"));
    CHECK_STATUS(gait_kill_switch_add(&file, TEXT("{}"), &buffer, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(is_error(error, "kill_switch_selector_missing"));
    CHECK_STATUS(gait_kill_switch_add(&file, TEXT("{\"tool\": \"x\"}"), &buffer, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_error_member(error, &text));
    CHECK(text.len > 0);
    CHECK_OK(gait_error_free(error));
    file.path = str(" ");
    CHECK_STATUS(gait_kill_switch_start(&file, NULL), GAIT_STATUS_INVALID_INPUT);
    file.path = str("../up.json");
    CHECK_STATUS(gait_kill_switch_start(&file, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(is_error(error, "path_not_local"));

    /* Garbage blocks what is risky and is an error elsewhere. */
    write_file(path, "{]");
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(READS), NULL, &decision, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(decision == NULL && error != NULL);
    CHECK_OK(gait_error_free(error));
    document = replaced(READS, "\"low\"", "\"critical\"");
    decision = decide(gate, document, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_BLOCK);
    CHECK_OK(gait_decision_kill_switch_status(decision, &text));
    CHECK(is_text(text, "unavailable"));
    CHECK_OK(gait_decision_free(decision));
    free(document);
    CHECK_OK(gait_gate_free(gate));
}

static void limited_together(void) {
    const char *path = in_folder("limits.json");
    gait_gate_options *options = options_new();
    gait_gate *gate;
    gait_decision *decision;
    gait_error *error = NULL;
    gait_usage usage;
    others("take", path, 5);
    CHECK_OK(gait_gate_options_set_rate_limit_state(options, path, strlen(path)));
    gate = gate_of(LIMITED, options);
    decision = decide(gate, QUERIES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_BLOCK && has_code(decision, "rate_limit_exceeded"));
    CHECK_OK(gait_decision_rate_limit_usage(decision, &usage));
    CHECK(usage.counted && !usage.allowed && usage.used == 20 && usage.remaining == 0 && is_text(usage.scope, "tool"));
    CHECK(usage.key.len > 0);
    CHECK_OK(gait_decision_destructive_budget_usage(decision, &usage));
    CHECK(!usage.counted && usage.used == 0 && usage.key.len == 0);
    CHECK_OK(gait_decision_free(decision));
    write_file(path, "[");
    CHECK_STATUS(gait_gate_evaluate(gate, TEXT(QUERIES), NULL, &decision, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(decision == NULL && error != NULL);
    CHECK_OK(gait_error_free(error));
    CHECK_OK(gait_gate_free(gate));
}

static gait_gate *sharing(const char *policy, const gait_trusted_keys *keys, const char *path) {
    gait_gate_options *options = options_new();
    CHECK_OK(gait_gate_options_set_approvers(options, keys));
    CHECK_OK(gait_gate_options_set_state_dir(options, path, strlen(path)));
    return gate_of(policy, options);
}

static void approved_across_gates(void) {
    const char *path = in_folder("shared");
    gait_signing_key *alice = key_of(1);
    gait_trusted_keys *keys = trusting(alice, NULL);
    gait_kill_switch_file kill_switch = kill_switch_at(in_folder("shared/.gait-out/kill_switch_state.json"));
    gait_gate *one, *two;
    gait_decision *held;
    gait_approval_token *token;
    gait_buffer *buffer = NULL;
    gait_buffer *entry = NULL;
    char *request;
    CHECK(mkdir(path, 0700) == 0);
    one = sharing(ASKS, keys, path);
    two = sharing(ASKS, keys, path);
    held = decide(one, READS, NULL);
    CHECK_OK(gait_gate_request_approval(one, held, NULL));
    CHECK_OK(gait_gate_approval_requests(two, &buffer, NULL));
    request = text_of(buffer);
    CHECK(strncmp(request, "[{\"schema_id\"", 13) == 0);
    free(request);
    request = request_of(held);
    token = approve(request, alice, "alice");
    CHECK_OK(gait_gate_add_approval(two, token, NULL));
    DECIDES(one, READS, NULL, GAIT_VERDICT_ALLOW, "approval_granted");
    DECIDES(two, READS, NULL, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_replayed");
    /* The kill switch that was started there. */
    CHECK_OK(gait_kill_switch_add(&kill_switch, TEXT("{\"tool_name\": \"fs.delete\"}"), &entry, NULL));
    CHECK_OK(gait_buffer_free(entry));
    DECIDES(one, DELETES, NULL, GAIT_VERDICT_BLOCK, "kill_switch_active");
    /* A place of its own goes before the folder. */
    {
        gait_gate_options *options = options_new();
        const gait_approval_token *presented[] = {token};
        gait_inputs inputs = {.size = sizeof inputs, .now = &NOON, .approvals = presented, .approval_count = 1};
        gait_gate *own;
        const char *used = in_folder("used.json"), *approvals = in_folder("approvals");
        CHECK_OK(gait_gate_options_set_used_tokens(options, used, strlen(used)));
        CHECK_OK(gait_gate_options_set_approvals_dir(options, approvals, strlen(approvals)));
        CHECK_OK(gait_gate_options_set_state_dir(options, path, strlen(path)));
        CHECK_OK(gait_gate_options_set_approvers(options, keys));
        own = gate_of(ASKS, options);
        DECIDES(own, READS, &inputs, GAIT_VERDICT_ALLOW, "approval_granted");
        DECIDES(own, READS, &inputs, GAIT_VERDICT_REQUIRE_APPROVAL, "approval_token_replayed");
        CHECK_OK(gait_gate_free(own));
    }
    free(request);
    CHECK_OK(gait_decision_free(held));
    CHECK_OK(gait_approval_token_free(token));
    CHECK_OK(gait_gate_free(one));
    CHECK_OK(gait_gate_free(two));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_signing_key_free(alice));
}

static void documents_beside(void) {
    static const char PII[] = "default_verdict: allow\n"
                              "rules: [{name: pii, effect: block, match: {context_data_classes: [pii]}}]\n";
    static const char SCRIPT[] =
        "{\"tool_name\": \"\", \"args\": {}, \"targets\": [], "
        "\"context\": {\"identity\": \"a\", \"workspace\": \"/w\", \"risk_class\": \"low\"}, "
        "\"script\": {\"steps\": [{\"tool_name\": \"fs.read\", \"args\": {}, \"targets\": []}]}}";
    const char *inventory = in_folder("inventory.json"), *registry = in_folder("scripts.json");
    gait_signing_key *alice = key_of(1);
    gait_trusted_keys *keys = trusting(alice, NULL);
    gait_gate_options *options = options_new();
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    gait_decision *decision;
    gait_str text;
    bool yes = true;
    CHECK_OK(gait_gate_options_set_inventory(options, inventory, strlen(inventory)));
    gate = gate_of(PII, options);
    write_file(inventory, "[{\"tool_name\": \"fs.read\", \"data_class\": \"pii\"}]");
    decision = decide(gate, READS, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_BLOCK);
    CHECK_OK(gait_decision_free(decision));
    write_file(inventory, "[{\"tool_name\": \"fs.read\", \"data_class\": \"public\"}, {\"tool_name\": \"x\"}]");
    decision = decide(gate, READS, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_gate_free(gate));

    options = options_new();
    CHECK_OK(gait_gate_options_set_approved_scripts(options, registry, strlen(registry), keys));
    write_file(registry, "[]");
    gate = gate_of(ALLOWS, options);
    decision = decide(gate, SCRIPT, NULL);
    CHECK_OK(gait_decision_pre_approved(decision, &yes));
    CHECK(!yes);
    CHECK_OK(gait_decision_pattern_id(decision, &text));
    CHECK(text.len == 0);
    CHECK_OK(gait_decision_registry_reason(decision, &text));
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_gate_free(gate));

    /* A path that leads out of the working folder fails when the gate is made. */
    options = options_new();
    CHECK_OK(gait_policy_parse(TEXT(ALLOWS), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_gate_options_set_rate_limit_state(options, TEXT("../up.json")));
    {
        gait_error *error = NULL;
        CHECK_STATUS(gait_gate_new(policy, options, &gate, &error), GAIT_STATUS_INVALID_INPUT);
        CHECK(gate == NULL && is_error(error, "path_not_local"));
    }
    CHECK_OK(gait_gate_options_free(options));
    CHECK_OK(gait_policy_free(policy));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_signing_key_free(alice));
}

/* Freeze windows in the zone of the machine. */
static void zone_of_the_machine(void) {
    static const char FREEZES[] =
        "default_verdict: block\n"
        "rules: [{name: r, effect: allow, freeze_window: {timezone: Local, effect: require_approval, "
        "windows: [{start: '2026-07-01T00:00:00', end: '2026-07-02T00:00:00'}]}}]\n";
    static const struct {
        const char *zone;
        gait_verdict verdict;
    } ZONES[] = {{"Europe/Berlin", GAIT_VERDICT_REQUIRE_APPROVAL}, {"UTC", GAIT_VERDICT_ALLOW}};
    gait_time now;
    gait_inputs inputs = {.size = sizeof inputs, .now = &now};
    CHECK_OK(gait_time_parse(TEXT("2026-06-30T23:00:00Z"), &now, NULL));
    for (size_t row = 0; row < 2; row++) {
        gait_gate *gate;
        gait_decision *decision;
        CHECK(setenv("TZ", ZONES[row].zone, 1) == 0);
        gate = gate_of(FREEZES, NULL);
        decision = decide(gate, READS, &inputs);
        CHECK(verdict_of(decision) == ZONES[row].verdict);
        CHECK_OK(gait_decision_free(decision));
        CHECK_OK(gait_gate_free(gate));
    }
}

int main(int count, char **words) {
    char command[256];
    program = words[0];
    if (count == 3) {
        return act_alone(words[1], words[2]);
    }
    CHECK(mkdtemp(folder) != NULL);
    stopped_by_another_process();
    limited_together();
    approved_across_gates();
    documents_beside();
    zone_of_the_machine();
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    CHECK(system(command) == 0);
    return check_end();
}
