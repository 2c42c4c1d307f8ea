/* answers.h - addresses to which functions and programs answer: of custom resources and of wait condition handles. */
#pragma once
#include "app/resources/resource.h"

/* PUT /_mayfly/stack-response?token=..., a JSON document. The token is a secret of the one who was
 * given the address. What comes is kept, and whoever waits for it is looked at. */
#define ANSWERS_SERVICE S("stack-answer")
enum { ANSWERS_BYTES_MAX = 8192, ANSWERS_MAX = 1000 }; /* of one token */

/* It is good until then, though its stack may be gone; 0: until answers_forget. */
Str answers_new_token(Resource *r, Millis until);
void answers_forget(const Resource *r, Str token);
void answers_due(Server *s, Str subject); /* timer kind "answer-address" */
/* Of the signals of a resource (SignalResource), which nobody is given. */
Str answers_signal_token(Arena *a, Str stack_id, Str logical);
Str answers_url(const Resource *r, Str token);
Str answers_token_of(Str url);                 /* absent: none of ours */
Json answers_of(const Resource *r, Str token); /* array, oldest first */

/* The page. Within an event. false: not JSON, or not a token that somebody was given. */
must_use bool answers_take(Server *s, Str token, Str body);
