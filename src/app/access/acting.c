/* acting.c - identities as JSON: a role with its session, or the principal of a key. */
#include "app/access/acting.h"

#include "store/credentials.h"

static Json credential_json(const Credential *c, Arena *a)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("id"), c->id);
    json_put_text(&o, S("account"), c->account);
    json_put(&o, S("kind"), json_int(a, c->kind));
    json_put_text(&o, S("name"), c->name);
    json_put_text(&o, S("session"), c->session);
    json_put_text(&o, S("entity"), c->entity_id);
    json_put_text(&o, S("policy"), c->policy);
    json_put_text(&o, S("tags"), c->tags);
    return json_object(&o);
}

Str acting_write(const Identity *who, Arena *a)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("role"), who->role);
    json_put_text(&o, S("session"), who->session);
    json_put_text(&o, S("service"), who->service);
    json_put_text(&o, S("source"), who->source_arn);
    json_put_text(&o, S("key"), who->access_key);
    if (who->credential) json_put(&o, S("credential"), credential_json(who->credential, a));
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

static const Credential *credential_read(const Json *v, Arena *a)
{
    if (!v) return NULL;
    Credential *c = new (a, Credential);
    *c = (Credential){
        .id = json_text(json_get(v, S("id"))),
        .account = json_text(json_get(v, S("account"))),
        .kind = (int)json_int_or(json_get(v, S("kind")), CREDENTIAL_USER),
        .name = json_text(json_get(v, S("name"))),
        .session = json_text(json_get(v, S("session"))),
        .entity_id = json_text(json_get(v, S("entity"))),
        .policy = json_text(json_get(v, S("policy"))),
        .tags = json_text(json_get(v, S("tags"))),
    };
    return c;
}

Identity acting_read(Str text, Str account, Str region, Arena *a)
{
    Json v;
    Error err = {0};
    Identity who = {.account = account, .region = region};
    if (str_absent(text) || !json_parse(text, a, &v, &err)) return who;
    who.role = json_text(json_get(&v, S("role")));
    who.session = json_text(json_get(&v, S("session")));
    who.service = json_text(json_get(&v, S("service")));
    who.source_arn = json_text(json_get(&v, S("source")));
    who.access_key = json_text(json_get(&v, S("key")));
    who.credential = credential_read(json_get(&v, S("credential")), a);
    return who;
}
