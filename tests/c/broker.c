/* Brokers: functions of the caller's that issue credentials, and those of the library. */
#include <pthread.h>

#include "authority.h"

enum { THREADS = 8, ROUNDS = 50, LIMIT = 16384 };

static const char NEEDS[] =
    "default_verdict: block\n"
    "rules: [{name: b, effect: allow, require_broker_credential: true, broker_reference: db, broker_scopes: [read], "
    "match: {tool_names: [db.query]}}, {name: r, effect: allow, match: {tool_names: [fs.read]}}]\n";

/* How a broker behaves, and what it saw. */
struct broker {
    const char *answer;
    size_t answer_len;
    uint32_t result;
    const gait_gate *ask_also; /* A gate to decide with, from within. */
    pthread_mutex_t lock;
    unsigned calls, releases, wrong;
    gait_broker_answer *kept;
    char request[2048];
};

static uint32_t issue(void *user, const void *request, size_t request_len, gait_broker_answer *answer) {
    struct broker *broker = user;
    pthread_mutex_lock(&broker->lock);
    broker->calls++;
    broker->kept = answer;
    if (request_len < sizeof broker->request) {
        memcpy(broker->request, request, request_len);
        broker->request[request_len] = '\0';
    }
    pthread_mutex_unlock(&broker->lock);
    if (broker->ask_also != NULL) {
        gait_decision *decision = NULL;
        const gait_status status = gait_gate_evaluate(broker->ask_also, TEXT(READS), NULL, &decision, NULL);
        if (status != GAIT_STATUS_OK || gait_decision_free(decision) != GAIT_STATUS_OK) {
            broker->wrong++;
        }
    }
    if (broker->answer != NULL) {
        const gait_status status = gait_broker_answer_set(answer, broker->answer, broker->answer_len);
        const gait_status right = broker->answer_len > LIMIT ? GAIT_STATUS_INVALID_LENGTH : GAIT_STATUS_OK;
        broker->wrong += status != right ? 1 : 0;
    }
    return broker->result;
}

static void let_go(void *user) { ((struct broker *)user)->releases++; }

static gait_gate *asking(struct broker *broker) {
    gait_gate_options *options = options_new();
    CHECK_OK(gait_gate_options_set_broker_function(options, issue, broker, let_go));
    return gate_of(NEEDS, options);
}

static void answers(void) {
    static const char GOOD[] = "{\"issued_by\": \"mine\", \"credential_ref\": \"ref:one\", \"access_type\": \"jit\", "
                               "\"ttl_seconds\": 60}";
    static const char ENDS[] = "{\"credential_ref\": \"ref:one\", \"expires_at\": \"2026-03-01T12:00:01Z\"}";
    static char huge[LIMIT + 1];
    static const char TOKEN[] = "{\"credential_ref\": \"ghp_0123456789abcdefghijABCDEFGHIJ012345\"}";
    struct row {
        const char *answer;
        size_t len;
        uint32_t result;
    };
    const struct row BAD[] = {
        {TEXT(GOOD), 1},
        {TEXT(GOOD), GAIT_STATUS_POLICY_BLOCKED},
        {NULL, 0, 0},
        {"", 0, 0},
        {TEXT("{}"), 0},
        {TEXT("{\"credential_ref\": \"ref:one\", \"secret\": \"x\"}"), 0},
        {TEXT("[]"), 0},
        {TEXT("{\"credential_ref\": \"\xff\""), 0},
        {TEXT(TOKEN), 0},
        {TEXT("{\"credential_ref\": \"ref:one\", \"expires_at\": \"2001-01-01T00:00:00Z\"}"), 0},
        /* Over at the moment of the decision, whatever the machine's clock says. */
        {TEXT("{\"credential_ref\": \"ref:one\", \"expires_at\": \"2026-03-01T12:00:00Z\"}"), 0},
        {huge, sizeof huge, 0},
    };
    struct broker broker = {.answer = GOOD, .answer_len = sizeof GOOD - 1, .lock = PTHREAD_MUTEX_INITIALIZER};
    const gait_str scopes[] = {str("write"), str("list")};
    gait_inputs inputs = {.size = sizeof inputs, .now = &NOON};
    gait_gate *gate = asking(&broker);
    gait_decision *decision;
    gait_credential credential;
    gait_buffer *buffer = NULL;
    char *json;
    memset(huge, ' ', sizeof huge);

    /* Asked only where a rule says so. */
    decision = decide(gate, READS, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW && broker.calls == 0);
    CHECK_OK(gait_decision_credential(decision, &credential));
    CHECK(!credential.issued && credential.reference.len == 0);
    CHECK_OK(gait_decision_free(decision));

    decision = decide(gate, QUERIES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW && has_code(decision, "broker_credential_present"));
    CHECK(broker.calls == 1);
    CHECK(strncmp(broker.request, "{\"tool_name\":\"db.query\",\"identity\":\"alice\"", 41) == 0);
    CHECK(strstr(broker.request, "\"reference\":\"db\",\"scope\":[\"read\"]") != NULL);
    CHECK_OK(gait_decision_credential(decision, &credential));
    CHECK(credential.issued && is_text(credential.issuer, "mine") && is_text(credential.reference, "ref:one"));
    CHECK(is_text(credential.access_type, "jit") && credential.ttl_seconds == 60 && credential.source.len > 0);
    CHECK_OK(gait_decision_to_json(decision, &buffer, NULL));
    json = text_of(buffer);
    CHECK(strstr(json, "\"credential_ref\":\"ref:one\"") != NULL);
    free(json);
    CHECK_OK(gait_decision_free(decision));
    /* The place for the answer is good for the call alone. */
    CHECK_STATUS(gait_broker_answer_set(broker.kept, TEXT(GOOD)), GAIT_STATUS_INVALID_HANDLE);

    inputs.credential_ref = str("other");
    inputs.credential_scopes = scopes;
    inputs.credential_scope_count = 2;
    decision = decide(gate, QUERIES, &inputs);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK(strstr(broker.request, "\"reference\":\"other\",\"scope\":[\"list\",\"read\",\"write\"]") != NULL);
    CHECK_OK(gait_decision_free(decision));

    broker.answer = ENDS;
    broker.answer_len = sizeof ENDS - 1;
    decision = decide(gate, QUERIES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_credential(decision, &credential));
    CHECK(credential.ttl_seconds == 1);
    CHECK_OK(gait_decision_free(decision));

    for (size_t row = 0; row < sizeof BAD / sizeof *BAD; row++) {
        broker.answer = BAD[row].answer;
        broker.answer_len = BAD[row].len;
        broker.result = BAD[row].result;
        decision = decide(gate, QUERIES, NULL);
        CHECK(verdict_of(decision) == GAIT_VERDICT_BLOCK && has_code(decision, "broker_credential_missing"));
        CHECK_OK(gait_decision_credential(decision, &credential));
        CHECK(!credential.issued);
        CHECK_OK(gait_decision_to_json(decision, &buffer, NULL));
        json = text_of(buffer);
        CHECK(strstr(json, "ghp_") == NULL);
        free(json);
        CHECK_OK(gait_decision_free(decision));
    }
    CHECK(broker.wrong == 0 && broker.releases == 0);
    CHECK_OK(gait_gate_free(gate));
    CHECK(broker.releases == 1);
}

static void let_go_once(void) {
    struct broker first = {.lock = PTHREAD_MUTEX_INITIALIZER}, second = {.lock = PTHREAD_MUTEX_INITIALIZER};
    gait_gate_options *options = options_new();
    gait_policy *policy = NULL;
    gait_gate *one = NULL, *two = NULL;
    CHECK_OK(gait_policy_parse(TEXT(NEEDS), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_STATUS(gait_gate_options_set_broker_function(options, NULL, &first, let_go), GAIT_STATUS_NULL_POINTER);
    CHECK_STATUS(gait_gate_options_set_broker_function(NULL, issue, &first, let_go), GAIT_STATUS_NULL_POINTER);
    CHECK(first.releases == 0);
    CHECK_OK(gait_gate_options_set_broker_function(options, issue, &first, let_go));
    CHECK_OK(gait_gate_new(policy, options, &one, NULL));
    CHECK_OK(gait_gate_options_set_broker_function(options, issue, &second, let_go));
    CHECK(first.releases == 0);
    CHECK_OK(gait_gate_new(policy, options, &two, NULL));
    CHECK_OK(gait_gate_free(one));
    CHECK(first.releases == 1);
    CHECK_OK(gait_gate_options_set_broker(options, TEXT("off")));
    CHECK_OK(gait_gate_options_free(options));
    CHECK(second.releases == 0);
    CHECK_OK(gait_gate_free(two));
    CHECK(first.releases == 1 && second.releases == 1);
    /* Without a function to let go. */
    options = options_new();
    CHECK_OK(gait_gate_options_set_broker_function(options, issue, &first, NULL));
    CHECK_OK(gait_gate_options_free(options));
    CHECK(first.releases == 1);
    CHECK_OK(gait_policy_free(policy));
}

static void of_the_library(void) {
    gait_gate_options *options = options_new();
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    gait_decision *decision;
    gait_error *error = NULL;
    gait_credential credential;
    CHECK_OK(gait_policy_parse(TEXT(NEEDS), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_gate_options_set_broker(options, TEXT("stub")));
    gate = gate_of(NEEDS, options);
    decision = decide(gate, QUERIES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_credential(decision, &credential));
    CHECK(is_text(credential.source, "stub"));
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_gate_free(gate));

    options = options_new();
    CHECK_OK(gait_gate_options_set_broker(options, TEXT("env")));
    CHECK_OK(gait_gate_options_set_broker_env_prefix(options, TEXT("GAIT_TEST_NOT_SET_")));
    gate = gate_of(NEEDS, options);
    DECIDES(gate, QUERIES, NULL, GAIT_VERDICT_BLOCK, "broker_credential_missing");
    CHECK_OK(gait_gate_free(gate));

    options = options_new();
    CHECK_OK(gait_gate_options_set_broker(options, TEXT("command")));
    CHECK_STATUS(gait_gate_new(policy, options, &gate, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(gate == NULL && is_error(error, "broker_command_missing"));
    CHECK_OK(gait_gate_options_set_broker_command(options, TEXT("/bin/echo")));
    CHECK_OK(gait_gate_options_add_broker_arg(options, TEXT("{\"credential_ref\": \"cmd:one\"}")));
    gate = gate_of(NEEDS, options);
    decision = decide(gate, QUERIES, NULL);
    CHECK(verdict_of(decision) == GAIT_VERDICT_ALLOW);
    CHECK_OK(gait_decision_credential(decision, &credential));
    CHECK(is_text(credential.reference, "cmd:one"));
    CHECK_OK(gait_decision_free(decision));
    CHECK_OK(gait_gate_free(gate));

    options = options_new();
    CHECK_STATUS(gait_gate_options_set_broker(options, TEXT("")), GAIT_STATUS_INVALID_INPUT);
    CHECK_OK(gait_gate_options_set_broker(options, TEXT("bank")));
    CHECK_STATUS(gait_gate_new(policy, options, &gate, &error), GAIT_STATUS_INVALID_INPUT);
    CHECK(gate == NULL && is_error(error, "broker_unknown"));
    CHECK_OK(gait_gate_options_free(options));
    /* Without any broker. */
    gate = gate_of(NEEDS, NULL);
    DECIDES(gate, QUERIES, NULL, GAIT_VERDICT_BLOCK, "broker_credential_required");
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_policy_free(policy));
}

struct worker {
    pthread_t thread;
    const gait_gate *gate;
    const gait_inputs *inputs;
    unsigned wrong, allowed;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    for (unsigned round = 0; round < ROUNDS; round++) {
        gait_decision *decision = NULL;
        gait_verdict verdict = GAIT_VERDICT_BLOCK;
        const gait_status status = gait_gate_evaluate(worker->gate, TEXT(QUERIES), worker->inputs, &decision, NULL);
        worker->wrong += status != GAIT_STATUS_OK ? 1 : 0;
        worker->wrong += gait_decision_verdict(decision, &verdict) != GAIT_STATUS_OK ? 1 : 0;
        worker->allowed += verdict == GAIT_VERDICT_ALLOW ? 1 : 0;
        worker->wrong += gait_decision_free(decision) != GAIT_STATUS_OK ? 1 : 0;
    }
    return NULL;
}

/* How many of all evaluations were allowed. */
static unsigned together(const gait_gate *gate, const gait_inputs *inputs) {
    struct worker workers[THREADS];
    unsigned allowed = 0;
    for (unsigned index = 0; index < THREADS; index++) {
        const struct worker fresh = {.gate = gate, .inputs = inputs};
        workers[index] = fresh;
        CHECK(pthread_create(&workers[index].thread, NULL, work, &workers[index]) == 0);
    }
    for (unsigned index = 0; index < THREADS; index++) {
        CHECK(pthread_join(workers[index].thread, NULL) == 0);
        CHECK(workers[index].wrong == 0);
        allowed += workers[index].allowed;
    }
    return allowed;
}

static void from_many_threads(void) {
    struct broker broker = {.answer = "{\"credential_ref\": \"ref:one\"}",
                            .answer_len = strlen("{\"credential_ref\": \"ref:one\"}"),
                            .lock = PTHREAD_MUTEX_INITIALIZER};
    gait_gate *gate = asking(&broker);
    broker.ask_also = gate;
    CHECK(together(gate, NULL) == THREADS * ROUNDS);
    CHECK(broker.calls == THREADS * ROUNDS && broker.wrong == 0);
    CHECK_OK(gait_gate_free(gate));
}

/* Whoever asks, and however many at once: an approval lets one call pass. */
static void one_approval_for_all(void) {
    gait_signing_key *alice = key_of(1);
    gait_trusted_keys *keys = trusting(alice, NULL);
    gait_gate_options *options = options_new();
    gait_gate *gate;
    gait_decision *held;
    gait_approval_token *token;
    const gait_approval_token *presented[1];
    gait_inputs inputs = {.size = sizeof inputs, .now = &NOON, .approvals = presented, .approval_count = 1};
    char *request;
    CHECK_OK(gait_gate_options_set_approvers(options, keys));
    gate = gate_of("default_verdict: require_approval\n", options);
    held = decide(gate, QUERIES, NULL);
    request = request_of(held);
    presented[0] = token = approve(request, alice, "alice");
    CHECK(together(gate, &inputs) == 1);
    free(request);
    CHECK_OK(gait_approval_token_free(token));
    CHECK_OK(gait_decision_free(held));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_trusted_keys_free(keys));
    CHECK_OK(gait_signing_key_free(alice));
}

int main(void) {
    answers();
    let_go_once();
    of_the_library();
    from_many_threads();
    one_approval_for_all();
    return check_end();
}
