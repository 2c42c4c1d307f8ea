/* sigv2_test.c - the examples of "Signing and authenticating REST requests" (S3 developer guide), and refusals. */
#include "test.h"
#include "wire/sigv2.h"

static const Str secret = {"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 40};

static Str verify(Str text, Str bucket, Millis now)
{
    HttpRequest r;
    SigV2 sig;
    Error err;
    if (http1_parse(text, &r) != text.n) return S("not a request");
    SigV4Found found = sigv2_read(&r, test_arena(), &sig, &err);
    if (found == SIGV4_ABSENT) return S("absent");
    if (found == SIGV4_READ && sigv2_verify(&r, &sig, bucket, secret, now, test_arena(), &err))
        return S("");
    return str_printf(test_arena(), "%.*s: %s", STR(error_name(err.code)), err.text);
}

#define HOST "Host: johnsmith.s3.amazonaws.com\r\n"
#define AUTH "Authorization: AWS AKIAIOSFODNN7EXAMPLE:"

TEST(sigv2_published_examples)
{
    static const struct {
        const char *text;
        Millis at;
    } examples[] = {
        {"GET /photos/puppy.jpg HTTP/1.1\r\n" HOST "Date: Tue, 27 Mar 2007 19:36:42 +0000\r\n" AUTH
         "bWq2s1WEIj+Ydj0vQ697zp+IXMU=\r\n\r\n",
         1175024202000},
        {"PUT /photos/puppy.jpg HTTP/1.1\r\nContent-Type: image/jpeg\r\nContent-Length: "
         "94328\r\n" HOST "Date: Tue, 27 Mar 2007 21:15:45 +0000\r\n" AUTH
         "MyyxeRY7whkBe+bq8fHCL/2kKUg=\r\n\r\n",
         1175030145000},
        {"GET /?prefix=photos&max-keys=50&marker=puppy HTTP/1.1\r\n" HOST
         "Date: Tue, 27 Mar 2007 19:42:41 +0000\r\n" AUTH "htDYFYduRNen8P9ZfE/s9SuKy0U=\r\n\r\n",
         1175024561000},
        {"GET /?acl HTTP/1.1\r\n" HOST "Date: Tue, 27 Mar 2007 19:44:46 +0000\r\n" AUTH
         "c2WLPFtWHVgbEmeEG93a4cG37dM=\r\n\r\n",
         1175024686000},
    };
    for (int i = 0; i < countof(examples); i++)
        eq_str(verify(str_from(examples[i].text), S("johnsmith"), examples[i].at), S(""));
}

#define PUPPY "GET /photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&"

TEST(sigv2_published_example_of_a_query_and_its_end)
{
    Str text =
        S(PUPPY "Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620 HTTP/1.1\r\n" HOST
                "\r\n");
    eq_str(verify(text, S("johnsmith"), 1175139620000), S(""));
    eq_str(verify(text, S("johnsmith"), 1175139620001), S("AccessDenied: Request has expired"));
    eq_str(verify(text, S("other"), 1175139620000),
           S("SignatureDoesNotMatch: The request signature we calculated does not match the "
             "signature you provided. Check "
             "your key and signing method."));
}

TEST(sigv2_refuses)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "absent"},
        {"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: AWS4-HMAC-SHA256 x\r\n\r\n", "absent"},
        {"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: AWS nothing\r\n\r\n",
         "InvalidArgument: AWS authorization header is invalid.  Expected "
         "AwsAccessKeyId:signature"},
        {"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: AWS a:b\r\n\r\n",
         "AccessDenied: AWS authentication requires a valid Date or x-amz-date header"},
        {"GET / HTTP/1.1\r\nHost: h\r\nDate: Tue, 27 Mar 2007 19:36:42 GMT\r\nAuthorization: AWS "
         "a:b\r\n\r\n",
         "RequestTimeTooSkewed: The difference between the request time and the current time is "
         "too large."},
        {PUPPY "Signature=x HTTP/1.1\r\nHost: h\r\n\r\n",
         "AccessDenied: Query-string authentication requires the Signature, Expires and "
         "AWSAccessKeyId parameters"},
        {PUPPY "Signature=x&Expires=soon HTTP/1.1\r\nHost: h\r\n\r\n",
         "AccessDenied: Invalid date (should be seconds since epoch): soon"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(verify(str_from(cases[i].text), (Str){0}, 0), str_from(cases[i].want));
}
