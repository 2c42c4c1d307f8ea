/* protocol.h - requests into input values, output values into replies, in every AWS protocol. */
#pragma once
#include "wire/route.h"

/* A handler sees only Json. Its members have the model's names, whatever the protocol calls them,
 * and are typed:
 *
 *   structure  object; unknown members and nulls are gone
 *   list, map  array, object
 *   string     string
 *   numbers    number; NaN, Infinity, -Infinity: string
 *   boolean    true, false
 *   timestamp  number: seconds since 1970, maybe with a fraction
 *   blob       string: Base64 (a blob that is the payload: the bytes)
 *   document   any value
 *
 * A streaming member (PutObject's Body, GetObject's Body) never appears in it. The output is put
 * in the order in which the handler put its members; members that the model does not know, and
 * nulls, are left out. */

typedef struct HttpHeaders {
    HttpHeader *p;
    int64_t n, cap;
} HttpHeaders;

/* What the front sends. Content-Length, Date and Connection are the front's; Content-Length is
 * among the headers only when the output has that member (HeadObject, GetObject). */
typedef struct HttpReply {
    int status; /* the model's; 206 when S3's output has a ContentRange */
    HttpHeaders headers;
    Str body;
} HttpReply;
/* A name or value that would break the head of the reply is not added. */
void http_reply_add(HttpReply *reply, Arena *a, Str name, Str value);

/* body: all of it, or absent when the operation streams. The input borrows from the request. */
must_use bool protocol_decode(const Route *route, const HttpRequest *r, Str body, Arena *a,
                              Json *in, Fault *fault);

/* In the protocol that the request spoke (Route.protocol).
 * Never fails: what the model does not know is left out. payload: the bytes of an output's blob
 * payload that is not in `out`; else absent. request_id goes into header and body. */
void protocol_encode(Protocol protocol, const Operation *op, const Json *out, Str payload,
                     Str request_id, Arena *a, HttpReply *reply);

/* op may be NULL. The reply to HEAD has no body; when op is unknown the front drops it. */
void protocol_encode_fault(Protocol protocol, const Service *s, const Operation *op, const Fault *f,
                           Str request_id, Arena *a, HttpReply *reply);

/* The parts, one file for each wire format; protocol.c chooses. */
must_use bool awsjson_decode(const Operation *op, Str body, Arena *a, Json *in, Fault *fault);
must_use bool rpccbor_decode(const Operation *op, Str body, Arena *a, Json *in, Fault *fault);
must_use bool query_decode(const Operation *op, const Form *form, Arena *a, Json *in, Fault *fault);
must_use bool rest_decode(const Route *route, const HttpRequest *r, Str body, Arena *a, Json *in,
                          Fault *fault);
must_use bool restxml_decode_body(const Operation *op, Str body, Arena *a, JsonObject *in,
                                  Fault *fault);
must_use bool restjson_decode_body(const Operation *op, Str body, Arena *a, JsonObject *in,
                                   Fault *fault);
void awsjson_encode(const Operation *op, const Json *out, Str request_id, Arena *a,
                    HttpReply *reply);
void rpccbor_encode(const Operation *op, const Json *out, Str request_id, Arena *a,
                    HttpReply *reply);
void rpccbor_encode_fault(const Service *s, const Fault *f, Str message_key, Str message,
                          Str request_id, Arena *a, HttpReply *reply);
void query_encode(const Operation *op, const Json *out, Str request_id, Arena *a, HttpReply *reply);
void rest_encode(const Operation *op, const Json *out, Str payload, Str request_id, Arena *a,
                 HttpReply *reply);
void restxml_encode_body(const Operation *op, const Json *out, Arena *a, HttpReply *reply);
void restjson_encode_body(const Operation *op, const Json *out, Arena *a, HttpReply *reply);
