/* http_trace.c - what an HTTP task sent and was answered, as TestState tells it. */
#include "app/states/http_task.h"

#include "base/encode.h"

static Str protocol_of(Str url)
{
    return str_starts(url, S("https:")) ? S("https") : S("http");
}

/* "[Range: bytes=0-262144, ...]" */
static Str headers_text(Arena *a, const HttpFields *fields)
{
    Buf b = {.a = a};
    buf_putc(&b, '[');
    for (int64_t i = 0; i < fields->n; i++)
        buf_printf(&b, "%s%.*s: %.*s", i ? ", " : "", STR(fields->p[i].name),
                   STR(fields->p[i].value));
    buf_putc(&b, ']');
    return buf_str(&b);
}

Json http_trace_request(Arena *a, Str method, Str url, const HttpFields *headers, Str body)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("protocol"), protocol_of(url));
    json_put_text(&o, S("method"), method);
    json_put_text(&o, S("url"), url);
    json_put_text(&o, S("headers"), headers_text(a, headers));
    json_put_text(&o, S("body"), body);
    return json_object(&o);
}

Json http_trace_response(Arena *a, const HttpExchange *x)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("protocol"), protocol_of(x->url));
    json_put_text(&o, S("statusCode"), str_printf(a, "%d", x->status));
    json_put_text(&o, S("statusMessage"), x->reason);
    json_put_text(&o, S("headers"), headers_text(a, &x->headers));
    if (utf8_valid(x->answer)) json_put_text(&o, S("body"), x->answer);
    return json_object(&o);
}
