/* admin.c - health, live logs, ledgers and access keys for the command line. */
#include "app/admin.h"

#include "app/access/child_keys.h"
#include "app/emr/clusters.h"
#include "app/functions/functions.h"
#include "app/resources/answers.h"
#include "app/vault/signing.h"
#include "base/encode.h"
#include "core/cluster/instance.h"
#include "store/credentials.h"
#include "store/iam.h"
#include "store/ledger.h"
#include "wire/digest.h"
#include "wire/form.h"

enum { TOKEN_BYTES = 24, SECRET_LETTERS = 40, KEY_LETTERS = 16 };

bool admin_open(Server *s, Error *err)
{
    Arena a = {0};
    Str token;
    bool good = file_slurp(s->data, S("admin-token"), sizeof s->admin_token, &a, &token, err);
    if (!good && err->code == ERR_NOT_FOUND) {
        unsigned char random[TOKEN_BYTES];
        loop_random(s->loop, random, sizeof random);
        token = hex_encode(&a, random, sizeof random);
        good = file_replace_durably(s->data, S("admin-token"), token, err);
    }
    if (good && token.n >= (int64_t)sizeof s->admin_token)
        good = error_set(err, ERR_IO, "admin-token is not one of ours");
    if (good) memcpy(s->admin_token, token.p, (size_t)token.n), s->admin_token[token.n] = 0;
    arena_free(&a);
    return good;
}

bool admin_is(const HttpRequest *r)
{
    return str_starts(r->path, ADMIN_PREFIX) || signing_is(r->path);
}

bool admin_head(Call *call)
{
    call->admin = true;
    return form_parse(call->http->query, true, call->arena, &call->admin_query);
}

/* ---- answers ---- */

static void answer(Call *call, HttpReply *reply, int status, Str type, Str body)
{
    *reply = (HttpReply){.status = status, .body = body};
    http_reply_add(reply, call->arena, S("Content-Type"), type);
}

static void answer_json(Call *call, HttpReply *reply, int status, Json value)
{
    answer(call, reply, status, S("application/json"), json_to_str(call->arena, &value));
}

static void refuse(Call *call, HttpReply *reply, int status, const char *why)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("message"), json_string(str_from(why)));
    answer_json(call, reply, status, json_object(&o));
}

static Str parameter(const Call *call, Str name)
{
    return form_value(&call->admin_query, name);
}

/* ---- health ---- */

static void health(Call *call, HttpReply *reply)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("status"), json_string(S("ready")));
    json_put(&o, S("version"), json_string(S(MAYFLY_VERSION)));
    answer_json(call, reply, 200, json_object(&o));
}

/* ---- logs ---- */

/* Ids become part of a path: letters, digits and dashes alone. */
static bool is_id(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] != '-' && !(s.p[i] >= '0' && s.p[i] <= '9') &&
            !((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'))
            return false;
    return s.n > 0;
}

static void log_piece(Call *call, HttpReply *reply)
{
    Str cluster = parameter(call, S("cluster")), step = parameter(call, S("step")),
        stream = parameter(call, S("stream"));
    int64_t from = 0, got = 0;
    Error err = {0};
    int fd;
    if (!is_id(cluster) || !is_id(step) || !is_id(stream) ||
        !str_to_int(parameter(call, S("from")), &from) || from < 0) {
        refuse(call, reply, 400, "cluster, step, stream and from are needed");
        return;
    }
    Str path =
        str_printf(call->arena, "logs/%.*s/steps/%.*s/%.*s", STR(cluster), STR(step), STR(stream));
    char *piece = new_array(call->arena, char, ADMIN_LOG_BYTES_MAX);
    if (file_open(call->server->data, path, FILE_READ, &fd, &err)) {
        bool good = file_read(fd, from, piece, ADMIN_LOG_BYTES_MAX, &got, &err);
        file_close(fd);
        if (!good) got = 0;
    }
    answer(call, reply, 200, S("text/plain"), (Str){piece, got});
    http_reply_add(reply, call->arena, S("x-mayfly-next"),
                   str_printf(call->arena, "%" PRId64, from + got));
}

/* ---- the ledger ---- */

static Json ledger_entries(Call *call, int64_t cluster)
{
    Arena *a = call->arena;
    LedgerEntry *entries;
    JsonObject o = {.a = a};
    int64_t n = ledger_list(call->server->db, cluster, a, &entries);
    for (int64_t i = 0; i < n; i++) json_put(&o, entries[i].what, json_int(a, entries[i].ms));
    return json_object(&o);
}

/* Where a cluster's time went, and what it would have cost: until now, if it lives. */
static bool ledger_of(Call *call, Str id, bool whole, JsonArray *list)
{
    Server *s = call->server;
    Arena *a = call->arena;
    ClusterRow row;
    int64_t micro;
    JsonObject o = {.a = a};
    if (!cluster_row_find(s->db, id, (Str){0}, a, &row)) return !db_failed(s->db);
    if (!clusters_cost(s, &row, s->now, a, &micro)) return false;
    LedgerSum sum = ledger_sum(s->db, row.n);
    json_put_text(&o, S("Id"), row.spec.id);
    json_put_text(&o, S("Cost"), instance_money(a, micro));
    json_put(&o, S("CostMicroDollars"), json_int(a, micro));
    json_put(&o, S("StepsMillis"), json_int(a, sum.steps_ms));
    json_put(&o, S("IdleMillis"), json_int(a, sum.idle_ms));
    if (whole) json_put(&o, S("Entries"), ledger_entries(call, row.n));
    json_add(list, json_object(&o));
    return true;
}

/* Entries only when one cluster is asked for: they are as many as its steps. */
static void ledger(Call *call, HttpReply *reply)
{
    JsonArray list = {.a = call->arena};
    Str rest = parameter(call, S("clusters")), id;
    bool whole = str_find_char(rest, ',') < 0;
    int64_t n = 0;
    while (n++ < ADMIN_LEDGERS_MAX && str_cut(&rest, ',', &id))
        if (!ledger_of(call, id, whole, &list)) {
            refuse(call, reply, 500, "state.db cannot be read");
            return;
        }
    answer_json(call, reply, 200, json_array(&list));
}

/* ---- code of functions: whoever knows the digest has seen GetFunction's answer ---- */

static bool is_digest(Str s)
{
    unsigned char bytes[32];
    return s.n == 64 && hex_decode(s, bytes, sizeof bytes);
}

static void code(Call *call, HttpReply *reply)
{
    Str zip = parameter(call, S("zip"));
    Error err = {0};
    int64_t size;
    int fd;
    if (!is_digest(zip) || !file_open(call->server->data, functions_code_path(call->arena, zip),
                                      FILE_READ, &fd, &err)) {
        refuse(call, reply, 404, "there is no such code");
        return;
    }
    if (!file_size(fd, &size, &err)) {
        file_close(fd);
        refuse(call, reply, 500, "the code cannot be read");
        return;
    }
    call->out_file = (ReplyFile){.fd = fd, .length = size};
    answer(call, reply, 200, S("application/zip"), S(""));
}

/* ---- keys ---- */

static Json key_json(Arena *a, const AccessKey *key)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("AccessKeyId"), key->id);
    json_put_text(&o, S("SecretAccessKey"), key->secret);
    json_put_text(&o, S("Account"), key->account);
    json_put_text(&o, S("Note"), key->note);
    json_put(&o, S("CreateDate"), json_millis_as_seconds(a, key->created_at));
    return json_object(&o);
}

/* Of an IAM user: its policies say what the key may. */
static bool give_to_user(Call *call, AccessKey *key, Str name)
{
    IamEntity user;
    Db *db = call->server->db;
    if (!iam_find(db, key->account, IAM_USER, name, call->arena, &user)) return false;
    key->note = str_printf(call->arena, "user %.*s", STR(user.name));
    credential_put(db, &(Credential){.id = key->id,
                                     .account = user.account,
                                     .kind = CREDENTIAL_USER,
                                     .name = user.name,
                                     .entity_id = user.id});
    return true;
}

static void keys_create(Call *call, HttpReply *reply)
{
    Server *s = call->server;
    Str user = parameter(call, S("user"));
    AccessKey key = {.id = server_new_id(s, call->arena, S("AKIA"), KEY_LETTERS),
                     .secret = server_new_id(s, call->arena, S(""), SECRET_LETTERS),
                     .account = s->config.account,
                     .note = KEY_OF_ACCOUNT,
                     .created_at = s->now};
    if (user.n && !give_to_user(call, &key, user)) {
        refuse(call, reply, 404, "there is no such user");
        return;
    }
    key_add(s->db, &key);
    answer_json(call, reply, 200, key_json(call->arena, &key));
}

static void keys_list(Call *call, HttpReply *reply)
{
    AccessKey *keys;
    JsonArray list = {.a = call->arena};
    int64_t n = key_list(call->server->db, call->arena, &keys);
    for (int64_t i = 0; i < n; i++) json_add(&list, key_json(call->arena, &keys[i]));
    answer_json(call, reply, 200, json_array(&list));
}

static void keys(Call *call, HttpReply *reply)
{
    if (str_eq(call->http->method, S("POST")))
        keys_create(call, reply);
    else if (str_eq(call->http->method, S("GET")))
        keys_list(call, reply);
    else if (!str_eq(call->http->method, S("DELETE")))
        refuse(call, reply, 405, "GET, POST or DELETE");
    else if (credential_remove(call->server->db, parameter(call, S("id"))))
        answer_json(call, reply, 200, (Json){.type = JSON_OBJECT});
    else
        refuse(call, reply, 404, "there is no such access key");
}

/* ---- answers of custom resources, signals of wait conditions ---- */

static void stack_response(Call *call, HttpReply *reply)
{
    if (!str_eq(call->http->method, S("PUT")))
        refuse(call, reply, 405, "PUT");
    else if (answers_take(call->server, parameter(call, S("token")), call->body))
        answer(call, reply, 200, S("text/plain"), S(""));
    else
        refuse(call, reply, 403, "no such token, or not a JSON object");
}

/* ---- credentials of processes of clusters ---- */

static void credentials(Call *call, HttpReply *reply)
{
    Json session;
    Str token = http1_header(call->http, S("Authorization"));
    if (!str_eq(call->http->method, S("GET")))
        refuse(call, reply, 405, "GET");
    else if (!call->server->config.enforce_auth || str_absent(token) ||
             !child_keys_session(call->server, call->arena, token, &session))
        refuse(call, reply, 403, "the header Authorization must hold the token of a process");
    else
        answer_json(call, reply, 200, session);
}

/* ---- the door ---- */

static bool has_token(const Call *call)
{
    return bytes_eq_constant_time(http1_header(call->http, S("x-mayfly-token")),
                                  str_from(call->server->admin_token));
}

static const struct {
    const char *name;
    void (*handle)(Call *call, HttpReply *reply);
    enum { OPEN, OPEN_UNLESS_ENFORCED, CLOSED } door;
} pages[] = {
    {"health", health, OPEN},
    {"log", log_piece, OPEN_UNLESS_ENFORCED},
    {"ledger", ledger, OPEN_UNLESS_ENFORCED},
    {"code", code, OPEN},
    {"keys", keys, CLOSED},
    {"stack-response", stack_response, OPEN},
    {"credentials", credentials, OPEN},
};

/* Who checks a notification's signature has no key of ours. */
static void tell_certificate(Call *call, HttpReply *reply)
{
    Str pem;
    if (signing_certificate(call->server, call->http->path, &pem))
        answer(call, reply, 200, S("application/x-x509-ca-cert"), str_copy(call->arena, pem));
    else
        refuse(call, reply, 404, "there is no such certificate");
}

void admin_handle(Call *call)
{
    HttpReply *reply = &call->admin_reply;
    if (signing_is(call->http->path)) {
        tell_certificate(call, reply);
        return;
    }
    Str name = str_slice(call->http->path, ADMIN_PREFIX.n, call->http->path.n);
    bool enforce = call->server->config.enforce_auth;
    for (int i = 0; i < countof(pages); i++) {
        if (!str_eq(name, str_from(pages[i].name))) continue;
        bool closed = pages[i].door == CLOSED || (pages[i].door == OPEN_UNLESS_ENFORCED && enforce);
        if (closed && !has_token(call))
            refuse(call, reply, 403,
                   "the header x-mayfly-token must hold what DATA/admin-token holds");
        else
            pages[i].handle(call, reply);
        return;
    }
    refuse(call, reply, 404, "there is no such page");
}
