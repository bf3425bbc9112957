/* Approvals from a shell, in strict mode, over the C interface: one of several programs that must understand one
 * another.
 *
 *   approve request POLICY INTENT OUT.json
 *   approve approve REQUEST.json PRIVATE_KEY APPROVER REASON OUT.json     for an hour
 *   approve decide POLICY INTENT PUBLIC_KEY TOKEN.json...                 prints the verdict and the reasons
 *
 * Ends with the exit code of the decision, 4 for one that waits for an approval, or of the failure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gait.h"

enum { MOST_TOKENS = 16, LARGEST_FILE = 1 << 20, USAGE = 6 };

/* Ends the program unless the call went well. What is alive then goes with the process. */
static void expect(gait_status status, gait_error *error) {
    gait_str message;
    if (status == GAIT_STATUS_OK) {
        return;
    }
    message = gait_status_name(status);
    if (error != NULL) {
        gait_error_message(error, &message);
    }
    fprintf(stderr, "approve: %.*s\n", (int)message.len, message.data);
    exit(gait_status_exit_code(status));
}

static gait_bytes read_file(const char *path) {
    gait_bytes content = {NULL, 0};
    char *data = malloc(LARGEST_FILE);
    FILE *file = fopen(path, "rb");
    if (data != NULL && file != NULL) {
        content.data = data;
        content.len = fread(data, 1, LARGEST_FILE, file);
    }
    if (content.data == NULL || ferror(file) || content.len == LARGEST_FILE) {
        fprintf(stderr, "approve: %s cannot be read\n", path);
        exit(USAGE);
    }
    fclose(file);
    return content;
}

static void write_file(const char *path, const gait_buffer *buffer) {
    gait_bytes bytes;
    FILE *file = fopen(path, "wb");
    expect(gait_buffer_bytes(buffer, &bytes), NULL);
    if (file == NULL || fwrite(bytes.data, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
        fprintf(stderr, "approve: %s cannot be written\n", path);
        exit(USAGE);
    }
}

static gait_gate *gate_of(const char *policy_path, const gait_gate_options *options) {
    const gait_bytes text = read_file(policy_path);
    gait_policy *policy = NULL;
    gait_gate *gate = NULL;
    gait_error *error = NULL;
    expect(gait_policy_parse(text.data, text.len, GAIT_MODE_STRICT, &policy, &error), error);
    expect(gait_gate_new(policy, options, &gate, &error), error);
    gait_policy_free(policy);
    free((void *)(uintptr_t)text.data);
    return gate;
}

static gait_decision *decide(const gait_gate *gate, const char *intent_path, const gait_inputs *inputs) {
    const gait_bytes intent = read_file(intent_path);
    gait_decision *decision = NULL;
    gait_error *error = NULL;
    expect(gait_gate_evaluate(gate, intent.data, intent.len, inputs, &decision, &error), error);
    free((void *)(uintptr_t)intent.data);
    return decision;
}

static int exit_code_of(gait_decision *decision, gait_gate *gate) {
    int32_t code = 1;
    expect(gait_decision_exit_code(decision, &code), NULL);
    gait_decision_free(decision);
    gait_gate_free(gate);
    return code;
}

static int request(char **words) {
    gait_gate *gate = gate_of(words[0], NULL);
    gait_decision *decision = decide(gate, words[1], NULL);
    gait_buffer *document = NULL;
    gait_error *error = NULL;
    expect(gait_decision_approval_request(decision, &document, &error), error);
    if (document != NULL) {
        write_file(words[2], document);
        gait_buffer_free(document);
    }
    return exit_code_of(decision, gate);
}

static int approve(char **words) {
    const gait_bytes document = read_file(words[0]), key_text = read_file(words[1]);
    const gait_approval_terms terms = {.size = sizeof terms,
                                       .approver = {words[2], strlen(words[2])},
                                       .reason = {words[3], strlen(words[3])},
                                       .ttl_nanos = INT64_C(3600000000000)};
    gait_signing_key *key = NULL;
    gait_approval_token *token = NULL;
    gait_buffer *file = NULL;
    gait_error *error = NULL;
    expect(gait_signing_key_parse(key_text.data, key_text.len, &key, &error), error);
    expect(gait_approve(document.data, document.len, GAIT_MODE_STRICT, key, &terms, &token, &error), error);
    expect(gait_approval_token_to_json(token, &file, &error), error);
    write_file(words[4], file);
    gait_buffer_free(file);
    gait_approval_token_free(token);
    gait_signing_key_free(key);
    free((void *)(uintptr_t)document.data);
    free((void *)(uintptr_t)key_text.data);
    return 0;
}

static int decide_with(int count, char **words) {
    const gait_approval_token *presented[MOST_TOKENS];
    gait_approval_token *tokens[MOST_TOKENS];
    gait_inputs inputs = {.size = sizeof inputs, .approvals = presented};
    gait_gate_options *options = NULL;
    gait_trusted_keys *keys = NULL;
    gait_verifying_key *key = NULL;
    gait_gate *gate;
    gait_decision *decision;
    gait_verdict verdict = GAIT_VERDICT_BLOCK;
    gait_error *error = NULL;
    gait_bytes text = read_file(words[2]);
    gait_str word;
    size_t codes = 0;
    expect(gait_verifying_key_parse(text.data, text.len, &key, &error), error);
    free((void *)(uintptr_t)text.data);
    expect(gait_trusted_keys_new(&keys, &error), error);
    expect(gait_trusted_keys_add(keys, key), NULL);
    expect(gait_gate_options_new(&options, &error), error);
    expect(gait_gate_options_set_approvers(options, keys), NULL);
    gate = gate_of(words[0], options);
    for (int index = 3; index < count; index++) {
        const size_t number = inputs.approval_count++;
        text = read_file(words[index]);
        expect(gait_approval_token_parse(text.data, text.len, GAIT_MODE_STRICT, &tokens[number], &error), error);
        free((void *)(uintptr_t)text.data);
        presented[number] = tokens[number];
    }
    decision = decide(gate, words[1], &inputs);
    expect(gait_decision_verdict(decision, &verdict), NULL);
    word = gait_verdict_name(verdict);
    printf("%.*s ", (int)word.len, word.data);
    expect(gait_decision_reason_code_count(decision, &codes), NULL);
    for (size_t index = 0; index < codes; index++) {
        expect(gait_decision_reason_code(decision, index, &word), NULL);
        printf("%s%.*s", index == 0 ? "" : ",", (int)word.len, word.data);
    }
    printf("\n");
    for (size_t index = 0; index < inputs.approval_count; index++) {
        gait_approval_token_free(tokens[index]);
    }
    gait_gate_options_free(options);
    gait_trusted_keys_free(keys);
    gait_verifying_key_free(key);
    return exit_code_of(decision, gate);
}

int main(int count, char **words) {
    int code;
    if (count == 5 && strcmp(words[1], "request") == 0) {
        code = request(words + 2);
    } else if (count == 7 && strcmp(words[1], "approve") == 0) {
        code = approve(words + 2);
    } else if (count >= 5 && count - 5 <= MOST_TOKENS && strcmp(words[1], "decide") == 0) {
        code = decide_with(count - 2, words + 2);
    } else {
        fprintf(stderr, "usage: approve request|approve|decide ..., as the source says\n");
        return USAGE;
    }
    return gait_live_handles() == 0 ? code : 1;
}
