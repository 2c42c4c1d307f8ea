/* connections.c - what connections add to requests, and the tokens of those that use OAuth. */
#include "app/events/connections.h"

#include "base/encode.h"
#include "store/timers.h"

enum { TOKEN_AGAIN_MS = 60 * 1000, REASON_BYTES_MAX = 512 };

typedef struct Token {
    int64_t connection, revision;
    Millis until;
    char *text;
} Token;

struct Connections {
    Token tokens[CONNECTION_TOKENS_KEPT];
    int next; /* the one that gives way */
};

/* ---- names ---- */

Str connection_arn(Arena *a, const ConnectionRow *row)
{
    return str_printf(a, "arn:aws:events:%.*s:%.*s:connection/%.*s/%.*s", STR(row->region),
                      STR(row->account), STR(row->name), STR(row->id));
}

Str connection_secret_arn(Arena *a, const ConnectionRow *row)
{
    return str_printf(a, "arn:aws:secretsmanager:%.*s:%.*s:secret:events!connection/%.*s/%.*s",
                      STR(row->region), STR(row->account), STR(row->name), STR(row->id));
}

bool connection_of_arn(Server *s, Str account, Str region, Str arn, Arena *a, ConnectionRow *out)
{
    int64_t at = str_find(arn, S(":connection/")), end = str_rfind_char(arn, '/');
    return at >= 0 && end > at + 12 &&
           connection_row_find(s->db, account, region, str_slice(arn, at + 12, end), a, out) &&
           str_eq(connection_arn(a, out), arn);
}

/* ---- what is told ---- */

static bool is_secret(const Json *object, Str member)
{
    static const char *const names[] = {"Password", "ClientSecret", "ApiKeyValue"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq(member, str_from(names[i]))) return true;
    return str_eq(member, S("Value")) && json_true(json_get(object, S("IsValueSecret")));
}

static Json without_secrets(Arena *a, const Json *v)
{
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    if (v->type == JSON_ARRAY)
        for (int32_t i = 0; i < v->n; i++) json_add(&list, without_secrets(a, &v->items[i]));
    if (v->type == JSON_ARRAY) return json_array(&list);
    if (v->type != JSON_OBJECT) return *v;
    for (int32_t i = 0; i < v->n; i++)
        if (!is_secret(v, v->members[i].key))
            json_put(&o, v->members[i].key, without_secrets(a, &v->members[i].value));
    return json_object(&o);
}

static Json parameters_of(Arena *a, const ConnectionRow *row)
{
    Json v;
    Error err = {0};
    check(json_parse(row->parameters, a, &v, &err));
    return v;
}

Json connection_told(Arena *a, const ConnectionRow *row)
{
    Json all = parameters_of(a, row);
    return without_secrets(a, &all);
}

Json connection_merged(Arena *a, const Json *old, const Json *changes)
{
    JsonObject o = {.a = a};
    if (!json_is(old, JSON_OBJECT) || !json_is(changes, JSON_OBJECT)) return *changes;
    for (int32_t i = 0; i < old->n; i++)
        if (!json_get(changes, old->members[i].key))
            json_put(&o, old->members[i].key, old->members[i].value);
    for (int32_t i = 0; i < changes->n; i++) {
        const JsonMember *m = &changes->members[i];
        const Json *before = json_get(old, m->key);
        json_put(&o, m->key, before ? connection_merged(a, before, &m->value) : m->value);
    }
    return json_object(&o);
}

/* ---- fields ---- */

void http_fields_set(Arena *a, HttpFields *fields, Str name, Str value, bool exact)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < fields->n; i++)
        if (!(exact ? str_eq(fields->p[i].name, name) : str_eq_nocase(fields->p[i].name, name)))
            fields->p[kept++] = fields->p[i];
    fields->n = kept;
    *vec_push(a, fields) = (HttpField){name, value};
}

Str http_fields_form(Arena *a, const HttpFields *fields, Str keep)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < fields->n; i++) {
        if (i) buf_putc(&b, '&');
        buf_put(&b, percent_encode(a, fields->p[i].name, keep));
        buf_putc(&b, '=');
        buf_put(&b, percent_encode(a, fields->p[i].value, S("")));
    }
    return buf_str(&b);
}

static Str text_at(const Json *v, const char *path)
{
    return json_text(json_find(v, path));
}

/* A list of {Key, Value}. */
static void set_all(Arena *a, HttpFields *fields, const Json *list, bool exact)
{
    for (int32_t i = 0; i < json_count(list); i++)
        http_fields_set(a, fields, text_at(json_at(list, i), "Key"),
                        text_at(json_at(list, i), "Value"), exact);
}

static Json with_members(Arena *a, const Json *body, const Json *list)
{
    HttpFields more = {0};
    JsonObject o = {.a = a};
    set_all(a, &more, list, true);
    for (int64_t i = 0; i < more.n; i++) json_put(&o, more.p[i].name, json_string(more.p[i].value));
    Json added = json_object(&o);
    return body->type == JSON_OBJECT ? connection_merged(a, body, &added) : added;
}

void connection_add(Arena *a, const ConnectionUse *use, HttpFields *headers, HttpFields *query,
                    Json *body)
{
    const Json *given = json_get(&use->parameters, S("InvocationHttpParameters")),
               *members = json_get(given, S("BodyParameters"));
    set_all(a, headers, json_get(given, S("HeaderParameters")), false);
    set_all(a, query, json_get(given, S("QueryStringParameters")), true);
    if (json_count(members) && (body->type == JSON_OBJECT || body->type == JSON_NULL))
        *body = with_members(a, body, members);
}

static Str basic(Arena *a, Str user, Str password)
{
    Str both = str_printf(a, "%.*s:%.*s", STR(user), STR(password));
    return str_printf(a, "Basic %.*s", STR(base64_encode(a, both)));
}

void connection_authorise(const ConnectionUse *use, HttpExchange *x)
{
    const Json *p = &use->parameters;
    Str name = S("Authorization"), value;
    if (str_eq(use->kind, S("BASIC"))) {
        value = basic(x->arena, text_at(p, "BasicAuthParameters.Username"),
                      text_at(p, "BasicAuthParameters.Password"));
    } else if (str_eq(use->kind, S("API_KEY"))) {
        name = text_at(p, "ApiKeyAuthParameters.ApiKeyName");
        value = text_at(p, "ApiKeyAuthParameters.ApiKeyValue");
    } else {
        value = str_printf(x->arena, "Bearer %.*s", STR(use->token));
    }
    http_fields_set(x->arena, &x->fields, name, value, false);
}

/* ---- tokens ---- */

static Token *token_of(Server *s, int64_t connection)
{
    for (int i = 0; s->connections && i < CONNECTION_TOKENS_KEPT; i++)
        if (s->connections->tokens[i].connection == connection) return &s->connections->tokens[i];
    return NULL;
}

ConnectionUse connection_use(Server *s, Arena *a, const ConnectionRow *row)
{
    Json p = parameters_of(a, row);
    ConnectionUse use = {.connection = row->n,
                         .revision = row->revision,
                         .kind = str_copy(a, row->kind),
                         .parameters = json_copy(a, &p)};
    const Token *t = token_of(s, row->n);
    if (t && t->revision == row->revision && t->until > s->now + CONNECTION_TOKEN_MARGIN_MS) {
        use.token = str_copy(a, str_from(t->text));
        use.token_until = t->until;
    }
    return use;
}

static void put_token_request(Arena *a, const ConnectionUse *use, HttpExchange *x)
{
    const Json *o = json_get(&use->parameters, S("OAuthParameters")),
               *more = json_get(o, S("OAuthHttpParameters"));
    HttpFields query = {0}, form = {0};
    bool get = str_eq(text_at(o, "HttpMethod"), S("GET"));
    http_client_header(x, S("Authorization"),
                       basic(a, text_at(o, "ClientParameters.ClientID"),
                             text_at(o, "ClientParameters.ClientSecret")));
    http_client_header(x, S("Accept"), S("application/json"));
    http_fields_set(a, get ? &query : &form, S("grant_type"), S("client_credentials"), true);
    set_all(a, &x->fields, json_get(more, S("HeaderParameters")), false);
    set_all(a, &query, json_get(more, S("QueryStringParameters")), true);
    set_all(a, &form, json_get(more, S("BodyParameters")), true);
    x->method = text_at(o, "HttpMethod");
    x->url = text_at(o, "AuthorizationEndpoint");
    if (query.n)
        x->url =
            str_printf(a, "%.*s%c%.*s", STR(x->url), str_find_char(x->url, '?') < 0 ? '?' : '&',
                       STR(http_fields_form(a, &query, S(""))));
    if (!form.n) return;
    x->body = http_fields_form(a, &form, S(""));
    http_client_header(x, S("Content-Type"), S("application/x-www-form-urlencoded"));
}

/* {"access_token": ..., "expires_in": 3600} */
static bool read_token(Arena *a, ConnectionUse *use, Millis now, const HttpExchange *x)
{
    Json doc;
    Error err = {0};
    if (x->failure || x->status != 200 || !x->answer.n || !json_parse(x->answer, a, &doc, &err))
        return false;
    int64_t seconds = json_int_or(json_get(&doc, S("expires_in")), 3600);
    if (seconds < 0 || seconds > 365 * 24 * 3600) seconds = 3600;
    use->token = json_text(json_get(&doc, S("access_token")));
    use->token_until = now + seconds * 1000;
    use->token_is_new = use->token.n > 0;
    return use->token_is_new;
}

bool connection_get_token(Arena *a, ConnectionUse *use, Millis now, HttpExchange *x)
{
    if (!str_eq(use->kind, S("OAUTH_CLIENT_CREDENTIALS")) || use->token.n) return true;
    *x = (HttpExchange){.arena = a,
                        .deadline = now + CONNECTION_TOKEN_MS_MAX,
                        .body_bytes_max = CONNECTION_TOKEN_BYTES_MAX};
    put_token_request(a, use, x);
    http_client_run(x);
    return read_token(a, use, now, x);
}

void connections_forget_token(Server *s, int64_t connection)
{
    Token *t = token_of(s, connection);
    if (!t) return;
    free(t->text);
    *t = (Token){0};
}

void connections_keep_token(Server *s, const ConnectionUse *use)
{
    if (!use->token_is_new) return;
    if (!s->connections) s->connections = calloc(1, sizeof *s->connections);
    check(s->connections);
    connections_forget_token(s, use->connection);
    Token *t = &s->connections->tokens[s->connections->next];
    s->connections->next = (s->connections->next + 1) % CONNECTION_TOKENS_KEPT;
    free(t->text);
    *t = (Token){use->connection, use->revision, use->token_until,
                 strndup(use->token.p, (size_t)use->token.n)};
    check(t->text);
}

/* ---- authorising a connection ---- */

typedef struct Asking {
    Job job;
    Arena arena;
    ConnectionUse use;
    Millis now;
    bool good;
    HttpExchange x;
} Asking;

static void ask(Job *job)
{
    Asking *k = (Asking *)job;
    k->good = connection_get_token(&k->arena, &k->use, k->now, &k->x);
}

static Str why_refused(Arena *a, const HttpExchange *x)
{
    if (x->failure) return x->why;
    if (x->status != 200)
        return str_printf(a, "The authorization endpoint answered with status %d.", x->status);
    return S("The authorization endpoint's answer has no access_token.");
}

static void asked(Server *s, Job *job)
{
    Asking *k = (Asking *)job;
    ConnectionRow row;
    if (!connection_row_get(s->db, k->use.connection, &s->turn, &row) ||
        row.revision != k->use.revision)
        return;
    timer_clear(s->db, S("connection"), str_printf(&s->turn, "%" PRId64, row.n));
    row.state = k->good ? S("AUTHORIZED") : S("DEAUTHORIZED");
    row.reason = k->good ? (Str){0} : str_slice(why_refused(&s->turn, &k->x), 0, REASON_BYTES_MAX);
    if (k->good) row.authorized = s->now;
    connection_row_set(s->db, &row);
    connections_keep_token(s, &k->use);
}

static void release(Job *job)
{
    Asking *k = (Asking *)job;
    arena_free(&k->arena);
    free(k);
}

void connections_due(Server *s, Str subject)
{
    int64_t n;
    ConnectionRow row;
    check(str_to_int(subject, &n));
    if (!connection_row_get(s->db, n, &s->turn, &row)) return;
    Asking *k = calloc(1, sizeof *k);
    check(k);
    k->job = (Job){.work = ask, .done = asked, .release = release};
    k->now = s->now;
    k->use = connection_use(s, &k->arena, &row);
    k->use.token = (Str){0};
    timer_set(s->db, S("connection"), subject, s->now + TOKEN_AGAIN_MS);
    server_start_slow_job(s, &k->job);
}

void connections_begin(Server *s, ConnectionRow *row)
{
    bool oauth = str_eq(row->kind, S("OAUTH_CLIENT_CREDENTIALS"));
    row->state = oauth ? S("AUTHORIZING") : S("AUTHORIZED");
    row->reason = (Str){0};
    if (!oauth) row->authorized = s->now;
    connection_row_set(s->db, row);
    if (oauth) timer_set(s->db, S("connection"), str_printf(&s->turn, "%" PRId64, row->n), s->now);
}

void connections_recover(Server *s)
{
    timer_bring_forward(s->db, S("connection"), s->now);
}

void connections_close(Server *s)
{
    for (int i = 0; s->connections && i < CONNECTION_TOKENS_KEPT; i++)
        free(s->connections->tokens[i].text);
    free(s->connections);
    s->connections = NULL;
}
