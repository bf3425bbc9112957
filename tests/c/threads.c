/* Eight threads share one gate, one intent and one decision; limits are counted across them. */
#include <pthread.h>

#include "check.h"
#include "samples.h"

enum { THREADS = 8, ROUNDS = 250 };

struct worker {
    pthread_t thread;
    const gait_gate *gate;
    const gait_intent *intent;
    const gait_decision *shared;
    const gait_verifying_key *key;
    unsigned wrong, queries_allowed;
};

static void expect(struct worker *worker, int condition) { worker->wrong += condition ? 0 : 1; }

static void judge(struct worker *worker, gait_status status, gait_decision *decision, gait_verdict expected) {
    gait_verdict verdict = GAIT_VERDICT_BLOCK;
    expect(worker, status == GAIT_STATUS_OK);
    expect(worker, gait_decision_verdict(decision, &verdict) == GAIT_STATUS_OK && verdict == expected);
    expect(worker, gait_decision_free(decision) == GAIT_STATUS_OK);
}

static void *work(void *argument) {
    struct worker *worker = argument;
    const gait_bytes batch[] = {{TEXT(READS)}, {TEXT(DELETES)}, {TEXT(DEPLOYS)}};
    for (unsigned round = 0; round < ROUNDS; round++) {
        gait_decision *decision = NULL, *decisions[3];
        gait_buffer *trace = NULL;
        gait_error *error = NULL;
        gait_bytes bytes;
        gait_str text;
        gait_verdict verdict = GAIT_VERDICT_BLOCK;
        gait_status status = gait_gate_evaluate(worker->gate, TEXT(READS), NULL, &decision, NULL);
        expect(worker, gait_gate_trace(worker->gate, decision, NULL, &trace, NULL) == GAIT_STATUS_OK);
        expect(worker, gait_buffer_bytes(trace, &bytes) == GAIT_STATUS_OK);
        if (round % 16 == 0) {
            expect(worker,
                   gait_trace_verify(bytes.data, bytes.len, GAIT_MODE_STRICT, worker->key, NULL) == GAIT_STATUS_OK);
        }
        expect(worker, gait_buffer_free(trace) == GAIT_STATUS_OK);
        judge(worker, status, decision, GAIT_VERDICT_ALLOW);

        status = gait_gate_evaluate_intent(worker->gate, worker->intent, NULL, &decision, NULL);
        judge(worker, status, decision, GAIT_VERDICT_REQUIRE_APPROVAL);

        expect(worker, gait_decision_matched_rule(worker->shared, &text) == GAIT_STATUS_OK && is_text(text, "asks"));

        status = gait_gate_evaluate_many(worker->gate, batch, 3, NULL, decisions, NULL);
        judge(worker, status, decisions[0], GAIT_VERDICT_ALLOW);
        judge(worker, status, decisions[1], GAIT_VERDICT_BLOCK);
        judge(worker, status, decisions[2], GAIT_VERDICT_REQUIRE_APPROVAL);

        expect(worker, gait_gate_evaluate(worker->gate, TEXT("[]"), NULL, &decision, &error) != GAIT_STATUS_OK);
        expect(worker, decision == NULL && gait_error_free(error) == GAIT_STATUS_OK);

        if (round < 50) {
            /* One moment for all, so that no new hour begins in between. */
            const gait_time now = {1772366400, 0};
            gait_inputs inputs = {.size = sizeof inputs, .now = &now};
            status = gait_gate_evaluate(worker->gate, TEXT(QUERIES), &inputs, &decision, NULL);
            expect(worker, status == GAIT_STATUS_OK);
            expect(worker, gait_decision_verdict(decision, &verdict) == GAIT_STATUS_OK);
            worker->queries_allowed += verdict == GAIT_VERDICT_ALLOW ? 1 : 0;
            expect(worker, gait_decision_free(decision) == GAIT_STATUS_OK);
        }
    }
    return NULL;
}

int main(void) {
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    gait_intent *intent = NULL;
    gait_decision *shared = NULL;
    gait_signing_key *key = NULL;
    gait_verifying_key *public_key = NULL;
    gait_gate_options *options = NULL;
    struct worker workers[THREADS];
    unsigned queries_allowed = 0;
    CHECK_OK(gait_policy_parse(TEXT(POLICY), GAIT_MODE_STRICT, &policy, NULL));
    CHECK_OK(gait_signing_key_generate(&key, NULL));
    CHECK_OK(gait_signing_key_verifying_key(key, &public_key, NULL));
    CHECK_OK(gait_gate_options_new(&options, NULL));
    CHECK_OK(gait_gate_options_set_signing_key(options, key));
    CHECK_OK(gait_gate_new(policy, options, &gate, NULL));
    CHECK_OK(gait_gate_options_free(options));
    CHECK_OK(gait_intent_parse(TEXT(DEPLOYS), GAIT_MODE_STRICT, &intent, NULL));
    CHECK_OK(gait_gate_evaluate_intent(gate, intent, NULL, &shared, NULL));
    for (unsigned index = 0; index < THREADS; index++) {
        const struct worker fresh = {.gate = gate, .intent = intent, .shared = shared, .key = public_key};
        workers[index] = fresh;
        CHECK(pthread_create(&workers[index].thread, NULL, work, &workers[index]) == 0);
    }
    for (unsigned index = 0; index < THREADS; index++) {
        CHECK(pthread_join(workers[index].thread, NULL) == 0);
        CHECK(workers[index].wrong == 0);
        queries_allowed += workers[index].queries_allowed;
    }
    /* Of 400 queries the limit lets 100 pass, whoever asks. */
    CHECK(queries_allowed == 100);
    CHECK_OK(gait_decision_free(shared));
    CHECK_OK(gait_intent_free(intent));
    CHECK_OK(gait_gate_free(gate));
    CHECK_OK(gait_policy_free(policy));
    CHECK_OK(gait_signing_key_free(key));
    CHECK_OK(gait_verifying_key_free(public_key));
    return check_end();
}
