/* template_url.h - the text of a template by its address: an object of the store here, also by Amazon S3's own addresses. */
#pragma once
#include "app/server.h"

/* core/stack/object_address.h has the forms of address; hosts are not asked. Within an event.
 * ERR_VALIDATION in CloudFormation's words. */
must_use bool template_url_read(Server *s, Str account, Str region, Str url, Arena *a, Str *out,
                                Error *err);
