/* Checks that count: each program ends with check_end(), which tells how many held. */
#ifndef GAIT_TEST_CHECK_H
#define GAIT_TEST_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gait.h"

static unsigned check_held, check_failed;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (condition) {                                                                                               \
            check_held++;                                                                                              \
        } else {                                                                                                       \
            check_failed++;                                                                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                            \
        }                                                                                                              \
    } while (0)

/* Checks a status and names the one that came instead. */
#define CHECK_STATUS(call, expected)                                                                                   \
    do {                                                                                                               \
        const gait_status check_status = (call);                                                                       \
        if (check_status == (expected)) {                                                                              \
            check_held++;                                                                                              \
        } else {                                                                                                       \
            const gait_str check_name = gait_status_name(check_status);                                                \
            check_failed++;                                                                                            \
            fprintf(stderr, "%s:%d: %s: %.*s\n", __FILE__, __LINE__, #call, (int)check_name.len, check_name.data);     \
        }                                                                                                              \
    } while (0)

#define CHECK_OK(call) CHECK_STATUS(call, GAIT_STATUS_OK)

static inline int is_text(gait_str text, const char *expected) {
    return text.len == strlen(expected) && memcmp(text.data, expected, text.len) == 0;
}

static inline int check_end(void) {
    CHECK(gait_live_handles() == 0);
    printf("%u held, %u failed\n", check_held, check_failed);
    return check_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
