/* http1_answer_test.c - heads of HTTP answers: what is read from them, and what is refused. */
#include "test.h"
#include "wire/http1_answer.h"

static int64_t parse(const char *text, HttpAnswer *out)
{
    return http1_answer_parse(str_from(text), false, out);
}

TEST(http1_answer_reads_a_head)
{
    HttpAnswer r;
    eq_int(
        parse("HTTP/1.1 404 Not Found\r\nX-A: 1\r\nx-a:  2 \r\nContent-Length: 5\r\n\r\nhello", &r),
        63);
    eq_int(r.status, 404);
    eq_str(r.reason, S("Not Found"));
    eq_int(r.headers_n, 3);
    eq_str(http1_answer_header(&r, S("X-A")), S("1"));
    eq_str(r.headers[1].value, S("2"));
    ok(r.body == HTTP_ANSWER_LENGTH && r.length == 5);
}

TEST(http1_answer_knows_where_bodies_end)
{
    HttpAnswer r;
    ok(parse("HTTP/1.1 200\r\n\r\n", &r) > 0 && r.body == HTTP_ANSWER_TO_END);
    ok(parse("HTTP/1.1 204 No Content\r\n\r\n", &r) > 0 && r.body == HTTP_ANSWER_NONE);
    ok(parse("HTTP/1.1 100 Continue\r\n\r\n", &r) > 0 && r.body == HTTP_ANSWER_NONE);
    ok(parse("HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\nContent-Length: 3\n\n", &r) > 0 &&
       r.body == HTTP_ANSWER_CHUNKED);
    ok(http1_answer_parse(S("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), true, &r) > 0 &&
       r.body == HTTP_ANSWER_NONE);
}

TEST(http1_answer_refuses)
{
    static const char *const bad[] = {
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000\r\n\r\n",
        "hello\n\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    };
    HttpAnswer r;
    for (int i = 0; i < countof(bad); i++) eq_int(parse(bad[i], &r), -1);
    eq_int(parse("HTTP/1.1 200 OK\r\nA: b\r\n", &r), 0);
}
