/* answer.c - the list of calls that wait for their stacks to settle. */
#include "app/stacks/answer.h"

#include "app/stacks/stacks.h"
#include "store/timers.h"

typedef struct Held {
    int64_t stack;
    Call *call;
    Millis told; /* in the turn of this time; if that was undone it is told again later */
    struct Held *next;
} Held;

struct StackAnswers {
    Held *first;
};

bool stack_answers_open(Server *s, Error *err)
{
    (void)err;
    s->stack_answers = calloc(1, sizeof *s->stack_answers);
    check(s->stack_answers);
    return true;
}

void stack_answers_close(Server *s)
{
    if (!s->stack_answers) return;
    for (Held *h = s->stack_answers->first, *next; h; h = next) {
        next = h->next;
        free(h);
    }
    free(s->stack_answers);
    s->stack_answers = NULL;
}

static Str subject_of(Server *s, int64_t stack)
{
    return str_printf(&s->turn, "%" PRId64, stack);
}

CallResult stack_answer(Call *call, const StackRow *row)
{
    Server *s = call->server;
    if (call->inside || call->answered || stack_settled(row)) return CALL_DONE;
    Held *h = calloc(1, sizeof *h);
    check(h);
    *h = (Held){.stack = row->n, .call = call, .next = s->stack_answers->first};
    s->stack_answers->first = h;
    timer_set(s->db, S("stack-answer"), subject_of(s, row->n), s->now + STACK_ANSWER_MS);
    return CALL_LATER;
}

/* Only now is nobody waiting any more: an event that is undone has answered nobody. */
static void forget(Server *s, void *arg)
{
    for (Held **at = &s->stack_answers->first; *at; at = &(*at)->next) {
        Held *h = *at;
        if (h != arg) continue;
        *at = h->next;
        free(h);
        return;
    }
}

static void answer_all(Server *s, int64_t stack)
{
    for (Held *h = s->stack_answers->first; h; h = h->next) {
        if (h->stack != stack || h->told == s->now) continue;
        h->told = s->now;
        call_answer(h->call, NULL);
        after_commit(s, forget, h);
    }
}

void stack_answers_settled(Server *s, const StackRow *row)
{
    timer_clear(s->db, S("stack-answer"), subject_of(s, row->n));
    answer_all(s, row->n);
}

void stack_answers_due(Server *s, Str subject)
{
    int64_t stack;
    if (str_to_int(subject, &stack)) answer_all(s, stack);
}
