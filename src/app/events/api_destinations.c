/* api_destinations.c - the request of a delivery to an API destination, sent off the loop's thread, and what came of it. */
#include "app/events/api_destinations.h"

#include "app/access/authorize.h"
#include "app/events/connections.h"
#include "base/encode.h"
#include "store/timers.h"

typedef struct Place {
    int64_t next_us;
    Millis since; /* a second in which so many have left */
    int64_t sent;
} Place;

struct ApiPlaces {
    Place p[API_DESTINATION_PLACES];
};

/* ---- names ---- */

Str api_destination_arn(Arena *a, const ApiDestinationRow *row)
{
    return str_printf(a, "arn:aws:events:%.*s:%.*s:api-destination/%.*s/%.*s", STR(row->region),
                      STR(row->account), STR(row->name), STR(row->id));
}

bool api_destination_is(Str arn)
{
    TargetArn parts;
    return target_arn(arn, &parts) && str_eq(parts.service, S("events")) &&
           str_starts(parts.resource, S("api-destination/"));
}

bool api_destination_of_arn(Server *s, Str arn, Arena *a, ApiDestinationRow *out)
{
    TargetArn parts;
    Str kind, name;
    if (!api_destination_is(arn) || !target_arn(arn, &parts)) return false;
    Str rest = parts.resource;
    return str_cut(&rest, '/', &kind) && str_cut(&rest, '/', &name) &&
           api_destination_find(s->db, parts.account, parts.region, name, a, out) &&
           (!rest.n || str_eq(rest, out->id));
}

/* ---- places ---- */

void api_destinations_close(Server *s)
{
    free(s->api_places);
    s->api_places = NULL;
}

/* Of many destinations two may share a place, and are the slower for it. */
static Place *place_of(Server *s, Str arn)
{
    if (!s->api_places) s->api_places = calloc(1, sizeof *s->api_places);
    check(s->api_places);
    return &s->api_places->p[str_hash(arn) % API_DESTINATION_PLACES];
}

Millis api_destination_place(Server *s, Str arn, Millis from)
{
    ApiDestinationRow row;
    int64_t rate = api_destination_of_arn(s, arn, &s->turn, &row) ? row.rate : 0;
    if (rate < 1) return from;
    Place *p = place_of(s, arn);
    int64_t us = from * 1000;
    if (p->next_us > us) us = p->next_us;
    p->next_us = us + 1000000 / rate;
    return us / 1000;
}

/* false: as many have left in this second as may; *later is another place. */
static bool may_leave(Server *s, const ApiDestinationRow *row, Str arn, Millis *later)
{
    Place *p = place_of(s, arn);
    if (s->now >= p->since + 1000 || s->now < p->since) p->since = s->now, p->sent = 0;
    if (p->sent++ < row->rate) return true;
    *later = api_destination_place(s, arn, p->since + 1000);
    return false;
}

/* ---- the request ---- */

typedef struct Sending {
    Job job; /* first: the pool gives it back */
    Arena arena;
    DeliveryRow row;
    Json target;
    ConnectionUse use;
    Millis now;
    bool authorised;
    HttpExchange x;
} Sending;

static void work(Job *job)
{
    HttpExchange token;
    Sending *k = (Sending *)job;
    k->authorised = connection_get_token(&k->arena, &k->use, k->now, &token);
    if (!k->authorised) {
        k->x.failure = HTTP_CLIENT_NO_SERVER;
        k->x.why = S("The connection's authorization endpoint gave no token.");
        return;
    }
    connection_authorise(&k->use, &k->x);
    http_client_run(&k->x);
}

static void release(Job *job)
{
    Sending *k = (Sending *)job;
    arena_free(&k->arena);
    free(k);
}

static bool passes(const HttpExchange *x)
{
    static const int codes[] = {401, 407, 409, 429};
    if (x->failure) return x->failure != HTTP_CLIENT_BAD_URL;
    for (int i = 0; i < countof(codes); i++)
        if (x->status == codes[i]) return true;
    return x->status >= 500;
}

static TargetResult result_of(Server *s, const HttpExchange *x)
{
    if (!x->failure && x->status >= 200 && x->status < 300)
        return (TargetResult){.end = TARGET_DELIVERED};
    return (TargetResult){
        .end = passes(x) ? TARGET_RETRY : TARGET_REFUSED,
        .error = x->failure ? S("SDK_CLIENT_ERROR") : str_printf(&s->turn, "%d", x->status),
        .message = x->failure ? str_copy(&s->turn, x->why)
                              : str_printf(&s->turn, "The API destination answered with status %d.",
                                           x->status)};
}

static void done(Server *s, Job *job)
{
    DeliveryRow row;
    Sending *k = (Sending *)job;
    if (!delivery_get(s->db, k->row.n, &s->turn, &row)) return;
    if (k->authorised) connections_keep_token(s, &k->use);
    if (!k->x.failure && (k->x.status == 401 || k->x.status == 407))
        connections_forget_token(s, k->use.connection);
    TargetResult r = result_of(s, &k->x);
    row.attempts++;
    delivery_settle(s, &row, &k->target, &r);
}

/* Each * of the endpoint stands for the next value of PathParameterValues. */
static Str with_values(Arena *a, Str endpoint, const Json *values)
{
    int32_t next = 0;
    Buf b = {.a = a};
    for (int64_t i = 0; i < endpoint.n; i++) {
        if (endpoint.p[i] != '*' || next >= json_count(values))
            buf_putc(&b, endpoint.p[i]);
        else
            buf_put(&b, percent_encode(a, json_text(json_at(values, next++)), S("")));
    }
    return buf_str(&b);
}

static void set_all(Arena *a, HttpFields *fields, const Json *map, bool exact)
{
    for (int32_t i = 0; json_is(map, JSON_OBJECT) && i < map->n; i++)
        http_fields_set(a, fields, map->members[i].key, json_text(&map->members[i].value), exact);
}

static bool has_body(Str method)
{
    return !str_eq(method, S("GET")) && !str_eq(method, S("HEAD")) && !str_eq(method, S("OPTIONS"));
}

/* What the connection gives replaces what the target gives. */
static void prepare(Sending *k, const ApiDestinationRow *d)
{
    Json body = {0};
    Error err = {0};
    Arena *a = &k->arena;
    HttpFields query = {0};
    HttpExchange *x = &k->x;
    const Json *given = json_get(&k->target, S("HttpParameters"));
    *x = (HttpExchange){.arena = a,
                        .method = str_copy(a, d->method),
                        .deadline = k->now + API_DESTINATION_MS_MAX,
                        .body_bytes_max = API_DESTINATION_ANSWER_BYTES_MAX};
    x->url = with_values(a, str_copy(a, d->endpoint), json_get(given, S("PathParameterValues")));
    http_client_header(x, S("User-Agent"), S("Amazon/EventBridge/ApiDestinations"));
    http_client_header(x, S("Content-Type"), S("application/json; charset=utf-8"));
    http_client_header(x, S("Range"), S("bytes=0-1048575"));
    set_all(a, &x->fields, json_get(given, S("HeaderParameters")), false);
    set_all(a, &query, json_get(given, S("QueryStringParameters")), true);
    bool parsed = json_parse(k->row.input, a, &body, &err);
    connection_add(a, &k->use, &x->fields, &query, &body);
    if (has_body(d->method)) x->body = parsed ? json_to_str(a, &body) : k->row.input;
    if (query.n)
        x->url =
            str_printf(a, "%.*s%c%.*s", STR(x->url), str_find_char(x->url, '?') < 0 ? '?' : '&',
                       STR(http_fields_form(a, &query, S(""))));
}

/* ---- sending ---- */

static bool find(Server *s, const DeliveryRow *row, const Json *target, ApiDestinationRow *d,
                 ConnectionRow *c, TargetResult *why)
{
    Str arn = json_text(json_get(target, S("Arn")));
    *why = (TargetResult){TARGET_REFUSED, S("RESOURCE_NOT_FOUND"), S("")};
    if (!api_destination_of_arn(s, arn, &s->turn, d))
        return why->message = S("The API destination does not exist."), false;
    if (!connection_of_arn(s, row->account, row->region, d->connection, &s->turn, c))
        return why->message = S("The connection of the API destination does not exist."), false;
    if (str_eq(c->state, S("AUTHORIZED"))) return true;
    *why = (TargetResult){TARGET_RETRY, S("CONNECTION_NOT_AUTHORIZED"),
                          S("The connection of the API destination is not authorized.")};
    return false;
}

static bool allowed(Server *s, const DeliveryRow *row, const Json *target, TargetResult *why)
{
    Error err = {0};
    Identity who = {.account = row->account,
                    .region = row->region,
                    .verified = true,
                    .role = json_text(json_get(target, S("RoleArn"))),
                    .service = S("events.amazonaws.com"),
                    .source_arn = row->source_arn};
    if (authorize_act(s, &s->turn, &who, S("events:InvokeApiDestination"),
                      json_text(json_get(target, S("Arn"))), &err))
        return true;
    *why =
        (TargetResult){TARGET_REFUSED, S("NO_PERMISSIONS"), str_copy(&s->turn, error_text(&err))};
    return false;
}

void api_destination_send(Server *s, DeliveryRow *row, const Json *target)
{
    ApiDestinationRow d;
    ConnectionRow c;
    Millis later;
    TargetResult why;
    if (!find(s, row, target, &d, &c, &why) || !allowed(s, row, target, &why)) {
        row->attempts++;
        delivery_settle(s, row, target, &why);
        return;
    }
    Str timer = str_printf(&s->turn, "%" PRId64, row->n);
    if (!may_leave(s, &d, json_text(json_get(target, S("Arn"))), &later)) {
        timer_set(s->db, S("delivery"), timer, later);
        return;
    }
    Sending *k = calloc(1, sizeof *k);
    check(k);
    k->job = (Job){.work = work, .done = done, .release = release};
    k->now = s->now;
    k->row.n = row->n;
    k->row.input = str_copy(&k->arena, row->input);
    k->target = json_copy(&k->arena, target);
    k->use = connection_use(s, &k->arena, &c);
    prepare(k, &d);
    timer_set(s->db, DELIVERY_SENT, timer, s->now + API_DESTINATION_AGAIN_MS);
    server_start_slow_job(s, &k->job);
}
