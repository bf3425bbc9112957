/* JSON bytes to decision through the C ABI: prints the median nanoseconds of one call. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "gait.h"

enum { ROUNDS = 101, CALLS = 2000 };

static void *read_file(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    char *data = malloc(1 << 20);
    *len = data == NULL ? 0 : fread(data, 1, 1 << 20, file);
    fclose(file);
    return data;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: evaluate POLICY INTENT\n");
        return 2;
    }
    size_t policy_len = 0, intent_len = 0;
    void *policy_text = read_file(argv[1], &policy_len);
    void *intent = read_file(argv[2], &intent_len);
    gait_policy *policy = NULL;
    gait_time now = {0};
    if (policy_text == NULL || intent == NULL ||
        gait_policy_parse(policy_text, policy_len, GAIT_MODE_STRICT, &policy, NULL) != GAIT_STATUS_OK ||
        gait_time_now(&now) != GAIT_STATUS_OK) {
        fprintf(stderr, "cannot read the inputs\n");
        return 1;
    }
    gait_inputs inputs = {.size = sizeof inputs, .now = &now};
    static double medians[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (int call = 0; call < CALLS; call++) {
            gait_decision *decision = NULL;
            if (gait_policy_evaluate(policy, intent, intent_len, &inputs, &decision, NULL) != GAIT_STATUS_OK) {
                fprintf(stderr, "no decision\n");
                return 1;
            }
            gait_decision_free(decision);
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        double ns = (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
        medians[round] = ns / CALLS;
    }
    qsort(medians, ROUNDS, sizeof medians[0], by_value);
    printf("%.1f\n", medians[ROUNDS / 2]);
    gait_policy_free(policy);
    free(policy_text);
    free(intent);
    return 0;
}
