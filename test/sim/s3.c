/* s3.c - S3's promises: acknowledged objects are there as sent, others whole or not at all. */
#include "s3.h"

#include "base/encode.h"
#include "client.h"
#include "wire/xml.h"

enum {
    CLIENTS_MAX = 4,
    KEYS_MAX = 14,
    VALUES_MAX = 12,
    QUIET_MS = 15 * 1000,
    LARGE_BYTES = 33 * 1024,
    LARGE_BYTES_MAX = 150 * 1024
};

static const char *const names[KEYS_MAX] = {
    "a",
    "a/b",
    "a/b/c",
    "foo",
    "foo/bar",
    "x y+z",
    "per%cent",
    "dots/../up",
    "slash/",
    "two//slashes",
    "\xc3\xa9t\xc3\xa9",
    ".mayfly/x",
    "quote'\"&<>",
    "data/2024/01/part-00000.parquet",
};

/* What a key may hold. */
typedef struct Value {
    bool absent;
    uint64_t seed;
    int64_t size;
    char etag[64]; /* of a multipart object; else computed */
} Value;

/* After a lost answer there are several; the next answer tells which. */
typedef struct Key {
    Value values[VALUES_MAX];
    int n;
    bool busy;
    Millis quiet_until; /* a request whose end is unknown may still be at work */
    bool verified;
} Key;

/* One multipart upload at a time. */
typedef struct Multi {
    Key *key;
    char id[128], part_etag[64];
    Value value;
    bool asked_to_complete, asked_to_abort; /* after either there is no way back */
    enum { NO_UPLOAD, CREATED, PART_THERE } stage;
} Multi;

typedef struct Actor {
    Client client; /* first */
    Key keys[KEYS_MAX];
    Multi multi;
    bool bucket, verifying, list_verified;
    int64_t left;
    char marker[512]; /* of a list under way */
    bool listed[KEYS_MAX];
} Actor;

static Actor actors[CLIENTS_MAX];
static int64_t actors_n;

/* ---- values ---- */

Str s3_content(uint64_t seed, int64_t size, Arena *a)
{
    char *p = new_array(a, char, size + 8);
    uint64_t x = seed;
    for (int64_t i = 0; i < size; i += 8) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        uint64_t y = x ^ x >> 29;
        memcpy(p + i, &y, 8);
    }
    return (Str){p, size};
}

static Str etag_of(const Value *v, Arena *a)
{
    if (v->etag[0]) return str_from(v->etag);
    DigestValue md5 = digest_of(DIGEST_MD5, s3_content(v->seed, v->size, a));
    return digest_hex(a, &md5);
}

static bool faults(void)
{
    const Weather *w = &world.weather;
    return w->sync_fails_in || w->write_fails_in || w->read_fails_in || w->full_every_ms;
}

static void key_is(Key *k, const Value *v)
{
    Value copy = *v;
    k->values[0] = copy;
    k->n = 1;
}

static void key_may_be(Key *k, const Value *v)
{
    k->quiet_until = world.now + QUIET_MS;
    check(k->n < VALUES_MAX);
    k->values[k->n++] = *v;
}

/* The key is settled as one of what it may be; false: none of them fits. */
static bool key_turns_out(Key *k, bool (*fits)(const Value *v, const void *arg), const void *arg)
{
    int n = 0;
    for (int i = 0; i < k->n; i++)
        if (fits(&k->values[i], arg)) k->values[n++] = k->values[i];
    if (n) k->n = n;
    return n > 0;
}

static bool is_absent(const Value *v, const void *arg)
{
    (void)arg;
    return v->absent;
}

static bool is_there(const Value *v, const void *arg)
{
    (void)arg;
    return !v->absent;
}

typedef struct Seen {
    Str etag;
    int64_t size;
    Str body; /* absent: not seen */
} Seen;

static bool looks_like(const Value *v, const void *arg)
{
    const Seen *seen = arg;
    Arena a = {0};
    bool fits = !v->absent && v->size == seen->size && str_eq(etag_of(v, &a), seen->etag);
    if (fits && !str_absent(seen->body))
        fits = str_eq(seen->body, s3_content(v->seed, v->size, &a));
    arena_free(&a);
    return fits;
}

/* ---- names ---- */

static int64_t index_of(const Actor *c, const Key *k)
{
    return k - c->keys;
}

static const char *name_of(const Actor *c, const Key *k)
{
    return names[index_of(c, k)];
}

static Str path_of(const Actor *c, const Key *k, Arena *a)
{
    return str_printf(a, "/bucket-%" PRId64 "/%.*s", c->client.number,
                      STR(percent_encode(a, str_from(name_of(c, k)), S("/"))));
}

static Str bucket_path(const Actor *c, Arena *a)
{
    return str_printf(a, "/bucket-%" PRId64, c->client.number);
}

static Actor *actor_of(const Request *r)
{
    return (Actor *)r->client;
}

static bool usable(const Key *k)
{
    return !k->busy && k->quiet_until <= world.now && k->n < VALUES_MAX - 2;
}

/* NULL: none just now. */
static Key *any_key(Actor *c)
{
    for (int i = 0; i < 5; i++) {
        Key *k = &c->keys[chance_below(KEYS_MAX)];
        if (usable(k) && k != c->multi.key) return k;
    }
    return NULL;
}

/* ---- answers ---- */

typedef enum Fate { DONE, NOT_DONE, UNKNOWN } Fate;

/* What an answer to a change means; errors nobody can explain are broken promises. */
static Fate fate_of(Request *r, const Answer *a, int refusal)
{
    Actor *c = actor_of(r);
    if (!a->status) return UNKNOWN;
    if (a->status >= 200 && a->status < 300) return DONE;
    if (refusal && a->status == refusal) return NOT_DONE;
    promise(a->status >= 500 && faults() && !world.calm,
            "s3 %" PRId64 " #%" PRId64 ": status %d: %.*s", c->client.number, r->number, a->status,
            STR(a->body));
    return UNKNOWN;
}

static void changed(Request *r, const Answer *a, const Value *v, int refusal)
{
    Key *k = r->about;
    k->busy = false;
    switch (fate_of(r, a, refusal)) {
    case DONE: key_is(k, v); break;
    case NOT_DONE: break;
    case UNKNOWN: key_may_be(k, v); break;
    }
}

static Value value_of(const Request *r)
{
    return (Value){.seed = r->seed, .size = r->size};
}

static void put_answered(Request *r, const Answer *a)
{
    Arena arena = {0};
    Value v = value_of(r);
    Str etag = answer_header(a, S("ETag"));
    changed(r, a, &v, 0);
    if (a->status == 200) {
        Str wanted = str_printf(&arena, "\"%.*s\"", STR(etag_of(&v, &arena)));
        promise(str_eq(etag, wanted), "s3: ETag %.*s instead of %.*s", STR(etag), STR(wanted));
    }
    arena_free(&arena);
}

/* 412 says that there was an object. */
static void put_new_answered(Request *r, const Answer *a)
{
    Key *k = r->about;
    Value v = value_of(r);
    if (a->status == 412)
        promise(key_turns_out(k, is_there, NULL),
                "s3: If-None-Match refused for %s, which is not there", name_of(actor_of(r), k));
    if (a->status == 200)
        promise(key_turns_out(k, is_absent, NULL), "s3: If-None-Match did not see that %s is there",
                name_of(actor_of(r), k));
    changed(r, a, &v, 412);
}

static void delete_answered(Request *r, const Answer *a)
{
    changed(r, a, &(Value){.absent = true}, 0);
}

static void get_answered(Request *r, const Answer *a)
{
    Actor *c = actor_of(r);
    Key *k = r->about;
    k->busy = false;
    if (a->status == 404) {
        promise(key_turns_out(k, is_absent, NULL),
                "s3: %s of client %" PRId64 " is lost (of %d values): %.*s", name_of(c, k),
                c->client.number, k->n, STR(a->body));
        k->verified = true;
    } else if (a->status == 200) {
        Str etag = answer_header(a, S("ETag")), length = answer_header(a, S("Content-Length"));
        Seen seen = {.etag = str_slice(etag, 1, etag.n - 1),
                     .body = r->is_head ? (Str){0} : a->body};
        check(str_to_int(length, &seen.size));
        promise(key_turns_out(k, looks_like, &seen),
                "s3: %s of client %" PRId64 " has %" PRId64
                " bytes that it should not have: first of %d values: absent %d size %" PRId64,
                name_of(c, k), c->client.number, seen.size, k->n, k->values[0].absent,
                k->values[0].size);
        k->verified = true;
    } else {
        fate_of(r, a, 0);
    }
}

/* ---- lists ---- */

static void check_listed(Actor *c, const XmlNode *entry)
{
    Str name = xml_child(entry, S("Key"))->text, etag = xml_child(entry, S("ETag"))->text;
    Seen seen = {.etag = str_slice(etag, 1, etag.n - 1)};
    check(str_to_int(xml_child(entry, S("Size"))->text, &seen.size));
    int i = 0;
    while (i < KEYS_MAX && !str_eq(name, str_from(names[i]))) i++;
    promise(i < KEYS_MAX, "s3: the list has %.*s, which nobody put", STR(name));
    if (i == KEYS_MAX) return;
    promise(!c->listed[i], "s3: the list has %.*s twice", STR(name));
    c->listed[i] = true;
    if (usable(&c->keys[i]) && &c->keys[i] != c->multi.key)
        promise(key_turns_out(&c->keys[i], looks_like, &seen),
                "s3: the list has %.*s with %" PRId64 " bytes and ETag %.*s", STR(name), seen.size,
                STR(etag));
}

static void check_not_listed(Actor *c)
{
    for (int i = 0; i < KEYS_MAX; i++)
        if (!c->listed[i] && usable(&c->keys[i]) && &c->keys[i] != c->multi.key)
            promise(key_turns_out(&c->keys[i], is_absent, NULL), "s3: the list lacks %s", names[i]);
    c->list_verified = true;
}

static void listed(Request *r, const Answer *a)
{
    Actor *c = actor_of(r);
    Arena arena = {0};
    Error err = {0};
    XmlNode *root;
    c->marker[0] = 0;
    if (a->status == 200) {
        check(xml_parse(a->body, &arena, &root, &err));
        for (const XmlNode *n = root->first; n; n = n->next)
            if (str_eq(n->name, S("Contents"))) check_listed(c, n);
        const XmlNode *next = xml_child(root, S("NextContinuationToken"));
        if (next)
            snprintf(c->marker, sizeof c->marker, "%.*s",
                     STR(percent_encode(&arena, next->text, S(""))));
        else
            check_not_listed(c);
    } else {
        fate_of(r, a, 0);
    }
    arena_free(&arena);
}

static void ask_list(Actor *c)
{
    Arena a = {0};
    if (!c->marker[0]) memset(c->listed, 0, sizeof c->listed);
    Str more = c->marker[0] ? str_printf(&a, "&continuation-token=%s", c->marker) : S("");
    Str path = str_printf(&a, "%.*s?list-type=2&max-keys=%" PRId64 "%.*s", STR(bucket_path(c, &a)),
                          chance_between(1, 20), STR(more));
    client_ask(&c->client, S("GET"), path, S(""), S(""), listed, NULL);
    arena_free(&a);
}

/* ---- multipart ---- */

static void created(Request *r, const Answer *a)
{
    Actor *c = actor_of(r);
    Arena arena = {0};
    Error err = {0};
    XmlNode *root;
    if (fate_of(r, a, 0) == DONE) {
        check(xml_parse(a->body, &arena, &root, &err));
        snprintf(c->multi.id, sizeof c->multi.id, "%.*s",
                 STR(xml_child(root, S("UploadId"))->text));
        c->multi.stage = CREATED;
    } else {
        c->multi = (Multi){0};
    }
    arena_free(&arena);
}

static void part_answered(Request *r, const Answer *a)
{
    Actor *c = actor_of(r);
    if (fate_of(r, a, 0) != DONE) return;
    Str etag = answer_header(a, S("ETag"));
    snprintf(c->multi.part_etag, sizeof c->multi.part_etag, "%.*s", STR(etag));
    c->multi.value.seed = r->seed;
    c->multi.value.size = r->size;
    c->multi.stage = PART_THERE;
}

/* The ETag of parts: the MD5 of their MD5s. */
static void expect_etag(Value *v)
{
    Arena a = {0};
    DigestValue part = digest_of(DIGEST_MD5, s3_content(v->seed, v->size, &a));
    DigestValue whole = digest_of(DIGEST_MD5, (Str){(const char *)part.bytes, 16});
    snprintf(v->etag, sizeof v->etag, "%.*s-1", STR(digest_hex(&a, &whole)));
    arena_free(&a);
}

/* Completing again gives the same answer: so it is asked until it is known. */
static void completed(Request *r, const Answer *a)
{
    Actor *c = actor_of(r);
    Fate fate = fate_of(r, a, 0);
    bool good = fate == DONE && str_find(a->body, S("<Error>")) < 0;
    promise(fate != DONE || good || faults(), "s3: completion failed: %.*s", STR(a->body));
    if (!good) return;
    key_is(c->multi.key, &c->multi.value);
    c->multi = (Multi){0};
}

static void aborted(Request *r, const Answer *a)
{
    if (fate_of(r, a, 404) != UNKNOWN) actor_of(r)->multi = (Multi){0};
}

static void ask_multi(Actor *c)
{
    Arena a = {0};
    Multi *m = &c->multi;
    Client *client = &c->client;
    if (!m->key && !(m->key = any_key(c))) return;
    Str path = path_of(c, m->key, &a), with = str_printf(&a, "%.*s?uploadId=%s", STR(path), m->id);
    if (m->stage == NO_UPLOAD) {
        client_ask(client, S("POST"), str_printf(&a, "%.*s?uploads", STR(path)), S(""), S(""),
                   created, NULL);
    } else if (m->stage == CREATED) {
        uint64_t seed = chance_bits();
        int64_t size = chance_between(0, LARGE_BYTES_MAX);
        Request *r = client_ask(client, S("PUT"), str_printf(&a, "%.*s&partNumber=1", STR(with)),
                                S(""), s3_content(seed, size, &a), part_answered, NULL);
        r->seed = seed;
        r->size = size;
    } else if (m->asked_to_abort || (!m->asked_to_complete && chance_in(8))) {
        m->asked_to_abort = true;
        client_ask(client, S("DELETE"), with, S(""), S(""), aborted, NULL);
    } else {
        Str body = str_printf(&a,
                              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>%s</"
                              "ETag></Part></CompleteMultipartUpload>",
                              m->part_etag);
        m->asked_to_complete = true;
        expect_etag(&m->value);
        client_ask(client, S("POST"), with, S(""), body, completed, NULL);
    }
    arena_free(&a);
}

/* ---- single requests ---- */

static void ask_put(Actor *c, Key *k, bool only_new)
{
    Arena a = {0};
    uint64_t seed = chance_bits();
    int64_t size = chance_in(4) ? chance_between(LARGE_BYTES - 2000, LARGE_BYTES_MAX)
                                : chance_between(0, 2000);
    k->busy = true;
    Request *r = client_ask(
        &c->client, S("PUT"), path_of(c, k, &a), only_new ? S("If-None-Match: *\r\n") : S(""),
        s3_content(seed, size, &a), only_new ? put_new_answered : put_answered, k);
    r->seed = seed;
    r->size = size;
    arena_free(&a);
}

static void ask_simple(Actor *c, Key *k, Str method, Answered *answered)
{
    Arena a = {0};
    k->busy = true;
    client_ask(&c->client, method, path_of(c, k, &a), S(""), S(""), answered, k);
    arena_free(&a);
}

static void copy_answered(Request *r, const Answer *a)
{
    Value v = value_of(r);
    changed(r, a, &v, 0);
}

/* From a key whose value is known. */
static void ask_copy(Actor *c, Key *to)
{
    Arena a = {0};
    Key *from = any_key(c);
    if (from && from != to && from->n == 1 && !from->values[0].absent) {
        Str header = str_printf(&a, "x-amz-copy-source: %.*s\r\n", STR(path_of(c, from, &a)));
        to->busy = true;
        Request *r =
            client_ask(&c->client, S("PUT"), path_of(c, to, &a), header, S(""), copy_answered, to);
        r->seed = from->values[0].seed;
        r->size = from->values[0].size;
    }
    arena_free(&a);
}

static void ask_something(Actor *c)
{
    Key *k = any_key(c);
    if (!k) return;
    switch (chance_below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: ask_put(c, k, false); break;
    case 4: ask_put(c, k, true); break;
    case 5:
    case 6: ask_simple(c, k, S("GET"), get_answered); break;
    case 7: ask_simple(c, k, S("HEAD"), get_answered); break;
    case 8:
    case 9: ask_simple(c, k, S("DELETE"), delete_answered); break;
    case 10: ask_copy(c, k); break;
    default: ask_multi(c); break;
    }
}

/* ---- the life of a client ---- */

static void bucket_answered(Request *r, const Answer *a)
{
    if (fate_of(r, a, 409) != UNKNOWN) actor_of(r)->bucket = true;
}

static void ask_bucket(Actor *c)
{
    Arena a = {0};
    client_ask(&c->client, S("PUT"), bucket_path(c, &a), S(""), S(""), bucket_answered, NULL);
    arena_free(&a);
}

static bool actor_done(const Actor *c)
{
    if (!c->bucket || c->client.first || c->marker[0]) return false;
    if (!c->verifying) return c->left <= 0 && c->multi.stage == NO_UPLOAD;
    for (int i = 0; i < KEYS_MAX; i++)
        if (!c->keys[i].verified) return false;
    return c->list_verified;
}

static void verify(Actor *c)
{
    for (int i = 0; i < KEYS_MAX; i++)
        if (!c->keys[i].verified) {
            if (usable(&c->keys[i])) ask_simple(c, &c->keys[i], S("GET"), get_answered);
            return;
        }
    if (!c->list_verified) ask_list(c);
}

static void act(Client *client)
{
    Actor *c = (Actor *)client;
    if (!actor_done(c) && client_can_ask(client)) {
        c->left--;
        if (!c->bucket)
            ask_bucket(c);
        else if (c->marker[0])
            ask_list(c);
        else if (c->verifying)
            verify(c);
        else if (c->multi.stage != NO_UPLOAD && (c->left <= 0 || chance_in(3)))
            ask_multi(c);
        else if (chance_in(10))
            ask_list(c);
        else
            do ask_something(c);
            while (chance_in(world.weather.pipeline_in) && !c->multi.key && !client->ended);
    }
    client_rest(client, 1000);
}

void s3_open(int64_t clients, int64_t requests)
{
    memset(actors, 0, sizeof actors);
    actors_n = clients;
    for (int64_t i = 0; i < actors_n; i++) {
        actors[i].left = requests;
        for (int k = 0; k < KEYS_MAX; k++)
            actors[i].keys[k] = (Key){.values = {{.absent = true}}, .n = 1};
        client_open(&actors[i].client, "s3-", i, act);
    }
}

void s3_close(void)
{
    for (int64_t i = 0; i < actors_n; i++) client_close(&actors[i].client);
}

bool s3_done(void)
{
    for (int64_t i = 0; i < actors_n; i++)
        if (!actor_done(&actors[i])) return false;
    return true;
}

void s3_verify(void)
{
    for (int64_t i = 0; i < actors_n; i++) {
        actors[i].verifying = true;
        actors[i].list_verified = false;
        for (int k = 0; k < KEYS_MAX; k++) actors[i].keys[k].verified = false;
        client_rest(&actors[i].client, 1000);
    }
}
