/* aws.h - requests in AWS's protocols as simulated clients sign and send them, and what their answers say. */
#pragma once
#include "client.h"

/* Texts end with 0. */
typedef struct AwsKey {
    char id[64], secret[64], token[256]; /* token "": none */
} AwsKey;

/* One request. `key` NULL: a key that only the open mode takes. `target` (X-Amz-Target) stands for
 * the JSON protocols, without it a body is a form ("Action=...") or, with `method`, as it is. */
typedef struct AwsAsk {
    Client *client;
    const AwsKey *key;
    const char *service, *target;
    const char *method, *path; /* NULL: POST / */
    Str body;
    Answered *answered;
    void *about;
} AwsAsk;
Request *aws_ask(const AwsAsk *ask);

/* Whether what was asked for has been done. */
typedef enum Fate { FATE_NO, FATE_YES, FATE_PERHAPS } Fate;
/* A refusal (4xx) is NO; that a server is in trouble is allowed while the disk fails. */
Fate aws_fate(const Answer *a);
/* The same, of what may not be refused. */
Fate aws_must(const Answer *a, const char *what);
bool aws_disk_fails(void);

/* What stands between the first <TAG> and </TAG>; absent: nothing does. */
Str aws_xml(Str body, const char *tag);
/* As the value of a form: percent-encoded. */
Str aws_form(Arena *a, Str text);
/* "...", as JSON has it. */
Str aws_quoted(Arena *a, Str text);
