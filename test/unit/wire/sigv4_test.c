/* sigv4_test.c - AWS's published examples, botocore's signatures, and every way to be refused with the words for it. */
#include "test.h"
#include "wire/body.h"
#include "wire/sigv4.h"

static const Str secret = {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40};
enum { SECOND = 1000, MINUTE = 60 * SECOND };
static const Millis may_24 = 1369353600000; /* 2013-05-24T00:00:00Z, the time of S3's examples */

static HttpRequest parse(Str text)
{
    HttpRequest r;
    if (http1_parse(text, &r) != text.n)
        test_fail(__FILE__, __LINE__, "not a request: %.*s", STR(text));
    return r;
}

static SigV4 read(const HttpRequest *r, SigDialect dialect)
{
    SigV4 sig = {0};
    Error err;
    if (sigv4_read(r, dialect, test_arena(), &sig, &err) != SIGV4_READ)
        test_fail(__FILE__, __LINE__, "not read: %s", err.text);
    return sig;
}

/* "" when the signature holds, else "Code: text". */
static Str verify_as(Str text, SigDialect dialect, Str key, Millis now, Str payload)
{
    HttpRequest r = parse(text);
    SigV4 sig;
    Error err;
    SigV4Found found = sigv4_read(&r, dialect, test_arena(), &sig, &err);
    if (found == SIGV4_ABSENT) return S("absent");
    SigV4Check c = {.request = &r,
                    .sig = &sig,
                    .dialect = dialect,
                    .secret = key,
                    .now = now,
                    .payload_sha256 = payload};
    if (found == SIGV4_READ && sigv4_verify(&c, test_arena(), &err)) return S("");
    return str_printf(test_arena(), "%.*s: %s", STR(error_name(err.code)), err.text);
}

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define S3_AUTH(headers, signature)                                                                \
    "Authorization: AWS4-HMAC-SHA256 "                                                             \
    "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"                          \
    "SignedHeaders=" headers ",Signature=" signature "\r\n\r\n"
#define S3_HOST  "Host: examplebucket.s3.amazonaws.com\r\n"
#define S3_EMPTY "x-amz-content-sha256: " EMPTY "\r\nx-amz-date: 20130524T000000Z\r\n"
#define GET_OBJECT                                                                                 \
    "GET /test.txt HTTP/1.1\r\n" S3_HOST "Range: bytes=0-9\r\n" S3_EMPTY S3_AUTH(                  \
        "host;range;x-amz-content-sha256;x-amz-date",                                              \
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")

/* "Examples: Signature Calculations in AWS Signature Version 4", S3 API reference. */
TEST(sigv4_published_examples_of_s3)
{
    static const char *const examples[] = {
        GET_OBJECT,
        "PUT /test%24file.text HTTP/1.1\r\n" S3_HOST "Date: Fri, 24 May 2013 00:00:00 GMT\r\n"
        "x-amz-date: 20130524T000000Z\r\nx-amz-storage-class: REDUCED_REDUNDANCY\r\n"
        "x-amz-content-sha256: "
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\r\n" S3_AUTH(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        "PUT /test$file.text HTTP/1.1\r\n" S3_HOST "Date: Fri, 24 May 2013 00:00:00 GMT\r\n"
        "x-amz-date: 20130524T000000Z\r\nx-amz-storage-class: REDUCED_REDUNDANCY\r\n"
        "x-amz-content-sha256: "
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\r\n" S3_AUTH(
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        "GET /?lifecycle HTTP/1.1\r\n" S3_HOST S3_EMPTY S3_AUTH(
            "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        "GET /?prefix=J&max-keys=2 HTTP/1.1\r\n" S3_HOST S3_EMPTY S3_AUTH(
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    };
    for (int i = 0; i < countof(examples); i++)
        eq_str(verify_as(str_from(examples[i]), SIG_DIALECT_S3, secret, may_24, (Str){0}), S(""));
}

#define PRESIGNED(date, expires, signature)                                                        \
    "GET "                                                                                         \
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%" \
    "2Fus-east-1%2Fs3"                                                                             \
    "%2Faws4_request&X-Amz-Date=" date "&X-Amz-Expires=" expires                                   \
    "&X-Amz-SignedHeaders=host&X-Amz-Signature=" signature " HTTP/1.1\r\n" S3_HOST "\r\n"
static const Str presigned = {
    PRESIGNED("20130524T000000Z", "86400",
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"),
    sizeof PRESIGNED("20130524T000000Z", "86400",
                     "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404") -
        1};

TEST(sigv4_published_example_of_a_presigned_url_and_its_window)
{
    SigDialect s3 = SIG_DIALECT_S3;
    eq_str(verify_as(presigned, s3, secret, may_24, (Str){0}), S(""));
    eq_str(verify_as(presigned, s3, secret, may_24 + 86400 * SECOND, (Str){0}), S(""));
    eq_str(verify_as(presigned, s3, secret, may_24 + 86400 * SECOND + 1, (Str){0}),
           S("AccessDenied: Request has expired"));
    eq_str(verify_as(presigned, s3, secret, may_24 - 15 * MINUTE, (Str){0}), S(""));
    eq_str(verify_as(presigned, s3, secret, may_24 - 15 * MINUTE - 1, (Str){0}),
           S("AccessDenied: Request is not yet valid"));
}

TEST(sigv4_presigned_urls_that_are_malformed)
{
#define HEX64 "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    static const struct {
        const char *text, *want;
    } cases[] = {
        {PRESIGNED("20130524T000000Z", "604801", HEX64),
         "AuthorizationQueryParametersError: X-Amz-Expires must be less than a week (in seconds); "
         "that is, the given "
         "X-Amz-Expires must be less than 604800 seconds"},
        {PRESIGNED("20130524T000000Z", "-1", HEX64),
         "AuthorizationQueryParametersError: X-Amz-Expires must be non-negative"},
        {PRESIGNED("20130524T000000Z", "soon", HEX64),
         "AuthorizationQueryParametersError: X-Amz-Expires should be a number"},
        {PRESIGNED("20130524", "60", HEX64),
         "AuthorizationQueryParametersError: X-Amz-Date must be in the ISO8601 Long "
         "Format \"yyyyMMdd'T'HHmmss'Z'\""},
        {PRESIGNED("20130525T000000Z", "60", HEX64),
         "AuthorizationQueryParametersError: Invalid credential date \"20130524\". This date is "
         "not the same as "
         "X-Amz-Date: \"20130525\"."},
        {PRESIGNED("20130524T000000Z", "60", ""),
         "AuthorizationQueryParametersError: Query-string authentication version 4 requires the "
         "X-Amz-Algorithm, "
         "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires "
         "parameters."},
        {PRESIGNED("20130524T000000Z", "60", HEX64),
         "SignatureDoesNotMatch: The request signature we calculated does not match the signature "
         "you provided. Check "
         "your key and signing method."},
        {"GET /?X-Amz-Algorithm=AWS4-HMAC-SHA1 HTTP/1.1\r\n" S3_HOST "\r\n",
         "AuthorizationQueryParametersError: X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(verify_as(str_from(cases[i].text), SIG_DIALECT_S3, secret, may_24, (Str){0}),
               str_from(cases[i].want));
}

TEST(sigv4_clock_skew_of_s3)
{
    Str text = S(GET_OBJECT);
    Str skewed = S("RequestTimeTooSkewed: The difference between the request time and the current "
                   "time is too large.");
    eq_str(verify_as(text, SIG_DIALECT_S3, secret, may_24 + 15 * MINUTE, (Str){0}), S(""));
    eq_str(verify_as(text, SIG_DIALECT_S3, secret, may_24 - 15 * MINUTE, (Str){0}), S(""));
    eq_str(verify_as(text, SIG_DIALECT_S3, secret, may_24 + 15 * MINUTE + 1, (Str){0}), skewed);
    eq_str(verify_as(text, SIG_DIALECT_S3, secret, may_24 - 15 * MINUTE - 1, (Str){0}), skewed);
}

/* One changed byte anywhere in what is signed, and in the secret. */
TEST(sigv4_notices_every_change)
{
    Str good = S(GET_OBJECT), wrong = S("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEy");
    const char *changes[][2] = {{"GET /test", "PUT /test"},
                                {"/test.txt", "/tesu.txt"},
                                {"/test.txt", "/test.txt?"},
                                {"0-9", "0-8"},
                                {"855\r\n", "854\r\n"},
                                {"us-east-1", "us-east-2"},
                                {"db41", "db42"},
                                {"db41", "db4"},
                                {"0000Z", "0001Z"}};
    ok(str_starts(verify_as(good, SIG_DIALECT_S3, wrong, may_24, (Str){0}),
                  S("SignatureDoesNotMatch")));
    for (int i = 0; i < countof(changes); i++) {
        Str from = str_from(changes[i][0]);
        int64_t at = str_find(good, from);
        Str text = str_printf(test_arena(), "%.*s%s%.*s", STR(str_slice(good, 0, at)),
                              changes[i][1], STR(str_slice(good, at + from.n, good.n)));
        Str got = verify_as(text, SIG_DIALECT_S3, secret, may_24, (Str){0});
        bool same =
            str_eq(str_from(changes[i][1]), S("/test.txt?")); /* an empty query is no query */
        if (same ? got.n != 0 : !str_starts(got, S("SignatureDoesNotMatch")))
            test_fail(__FILE__, __LINE__, "change %d: \"%.*s\"", i, STR(got));
    }
}

TEST(sigv4_headers_s3_insists_on)
{
    Str extra = S("GET /test.txt HTTP/1.1\r\nx-amz-tagging: a=b\r\n" S3_HOST
                  "Range: bytes=0-9\r\n" S3_EMPTY S3_AUTH(
                      "host;range;x-amz-content-sha256;x-amz-date",
                      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
    eq_str(verify_as(extra, SIG_DIALECT_S3, secret, may_24, (Str){0}),
           S("AccessDenied: There were headers present in the request which were not signed: "
             "x-amz-tagging"));
    Str none = S("GET / HTTP/1.1\r\n" S3_HOST
                 "x-amz-date: 20130524T000000Z\r\n" S3_AUTH("host;x-amz-date", HEX64));
    eq_str(verify_as(none, SIG_DIALECT_S3, secret, may_24, (Str){0}),
           S("InvalidRequest: Missing required header for this request: x-amz-content-sha256"));
    Str both = S("GET /?X-Amz-Algorithm=x HTTP/1.1\r\n" S3_HOST S3_AUTH("host", HEX64));
    ok(str_starts(verify_as(both, SIG_DIALECT_S3, secret, may_24, (Str){0}),
                  S("InvalidArgument: Only one auth mechanism allowed")));
}

TEST(sigv4_headers_the_other_services_insist_on)
{
#define JSON_AUTH(headers)                                                                         \
    "Authorization: AWS4-HMAC-SHA256 Credential=A/20130524/r/s/aws4_request, "                     \
    "SignedHeaders=" headers ", Signature=" HEX64 "\r\n\r\n"
    Str target = S("POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Date: 20130524T000000Z\r\n"
                   "X-Amz-Target: A.B\r\n" JSON_AUTH("host;x-amz-date"));
    Str host =
        S("POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Date: 20130524T000000Z\r\n" JSON_AUTH("x-amz-date"));
    eq_str(verify_as(target, SIG_DIALECT_JSON, secret, may_24, S(EMPTY)),
           S("InvalidSignatureException: 'X-Amz-Target' must be a 'SignedHeader' in the AWS "
             "Authorization."));
    eq_str(verify_as(host, SIG_DIALECT_JSON, secret, may_24, S(EMPTY)),
           S("InvalidSignatureException: 'Host' must be a 'SignedHeader' in the AWS "
             "Authorization."));
}

TEST(sigv4_authorization_headers_that_are_malformed)
{
    static const struct {
        const char *authorization, *s3, *json, *query;
    } cases[] = {
        {"AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/s3/aws3_request, SignedHeaders=host, "
         "Signature=x",
         "AuthorizationHeaderMalformed: The authorization header is malformed; the Credential is "
         "mal-formed; expecting "
         "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
         "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, "
         "e.g. "
         "keyid/date/region/service/term, got 'A/20130524/us-east-1/s3/aws3_request'",
         "IncompleteSignature: Credential must have exactly 5 slash-delimited elements, e.g. "
         "keyid/date/region/service/term, got 'A/20130524/us-east-1/s3/aws3_request'"},
        {"AWS4-HMAC-SHA256 Credential=A/20130525/us-east-1/s3/aws4_request, SignedHeaders=host, "
         "Signature=x",
         "AuthorizationHeaderMalformed: The authorization header is malformed; Invalid credential "
         "date \"20130525\". "
         "This date is not the same as X-Amz-Date: \"20130524\".",
         "IncompleteSignatureException: Date in Credential scope does not match YYYYMMDD from "
         "ISO-8601 version of date "
         "from HTTP: '20130525' != '20130524', from '20130524T000000Z'.",
         "IncompleteSignature: Date in Credential scope does not match YYYYMMDD from ISO-8601 "
         "version of date "
         "from HTTP: '20130525' != '20130524', from '20130524T000000Z'."},
        {"AWS4-HMAC-SHA256 SignedHeaders=host",
         "AuthorizationHeaderMalformed: The authorization header is malformed; the authorization "
         "header requires three "
         "components: Credential, SignedHeaders, and Signature.",
         "IncompleteSignatureException: Authorization header requires 'Credential' parameter. "
         "Authorization header "
         "requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 SignedHeaders=host",
         "IncompleteSignature: Authorization header requires 'Credential' parameter. Authorization "
         "header "
         "requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 SignedHeaders=host"},
        {"Bearer abc", "InvalidArgument: Unsupported Authorization Type",
         "IncompleteSignatureException: Authorization header requires 'Credential' parameter. "
         "Authorization header "
         "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
         "Authorization=Bearer abc",
         "IncompleteSignature: Authorization header requires 'Credential' parameter. Authorization "
         "header "
         "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
         "Authorization=Bearer abc"},
        {"AWS A:sig", "absent", "absent", "absent"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Str text = str_printf(test_arena(),
                              "GET / HTTP/1.1\r\nHost: h\r\nX-Amz-Date: 20130524T000000Z\r\n"
                              "Authorization: %s\r\n\r\n",
                              cases[i].authorization);
        eq_str(verify_as(text, SIG_DIALECT_S3, secret, may_24, (Str){0}), str_from(cases[i].s3));
        eq_str(verify_as(text, SIG_DIALECT_JSON, secret, may_24, (Str){0}),
               str_from(cases[i].json));
        eq_str(verify_as(text, SIG_DIALECT_QUERY, secret, may_24, (Str){0}),
               str_from(cases[i].query));
    }
}

/* The IAM request of the general reference, "Signature Version 4 signing process". */
#define LIST_USERS                                                                                 \
    "GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\r\n"                                       \
    "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nHost: "                     \
    "iam.amazonaws.com\r\n"                                                                        \
    "X-Amz-Date: 20150830T123600Z\r\nAuthorization: AWS4-HMAC-SHA256 "                             \
    "Credential=AKIDEXAMPLE/20150830/"                                                             \
    "us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, "                     \
    "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7\r\n\r\n"
static const Str iam_secret = {"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40};
static const Millis august_30 = 1440938160000; /* 2015-08-30T12:36:00Z */

TEST(sigv4_published_example_of_iam_and_its_clock_skew)
{
    Str text = S(LIST_USERS), body = S(EMPTY);
    eq_str(verify_as(text, SIG_DIALECT_QUERY, iam_secret, august_30, body), S(""));
    eq_str(verify_as(text, SIG_DIALECT_QUERY, iam_secret, august_30 + 15 * MINUTE + SECOND, body),
           S("SignatureDoesNotMatch: Signature expired: 20150830T123600Z is now earlier than "
             "20150830T123601Z "
             "(20150830T125101Z - 15 min.)"));
    eq_str(verify_as(text, SIG_DIALECT_JSON, iam_secret, august_30 + 5 * MINUTE + SECOND, body),
           S("InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than "
             "20150830T123601Z "
             "(20150830T124101Z - 5 min.)"));
    eq_str(verify_as(text, SIG_DIALECT_JSON, iam_secret, august_30 - 5 * MINUTE - SECOND, body),
           S("InvalidSignatureException: Signature not yet current: 20150830T123600Z is still "
             "later than "
             "20150830T123559Z (20150830T123059Z + 5 min.)"));
    Str wrong_body = S("0000c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ok(str_starts(verify_as(text, SIG_DIALECT_QUERY, iam_secret, august_30, wrong_body),
                  S("SignatureDoesNotMatch: The request signature we calculated does not match the "
                    "signature you provided. "
                    "Check your AWS Secret Access Key and signing method. Consult the service "
                    "documentation for details."
                    "\n\nThe Canonical String for this request should have "
                    "been\n'GET\n/\nAction=ListUsers&")));
}

TEST(sigv4_scope_is_read_and_can_be_required)
{
    HttpRequest r = parse(S(LIST_USERS));
    SigV4 sig = read(&r, SIG_DIALECT_QUERY);
    Error err;
    eq_str(sig.access_key, S("AKIDEXAMPLE"));
    eq_str(sig.date, S("20150830"));
    eq_str(sig.region, S("us-east-1"));
    eq_str(sig.service, S("iam"));
    eq_str(sig.scope, S("20150830/us-east-1/iam/aws4_request"));
    eq_str(sig.signed_headers, S("content-type;host;x-amz-date"));
    eq_int(sig.at, august_30);
    ok(!sig.presigned && str_absent(sig.token));
    SigV4Check c = {.request = &r,
                    .sig = &sig,
                    .dialect = SIG_DIALECT_QUERY,
                    .secret = iam_secret,
                    .now = august_30,
                    .service = S("sts"),
                    .payload_sha256 = S(EMPTY)};
    ok(!sigv4_verify(&c, test_arena(), &err));
    eq_str(error_text(&err), S("Credential should be scoped to correct service: 'sts'. "));
    c.service = S("iam"), c.region = S("eu-west-1");
    ok(!sigv4_verify(&c, test_arena(), &err));
    eq_str(error_text(&err), S("Credential should be scoped to a valid region, not 'us-east-1'. "));
    c.dialect = SIG_DIALECT_S3;
    ok(!sigv4_verify(&c, test_arena(), &err));
    c.region = S("us-east-1");
    ok(sigv4_verify((c.dialect = SIG_DIALECT_QUERY, &c), test_arena(), &err));
    r = parse(presigned);
    sig = read(&r, SIG_DIALECT_S3);
    ok(sig.presigned);
    eq_str(sig.access_key, S("AKIAIOSFODNN7EXAMPLE"));
    eq_int(sig.expires_s, 86400);
}

TEST(sigv4_key_cache_gives_the_same_answer_and_no_other)
{
    static SigV4Keys keys;
    Error err;
    HttpRequest r = parse(S(LIST_USERS));
    SigV4 sig = read(&r, SIG_DIALECT_QUERY);
    for (int i = 0; i < 3 * SIGV4_KEYS_MAX; i++) {
        Str key = i % 3 ? iam_secret : str_printf(test_arena(), "other secret %d", i);
        SigV4Check c = {.request = &r,
                        .sig = &sig,
                        .dialect = SIG_DIALECT_QUERY,
                        .secret = key,
                        .now = august_30,
                        .payload_sha256 = S(EMPTY),
                        .keys = &keys};
        eq_int(sigv4_verify(&c, test_arena(), &err), i % 3 != 0);
    }
}

TEST(sigv4_refusals_of_the_caller)
{
    static const struct {
        SigDialect dialect;
        const char *missing, *unknown;
    } cases[] = {
        {SIG_DIALECT_S3, "AccessDenied", "InvalidAccessKeyId"},
        {SIG_DIALECT_JSON, "MissingAuthenticationTokenException", "UnrecognizedClientException"},
        {SIG_DIALECT_QUERY, "MissingAuthenticationToken", "InvalidClientTokenId"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Error err;
        ok(!sigv4_missing(cases[i].dialect, &err));
        eq_str(error_name(err.code), str_from(cases[i].missing));
        ok(!sigv4_unknown_key(cases[i].dialect, &err));
        eq_str(error_name(err.code), str_from(cases[i].unknown));
    }
}

TEST(sigv4_signs_what_it_verifies)
{
    static const SigDialect dialects[] = {SIG_DIALECT_S3, SIG_DIALECT_JSON, SIG_DIALECT_QUERY};
    SigV4Credentials who = {.access_key = S("AK/ID+"),
                            .secret = secret,
                            .region = S("eu-west-1"),
                            .service = S("svc"),
                            .token = S("to/ken=+")};
    Str head = S(
        "POST /a%20b/../c//d?z=1&a=%2F&a= HTTP/1.1\r\nHost: h:1\r\nX-Amz-Date: 20130524T000000Z\r\n"
        "X-Amz-Security-Token: to/ken=+\r\nX-Two: a  b\r\nX-Two: c\r\nUser-Agent: t\r\n");
    for (int i = 0; i < countof(dialects); i++) {
        HttpRequest r = parse(
            str_printf(test_arena(), "%.*sx-amz-content-sha256: %s\r\n\r\n", STR(head), EMPTY));
        Str authorization = sigv4_sign(&r, dialects[i], &who, S(EMPTY), may_24, test_arena());
        Str text =
            str_printf(test_arena(), "%.*sx-amz-content-sha256: %s\r\nAuthorization: %.*s\r\n\r\n",
                       STR(head), EMPTY, STR(authorization));
        eq_str(verify_as(text, dialects[i], secret, may_24, S(EMPTY)), S(""));
        r = parse(S("GET /k%20?response-expires=x HTTP/1.1\r\nHost: h\r\n\r\n"));
        Str query = sigv4_presign(&r, dialects[i], &who, 600, may_24, test_arena());
        text = str_printf(test_arena(), "GET /k%%20?%.*s HTTP/1.1\r\nHost: h\r\n\r\n", STR(query));
        eq_str(verify_as(text, dialects[i], secret, may_24 + 599 * SECOND, S(EMPTY)), S(""));
        r = parse(text);
        eq_str(read(&r, dialects[i]).token, S("to/ken=+"));
        eq_str(read(&r, dialects[i]).access_key, S("AK/ID+"));
    }
}
