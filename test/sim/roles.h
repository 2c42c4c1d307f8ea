/* roles.h - clients under --auth enforce: roles change while their sessions, executions and schedules send messages. */
#pragma once
#include "aws.h"

struct ServerConfig;

void roles_open(struct ServerConfig *config);
void roles_close(void);
bool roles_done(void);
void roles_verify(void);
/* Without a server: every message was sent by whom the policies of that moment let, and nobody was
 * refused whom they let all the while. */
void roles_check(void);

/* ---- what was asked for ---- */
enum { ROLES = 2, QUEUES = 2, DOCUMENTS_MAX = 400, SENDS_MAX = 400 };

/* A policy or a trust policy, by the number in its Sid. */
typedef struct Document {
    bool send[QUEUES], deny[QUEUES];       /* a policy */
    bool to_user, to_scheduler, to_states; /* a trust policy */
} Document;
const Document *roles_document(int64_t number); /* NULL: none has this number */

/* A message that a session was to send. */
typedef struct Send {
    int role, queue;
    Fate fate;
    Millis asked_at, answered_at;
    Millis session_at, session_since; /* when AssumeRole was asked for, and answered */
} Send;
int64_t roles_sends(void);
const Send *roles_send(int64_t n);
