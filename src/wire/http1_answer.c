/* http1_answer.c - the head of an HTTP/1.1 answer, taken apart. */
#include "wire/http1_answer.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; the reason may be missing, with or without its blank. */
static bool status_line(Str line, HttpAnswer *out)
{
    if (line.n < 12 || !str_starts(line, S("HTTP/1.")) || !is_digit(line.p[7]) ||
        line.p[8] != ' ' || (line.n > 12 && line.p[12] != ' '))
        return false;
    out->status = 0;
    for (int i = 9; i < 12; i++) {
        if (!is_digit(line.p[i])) return false;
        out->status = out->status * 10 + (line.p[i] - '0');
    }
    out->reason = str_trim(str_slice(line, 12, line.n));
    return out->status >= 100;
}

static bool is_name_char(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool header_line(Str line, HttpAnswer *out)
{
    int64_t colon = str_find_char(line, ':');
    if (colon <= 0 || out->headers_n == HTTP_HEADERS_MAX) return false;
    HttpHeader h = {str_slice(line, 0, colon), str_trim(str_slice(line, colon + 1, line.n))};
    for (int64_t i = 0; i < h.name.n; i++)
        if (!is_name_char(h.name.p[i])) return false;
    for (int64_t i = 0; i < h.value.n; i++)
        if (!h.value.p[i] || h.value.p[i] == '\r') return false;
    out->headers[out->headers_n++] = h;
    return true;
}

/* Lengths that differ are an attack or a mistake: nobody knows where the body ends. */
static bool lengths(HttpAnswer *out)
{
    bool found = false;
    for (int i = 0; i < out->headers_n; i++) {
        int64_t n;
        if (!str_eq_nocase(out->headers[i].name, S("Content-Length"))) continue;
        if (!str_to_int(out->headers[i].value, &n) || n < 0 || (found && n != out->length))
            return false;
        out->length = n;
        found = true;
    }
    if (found) out->body = HTTP_ANSWER_LENGTH;
    return true;
}

static bool framing(HttpAnswer *out, bool head)
{
    Str coding = http1_answer_header(out, S("Transfer-Encoding"));
    out->body = HTTP_ANSWER_TO_END;
    if (!lengths(out)) return false;
    if (!str_absent(coding)) {
        if (!str_eq_nocase(coding, S("chunked"))) return false;
        out->body = HTTP_ANSWER_CHUNKED;
    }
    if (head || out->status < 200 || out->status == 204 || out->status == 304)
        out->body = HTTP_ANSWER_NONE;
    return true;
}

int64_t http1_answer_parse(Str in, bool head, HttpAnswer *out)
{
    Str rest = in, line;
    *out = (HttpAnswer){0};
    for (bool first = true;; first = false) {
        int64_t end = str_find_char(rest, '\n');
        if (end < 0) return in.n > HTTP_ANSWER_HEAD_BYTES_MAX ? -1 : 0;
        line = str_slice(rest, 0, end > 0 && rest.p[end - 1] == '\r' ? end - 1 : end);
        rest = str_slice(rest, end + 1, rest.n);
        if (!first && !line.n) break;
        if (!(first ? status_line(line, out) : header_line(line, out))) return -1;
    }
    return framing(out, head) ? in.n - rest.n : -1;
}

Str http1_answer_header(const HttpAnswer *r, Str name)
{
    for (int i = 0; i < r->headers_n; i++)
        if (str_eq_nocase(r->headers[i].name, name)) return r->headers[i].value;
    return (Str){0};
}
