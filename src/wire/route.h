/* route.h - which service and operation a request means, decided from its head; for awsQuery from its form. */
#pragma once
#include "wire/fault.h"
#include "wire/form.h"
#include "wire/http1.h"

/* The service is found by the signature's scope, else by X-Amz-Target, by a form's Version, by the
 * host's first label; what is left is S3. `service` is set also when the answer is a fault, so that
 * it can be written in that service's protocol.
 *
 *     if (!route_head(http, scope, S("localhost"), a, &route, &fault)) return refuse(&fault);
 *     ... read the body, at most route.body_bytes_max bytes, as a stream when route.streams ...
 *     if (!route_body(http, body, a, &route, &fault)) return refuse(&route, &fault);
 */
enum { ROUTE_LABELS_MAX = 8 };
#define ROUTE_STREAM_BYTES_MAX ((int64_t)5 << 30) /* one PUT of S3 */

typedef struct RouteLabel {
    Str name, value; /* {Key+} is "Key"; the value is still percent-encoded */
} RouteLabel;

typedef struct Route {
    const Service *service;     /* never NULL after route_head */
    Protocol protocol;          /* that this request speaks: of those the service has */
    const Operation *operation; /* NULL: not known yet (awsQuery before the form), or a fault */
    bool streams;               /* the body is the operation's stream and must not be buffered */
    int64_t body_bytes_max;
    Form query; /* of the URL, decoded */
    Form form;  /* awsQuery: query and body together, sorted */
    int labels_n;
    RouteLabel labels[ROUTE_LABELS_MAX];
} Route;

/* scope_service: of the credential scope, absent when unsigned. domain: our own name, below which
 * buckets are hosts (bucket.s3.<anything>, bucket.<domain>). The request must outlive the route. */
must_use bool route_head(const HttpRequest *r, Str scope_service, Str domain, Arena *a, Route *out,
                         Fault *fault);
/* For every protocol; does something only for awsQuery. */
must_use bool route_body(const HttpRequest *r, Str body, Arena *a, Route *route, Fault *fault);
/* The bucket that a Host header names: "b.s3.localhost:4566" -> "b"; absent: path style. */
Str route_bucket_of_host(Str host, Str domain);
/* A header of the request; with S3 also a parameter x-amz-*: presigned URLs carry headers there. */
Str route_header(const Route *route, const HttpRequest *r, Str name);
/* The rest protocols' part (route_rest.c): method, path and query to operation and labels. */
must_use bool route_rest(const HttpRequest *r, Str path, Arena *a, Route *route, Fault *fault);
