/* answer.h - calls that begin an operation are answered a moment later, when most are over already. */
#pragma once
#include "app/call.h"
#include "store/stacks.h"

/* What begins an operation on a stack is recorded at once, but the client is told when the stack
 * has settled, at the latest after STACK_ANSWER_MS. Most stacks settle within milliseconds, and
 * clients look for that first at once and then every 5 or 30 seconds (`aws cloudformation deploy`):
 * the first look finds it done. A call from inside is answered at once. */
enum { STACK_ANSWER_MS = 400 };
struct StackAnswers;

must_use bool stack_answers_open(Server *s, Error *err);
void stack_answers_close(Server *s);

/* What a handler returns, call->out being set: CALL_DONE or CALL_LATER. Within the event that began
 * the operation. */
CallResult stack_answer(Call *call, const StackRow *row);
void stack_answers_settled(Server *s, const StackRow *row); /* within the event */
void stack_answers_due(Server *s, Str subject);             /* timer kind "stack-answer" */
