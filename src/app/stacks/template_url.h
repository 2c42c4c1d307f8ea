/* template_url.h - the text of a template by its address: an object of the store here, also by Amazon S3's own addresses. */
#pragma once
#include "app/call.h"

/* core/stack/object_address.h has the forms of address; hosts are not asked. Within an event;
 * `who` has to be allowed to read it. ERR_VALIDATION in CloudFormation's words. */
must_use bool template_url_read(Server *s, const Identity *who, Str url, Arena *a, Str *out,
                                Error *err);
