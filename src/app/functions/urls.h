/* urls.h - function URLs: requests of the web that become invocations, and answers that become replies. */
#pragma once
#include "app/functions/functions.h"

/* A URL has an id of 32 letters and digits. It is served at
 *
 *     http://127.0.0.1:4566/_mayfly/url/ID/...                      as it is told
 *     http://ID.lambda-url.REGION.localhost:4566/...                 where such names lead here
 *     ID.lambda-url.REGION.on.aws                                    as a Host header
 *
 * Events have payload format 2.0 ("Invoking Lambda function URLs" in the developer guide). AuthType
 * AWS_IAM wants a signature; with --auth enforce it is checked and so is lambda:InvokeFunctionUrl,
 * for NONE by the function's own policy.
 *
 * The settings of a URL are a document of the function's qualifier (function_setting, kind "url"):
 * Id, AuthType, Cors, InvokeMode, Created, Modified. */
#define FUNCTION_URL_KIND   S("url")
#define FUNCTION_URL_PREFIX S("/_mayfly/url/")
enum { FUNCTION_URL_RANDOM = 20, FUNCTION_URL_NUMBER = 12 };

Str urls_new_id(Server *s, Arena *a, int64_t function);
Str urls_address(Server *s, Arena *a, Str id);
/* Whether a request is for a function's URL. */
bool urls_is(const HttpRequest *r);
/* Who asks, of a head for which urls_is; within an event its answer. */
must_use bool urls_head(Call *call, Error *err);
CallResult urls_handle(Call *call);

/* url_event.c: what of a request is told, and a reply of what a function answered. */
typedef struct UrlRequest {
    Str id, domain, path; /* path: below the URL, percent-encoded, from '/' on */
    bool iam;
} UrlRequest;
Json url_event(const Call *call, const UrlRequest *u);
void url_reply(Call *call, const InvocationEnd *end);
