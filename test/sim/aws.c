/* aws.c - requests of the query, JSON and REST protocols, signed at the world's time. */
#include "aws.h"

#include "base/encode.h"
#include "base/json.h"
#include "wire/sigv4.h"

enum { HEADERS_MAX = 6 };

static const AwsKey anybody = {.id = "sim", .secret = "sim"};

static void header(HttpRequest *r, Str name, Str value)
{
    r->headers[r->headers_n++] = (HttpHeader){name, value};
}

static Str type_of(const AwsAsk *ask)
{
    return ask->target   ? S("application/x-amz-json-1.1")
           : ask->method ? S("application/json")
                         : S("application/x-www-form-urlencoded");
}

static void sign(const AwsAsk *ask, HttpRequest *r, Arena *a)
{
    const AwsKey *key = ask->key ? ask->key : &anybody;
    bool s3 = !strcmp(ask->service, "s3");
    DigestValue sha256 = digest_of(DIGEST_SHA256, ask->body);
    Str hex = digest_hex(a, &sha256), token = str_from(key->token);
    header(r, S("X-Amz-Date"), time_iso8601_basic(a, world.now));
    if (token.n) header(r, S("X-Amz-Security-Token"), token);
    if (s3) header(r, S("X-Amz-Content-Sha256"), hex);
    SigV4Credentials who = {.access_key = str_from(key->id),
                            .secret = str_from(key->secret),
                            .token = token.n ? token : (Str){0},
                            .region = S("us-east-1"),
                            .service = str_from(ask->service)};
    Str value = sigv4_sign(r, s3 ? SIG_DIALECT_S3 : SIG_DIALECT_JSON, &who, hex, world.now, a);
    header(r, S("Authorization"), value);
}

Request *aws_ask(const AwsAsk *ask)
{
    Arena a = {0};
    Buf headers = {.a = &a};
    Str target = str_from(ask->path ? ask->path : "/");
    int64_t mark = str_find_char(target, '?');
    HttpRequest r = {.method = str_from(ask->method ? ask->method : "POST"),
                     .target = target,
                     .path = mark < 0 ? target : str_slice(target, 0, mark),
                     .query = mark < 0 ? (Str){0} : str_slice(target, mark + 1, target.n),
                     .host = S("localhost:4566")};
    header(&r, S("Host"), r.host);
    header(&r, S("Content-Type"), type_of(ask));
    if (ask->target) header(&r, S("X-Amz-Target"), str_from(ask->target));
    sign(ask, &r, &a);
    for (int i = 1; i < r.headers_n; i++)
        buf_printf(&headers, "%.*s: %.*s\r\n", STR(r.headers[i].name), STR(r.headers[i].value));
    world_note("%s %s %.140s", ask->service, ask->target ? ask->target : "",
               str_z(&a, str_slice(ask->body, 0, 140)));
    Request *asked = client_ask(ask->client, r.method, target, buf_str(&headers), ask->body,
                                ask->answered, ask->about);
    arena_free(&a);
    return asked;
}

/* ---- answers ---- */

bool aws_disk_fails(void)
{
    const Weather *w = &world.weather;
    return w->sync_fails_in || w->write_fails_in || w->read_fails_in || w->full_every_ms;
}

Fate aws_fate(const Answer *a)
{
    if (!a->status) return FATE_PERHAPS;
    if (a->status < 300) return FATE_YES;
    if (a->status < 500) return FATE_NO;
    promise(aws_disk_fails() && !world.calm, "status %d: %.*s", a->status, STR(a->body));
    return FATE_PERHAPS;
}

Fate aws_must(const Answer *a, const char *what)
{
    Fate fate = aws_fate(a);
    promise(fate != FATE_NO, "%s is refused: %.*s", what, STR(a->body));
    return fate;
}

Str aws_xml(Str body, const char *tag)
{
    char open[64], close[64];
    snprintf(open, sizeof open, "<%s>", tag);
    snprintf(close, sizeof close, "</%s>", tag);
    int64_t from = str_find(body, str_from(open));
    if (from < 0) return (Str){0};
    Str rest = str_slice(body, from + (int64_t)strlen(open), body.n);
    int64_t to = str_find(rest, str_from(close));
    return to < 0 ? (Str){0} : str_slice(rest, 0, to);
}

Str aws_form(Arena *a, Str text)
{
    return percent_encode(a, text, S(""));
}

Str aws_quoted(Arena *a, Str text)
{
    Buf b = {.a = a};
    json_write_string(&b, text);
    return buf_str(&b);
}
