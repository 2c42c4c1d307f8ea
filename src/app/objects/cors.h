/* cors.h - what a browser is told about S3: answers to preflights, and headers of answers to pages of other origins. */
#pragma once
#include "app/call.h"

/* OPTIONS is a preflight, and never signed: it asks about a request, and touches nothing. */
bool cors_is_preflight(const HttpRequest *r);
/* Fills call->admin_reply, or says why not. */
must_use bool cors_preflight(Call *call, Error *err);
/* Adds Access-Control-* to an answer of S3's, good or bad, when the request named an Origin that
 * the bucket's rules allow. Reads the database. */
void cors_add(Call *call, HttpReply *reply);
