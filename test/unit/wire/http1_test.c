/* http1_test.c - heads that are taken apart, heads that are refused and with which status, and cuts at every byte. */
#include "test.h"
#include "wire/http1.h"

static int64_t parse(const char *text, HttpRequest *r)
{
    return http1_parse(str_from(text), r);
}

TEST(http1_takes_a_request_apart)
{
    static const char text[] =
        "PUT /bucket/a%20key?partNumber=1&uploadId=x HTTP/1.1\r\nHost: s3.local:4566\r\n"
        "Content-Length: 12\r\nExpect: 100-Continue\r\nX-Empty:\r\nX-Blanks: \t a  b "
        "\t\r\n\r\nbody";
    HttpRequest r;
    eq_int(parse(text, &r), (int64_t)sizeof text - 1 - 4);
    eq_str(r.method, S("PUT"));
    eq_str(r.target, S("/bucket/a%20key?partNumber=1&uploadId=x"));
    eq_str(r.path, S("/bucket/a%20key"));
    eq_str(r.query, S("partNumber=1&uploadId=x"));
    eq_str(r.host, S("s3.local:4566"));
    eq_int(r.minor, 1);
    ok(r.keep_alive && r.expect_continue && r.body == HTTP_BODY_LENGTH);
    eq_int(r.length, 12);
    eq_int(r.headers_n, 5);
    eq_str(http1_header(&r, S("x-empty")), S(""));
    ok(!str_absent(http1_header(&r, S("x-empty"))) && str_absent(http1_header(&r, S("x-none"))));
    eq_str(http1_header(&r, S("X-BLANKS")), S("a  b"));
    eq_str(http1_query(&r, S("uploadId")), S("x"));
    ok(str_absent(http1_query(&r, S("upload"))));
}

TEST(http1_query_without_value_is_there_and_empty)
{
    HttpRequest r;
    ok(parse("GET /b?uploads&prefix= HTTP/1.1\r\nHost: h\r\n\r\n", &r) > 0);
    ok(!str_absent(http1_query(&r, S("uploads"))) && http1_query(&r, S("uploads")).n == 0);
    ok(!str_absent(http1_query(&r, S("prefix"))));
    ok(parse("GET /b HTTP/1.1\r\nHost: h\r\n\r\n", &r) > 0);
    ok(str_absent(r.query) && str_absent(http1_query(&r, S("uploads"))));
}

TEST(http1_target_forms)
{
    static const struct {
        const char *line, *host, *path, *query;
    } good[] = {
        {"GET http://other:80/p?q HTTP/1.1", "other:80", "/p", "q"},
        {"GET HTTPS://other HTTP/1.1", "other", "/", NULL},
        {"GET http://other?q=/ HTTP/1.1", "other", "/", "q=/"},
        {"GET //twice HTTP/1.1", "h", "//twice", NULL},
        {"GET /? HTTP/1.1", "h", "/", ""},
        {"OPTIONS * HTTP/1.1", "h", "*", NULL},
        {"GET /\xc3\xa4 HTTP/1.1", "h", "/\xc3\xa4", NULL},
    };
    for (int i = 0; i < countof(good); i++) {
        HttpRequest r;
        Str text = str_printf(test_arena(), "%s\r\nHost: h\r\n\r\n", good[i].line);
        eq_int(http1_parse(text, &r), text.n);
        eq_str(r.host, str_from(good[i].host));
        eq_str(r.path, str_from(good[i].path));
        eq_str(r.query, str_from(good[i].query));
        eq_int(str_absent(r.query), good[i].query == NULL);
    }
}

TEST(http1_connection_stays_open_by_version_and_wish)
{
    static const struct {
        const char *text;
        bool keep_alive;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false},
    };
    for (int i = 0; i < countof(cases); i++) {
        HttpRequest r;
        ok(parse(cases[i].text, &r) > 0);
        eq_int(r.keep_alive, cases[i].keep_alive);
    }
}

TEST(http1_refuses)
{
    static const struct {
        const char *text;
        int status;
    } bad[] = {
        /* framing two readers could disagree about */
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
         "chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        /* lines */
        {"GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
        {"\r\n\r\nGET / HTTP/1.1\r\n", 400},
        {"\nGET / HTTP/1.1\r\n", 400},
        /* fields */
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nNo colon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\n: v\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: 12345678\x7f 12345678\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX\xc3\xa4: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nExpect: 200-ok\r\n\r\n", 417},
        /* request line */
        {"GET  / HTTP/1.1\r\n", 400},
        {"GET /a b HTTP/1.1\r\n", 400},
        {"GET / HTTP/1.1 \r\n", 400},
        {" GET / HTTP/1.1\r\n", 400},
        {"GET /\r\n", 400},
        {"GET /#f HTTP/1.1\r\n", 400},
        {"GET path HTTP/1.1\r\n", 400},
        {"GET * HTTP/1.1\r\n", 400},
        {"GET http:///p HTTP/1.1\r\n", 400},
        {"GET http://h@x/p HTTP/1.1\r\n", 400},
        {"CONNECT h:443 HTTP/1.1\r\n", 400},
        {"G@T / HTTP/1.1\r\n", 400},
        {"GET / http/1.1\r\n", 400},
        {"GET / HTTP/1.2\r\n", 505},
        {"PRI * HTTP/2.0\r\n", 505},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\n", 501},
    };
    for (int i = 0; i < countof(bad); i++) {
        HttpRequest r;
        int64_t got = parse(bad[i].text, &r);
        if (got != -bad[i].status)
            test_fail(__FILE__, __LINE__, "case %d: got %" PRId64 ", want -%d", i, got,
                      bad[i].status);
    }
}

TEST(http1_nul_bytes_are_refused)
{
    HttpRequest r;
    eq_int(http1_parse(S("GET /\0 HTTP/1.1\r\n"), &r), -400);
    eq_int(http1_parse(S("GET / HTTP/1.1\r\nHost: h\r\nX: 1234567890\0 1234\r\n\r\n"), &r), -400);
}

TEST(http1_limits_have_their_statuses)
{
    Arena *a = test_arena();
    Buf b = {.a = a};
    HttpRequest r;
    buf_put(&b, S("GET /"));
    for (int i = 0; i < HTTP_TARGET_BYTES_MAX; i++) buf_putc(&b, 'a');
    eq_int(http1_parse(buf_str(&b), &r), -414);
    eq_int(http1_parse(str_slice(buf_str(&b), 0, b.n - 1), &r), 0);

    b = (Buf){.a = a};
    buf_put(&b, S("GET / HTTP/1.1\r\nHost: h\r\n"));
    for (int i = 1; i < HTTP_HEADERS_MAX; i++) buf_put(&b, S("X: y\r\n"));
    int64_t n = b.n;
    buf_put(&b, S("\r\n"));
    eq_int(http1_parse(buf_str(&b), &r), b.n);
    b.n = n;
    buf_put(&b, S("X"));
    eq_int(http1_parse(buf_str(&b), &r), -431);

    b = (Buf){.a = a};
    buf_put(&b, S("GET / HTTP/1.1\r\nHost: h\r\nX: "));
    while (b.n < HTTP_HEAD_BYTES_MAX - 4) buf_putc(&b, 'a');
    n = b.n;
    buf_put(&b, S("\r\n\r\n"));
    eq_int(http1_parse(buf_str(&b), &r), HTTP_HEAD_BYTES_MAX);
    b.n = n;
    buf_put(&b, S("a\r\n\r\n"));
    eq_int(http1_parse(buf_str(&b), &r), -431);
    eq_int(http1_parse(str_slice(buf_str(&b), 0, HTTP_HEAD_BYTES_MAX - 1), &r), 0);
}

TEST(http1_says_the_same_wherever_the_bytes_are_cut)
{
    static const char text[] =
        "\r\nPOST http://h:1/p?q HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n"
        "X-Long: 0123456789 0123456789\t0123456789\r\n\r\n";
    HttpRequest r;
    for (int64_t n = 0; n < (int64_t)sizeof text - 1; n++)
        eq_int(http1_parse((Str){text, n}, &r), 0);
    eq_int(parse(text, &r), (int64_t)sizeof text - 1);
    ok(r.body == HTTP_BODY_CHUNKED);
    eq_str(r.host, S("h:1"));
}
