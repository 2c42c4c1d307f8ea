/* watch.c - the events of an execution as they come, told as a story or written as JSON. */
#include "cli/watch.h"

#include "sys/wall.h"

enum { WATCH_PAGE = 1000, WATCH_LOOK_MS = 50 };

static bool next_page(Watch *w, Arena *a, Json *page, Error *err)
{
    JsonObject request = {.a = a};
    json_put(&request, S("executionArn"), json_string(w->execution));
    json_put(&request, S("maxResults"), json_int(a, WATCH_PAGE));
    json_put(&request, S("includeExecutionData"), json_bool(true));
    json_put_text(&request, S("nextToken"), w->token);
    Json in = json_object(&request);
    return client_call(w->client, CLIENT_STATES, S("GetExecutionHistory"), &in, a, page, err);
}

static void tell(Watch *w, const Json *event)
{
    if (json_int_or(json_get(event, S("id")), 0) <= w->told) return;
    w->told++;
    story_tell(&w->story, event);
    if (!w->json) return;
    Arena a = {0};
    fprintf(w->to, "%.*s\n", STR(json_to_str(&a, event)));
    fflush(w->to);
    arena_free(&a);
}

static bool keep_token(Watch *w, Str token, Error *err)
{
    if (token.n > (int64_t)sizeof w->token_room)
        return error_set(err, ERR_UNAVAILABLE, "the server's nextToken is too long");
    memcpy(w->token_room, token.p, (size_t)token.n);
    w->token = (Str){w->token_room, token.n};
    return true;
}

bool watch_look(Watch *w, Error *err)
{
    w->story.to = w->json ? NULL : w->to;
    for (bool more = true; more;) {
        Arena a = {0};
        Json page;
        bool good = next_page(w, &a, &page, err);
        const Json *events = good ? json_get(&page, S("events")) : NULL;
        for (int32_t i = 0; i < json_count(events); i++) tell(w, json_at(events, i));
        Str token = good ? json_text(json_get(&page, S("nextToken"))) : (Str){0};
        more = token.n > 0;
        if (more) good = keep_token(w, token, err);
        arena_free(&a);
        if (!good) return false;
    }
    return true;
}

bool watch_to_the_end(Watch *w, bool (*stop)(void), Error *err)
{
    for (;;) {
        if (!watch_look(w, err)) return false;
        if (w->story.ended) return true;
        if (stop && stop()) return false;
        wall_sleep(WATCH_LOOK_MS);
    }
}
