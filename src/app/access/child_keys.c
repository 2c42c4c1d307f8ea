/* child_keys.c - keys of clusters, steps and functions, and the sessions they are changed for. */
#include "app/access/child_keys.h"

#include "app/admin.h"
#include "base/encode.h"
#include "base/time.h"
#include "store/credentials.h"
#include "wire/digest.h"

enum { SECRET_BYTES = 30, KEY_CHARS = 16 };

/* ---- keys ---- */

static Str random_text(Server *s, Arena *a)
{
    unsigned char random[SECRET_BYTES];
    loop_random(s->loop, random, sizeof random);
    return base64_encode(a, (Str){(const char *)random, sizeof random});
}

static AccessKey new_key(Server *s, Arena *a, const char *prefix, Str account, Str note)
{
    AccessKey key = {.id = server_new_id(s, a, str_from(prefix), KEY_CHARS),
                     .secret = random_text(s, a),
                     .account = account,
                     .note = note,
                     .created_at = s->now};
    key_add(s->db, &key);
    return key;
}

void child_key_add(Server *s, Arena *a, Str account, Str note)
{
    (void)new_key(s, a, "AKIA", account, note);
}

static Str made_of(Arena *a, const AccessKey *key, const char *what)
{
    unsigned char digest[SHA256_BYTES];
    hmac_sha256(key->secret, str_from(what), digest);
    return hex_encode(a, digest, sizeof digest);
}

static Str session_token(Arena *a, const AccessKey *key)
{
    return made_of(a, key, "session token");
}

void child_key_give(Server *s, Arena *a, Str note, const IamEntity *role, Str session)
{
    AccessKey key;
    if (!key_find_by_note(s->db, note, a, &key)) return;
    credential_put(s->db, &(Credential){.id = key.id,
                                        .account = role->account,
                                        .kind = CREDENTIAL_ROLE,
                                        .name = role->name,
                                        .session = session,
                                        .entity_id = role->id,
                                        .token = session_token(a, &key)});
}

void child_key_remove(Db *db, Str note)
{
    credential_remove_by_note(db, note);
}

Str child_step_note(Arena *a, Str cluster, Str step)
{
    return str_printf(a, "%.*s step %.*s", STR(cluster), STR(step));
}

/* ---- the environment ---- */

/* Clients take credentials by plain HTTP from this machine alone. */
static bool on_loopback(const Server *s)
{
    Str host = s->config.host;
    return str_starts(host, S("127.")) || str_eq(host, S("localhost")) ||
           str_eq(host, S("0.0.0.0"));
}

static Str authorization_of(Arena *a, const AccessKey *key)
{
    return str_printf(a, "%.*s.%.*s", STR(key->id), STR(made_of(a, key, "authorization")));
}

bool child_keys(Server *s, Arena *a, Str note, bool renews, ChildKeys *out)
{
    AccessKey key;
    Credential role;
    *out = (ChildKeys){0};
    if (!key_find_by_note(s->db, note, a, &key)) return false;
    bool known = credential_find(s->db, key.id, a, &role);
    if (renews && known && s->config.enforce_auth && on_loopback(s)) {
        out->uri = str_printf(a, "http://127.0.0.1:%d%.*scredentials", s->port, STR(ADMIN_PREFIX));
        out->authorization = authorization_of(a, &key);
        return true;
    }
    out->id = key.id;
    out->secret = key.secret;
    out->token = session_token(a, &key);
    return true;
}

/* ---- sessions ---- */

static Str session_note(Arena *a, const AccessKey *key)
{
    return str_printf(a, "%.*s session", STR(key->note));
}

/* The last one, as long as more than half of it is left. */
static bool lasting(Server *s, Arena *a, const AccessKey *of, Millis life, AccessKey *key,
                    Credential *c)
{
    return key_find_by_note(s->db, session_note(a, of), a, key) &&
           credential_find(s->db, key->id, a, c) && c->expires > s->now + life / 2;
}

/* Those that are replaced stay until they end: somebody may hold them. */
static void make_session(Server *s, Arena *a, const AccessKey *of, const Credential *role,
                         Millis life, AccessKey *key, Credential *c)
{
    AccessKey old;
    if (key_find_by_note(s->db, session_note(a, of), a, &old))
        key_set_note(s->db, old.id, str_printf(a, "%.*s before", STR(session_note(a, of))));
    *key = new_key(s, a, "ASIA", of->account, session_note(a, of));
    *c = *role;
    c->id = key->id;
    c->token = random_text(s, a);
    c->expires = s->now + life;
    credential_put(s->db, c);
    credential_expire(s->db, s->now - CHILD_SESSION_KEPT_MS, CHILD_SESSIONS_SWEPT_MAX);
}

static bool key_of(Server *s, Arena *a, Str authorization, AccessKey *key)
{
    Str rest = authorization, id = S("");
    return str_cut(&rest, '.', &id) && key_find(s->db, id, a, key) &&
           bytes_eq_constant_time(authorization, authorization_of(a, key));
}

bool child_keys_session(Server *s, Arena *a, Str authorization, Json *out)
{
    AccessKey of, key;
    Credential role, c;
    JsonObject o = {.a = a};
    Millis life = (Millis)s->config.child_session_seconds * 1000;
    if (!key_of(s, a, authorization, &of) || !credential_find(s->db, of.id, a, &role)) return false;
    if (!lasting(s, a, &of, life, &key, &c)) make_session(s, a, &of, &role, life, &key, &c);
    json_put_text(&o, S("RoleArn"),
                  str_printf(a, "arn:aws:iam::%.*s:role/%.*s", STR(c.account), STR(c.name)));
    json_put_text(&o, S("AccessKeyId"), key.id);
    json_put_text(&o, S("SecretAccessKey"), key.secret);
    json_put_text(&o, S("Token"), c.token);
    json_put_text(&o, S("Expiration"), time_iso8601(a, c.expires));
    *out = json_object(&o);
    return true;
}
