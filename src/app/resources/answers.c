/* answers.c - tokens given out, answers kept, and those that wait for them looked at. */
#include "app/resources/answers.h"

#include "app/stacks/stacks.h"
#include "store/timers.h"

#define PAGE "/_mayfly/stack-response?token="

Str answers_new_token(Resource *r, Millis until)
{
    Str token = str_lower(r->a, server_new_id(r->s, r->a, S(""), 40));
    stack_token_add(r->s->db, token);
    if (until) timer_set(r->s->db, S("answer-address"), token, until);
    return token;
}

void answers_forget(const Resource *r, Str token)
{
    stack_token_remove(r->s->db, token);
}

void answers_due(Server *s, Str subject)
{
    stack_token_remove(s->db, subject);
}

Str answers_signal_token(Arena *a, Str stack_id, Str logical)
{
    return str_printf(a, "signal:%.*s/%.*s", STR(stack_id), STR(logical));
}

Str answers_url(const Resource *r, Str token)
{
    const ServerConfig *c = &r->s->config;
    return str_printf(r->a, "%s://%.*s:%d" PAGE "%.*s",
                      str_absent(c->certificate_path) ? "http" : "https", STR(c->host), r->s->port,
                      STR(token));
}

Str answers_token_of(Str url)
{
    int64_t at = str_find(url, S(PAGE));
    return at < 0 ? (Str){0} : str_slice(url, at + S(PAGE).n, url.n);
}

Json answers_of(const Resource *r, Str token)
{
    JsonArray list = {.a = r->a};
    StrVec texts = stack_answer_list(r->s->db, token, r->a);
    for (int64_t i = 0; i < texts.n; i++) {
        Json v;
        Error err = {0};
        if (json_parse(texts.p[i], r->a, &v, &err)) json_add(&list, v);
    }
    return json_array(&list);
}

bool answers_take(Server *s, Str token, Str body)
{
    Json v;
    Error err = {0};
    if (!stack_token_there(s->db, token) || body.n > ANSWERS_BYTES_MAX) return false;
    if (!json_parse(body, &s->turn, &v, &err) || !json_is(&v, JSON_OBJECT)) return false;
    if (stack_answer_list(s->db, token, &s->turn).n >= ANSWERS_MAX) return false;
    stack_answer_add(s->db, token, body);
    stacks_look(s, ANSWERS_SERVICE, token);
    return true;
}
