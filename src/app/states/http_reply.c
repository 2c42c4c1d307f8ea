/* http_reply.c - the head of an HTTP/1.1 answer as text. */
#include "app/states/http_reply.h"

#include "base/time.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {416, "Range Not Satisfiable"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

static const char *reason_of(int status)
{
    for (int i = 0; i < countof(reasons); i++)
        if (reasons[i].status == status) return reasons[i].reason;
    return "Status";
}

/* HeadObject and GetObject say the length themselves. */
static bool has_length(const HttpReply *reply)
{
    for (int64_t i = 0; i < reply->headers.n; i++)
        if (str_eq_nocase(reply->headers.p[i].name, S("Content-Length"))) return true;
    return false;
}

Str http_reply_head(Arena *a, const HttpReply *reply, Millis now, bool close, int64_t length)
{
    Buf b = {.a = a};
    buf_printf(&b, "HTTP/1.1 %d %s\r\nDate: ", reply->status, reason_of(reply->status));
    buf_put(&b, time_http(a, now));
    buf_put(&b, S("\r\n"));
    for (int64_t i = 0; i < reply->headers.n; i++) {
        buf_put(&b, reply->headers.p[i].name);
        buf_put(&b, S(": "));
        buf_put(&b, reply->headers.p[i].value);
        buf_put(&b, S("\r\n"));
    }
    if (reply->status != 204 && reply->status != 304 && !has_length(reply))
        buf_printf(&b, "Content-Length: %" PRId64 "\r\n", length);
    if (close) buf_put(&b, S("Connection: close\r\n"));
    buf_put(&b, S("\r\n"));
    return buf_str(&b);
}

Str http_reply_bare(Arena *a, int status)
{
    return str_printf(a, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status,
                      reason_of(status));
}
