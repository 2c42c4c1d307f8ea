/* lambda_inline.h - code written in a template as the zip of a function, with the helper of custom resources beside it. */
#pragma once
#include "base/error.h"
#include "base/str.h"

enum { LAMBDA_INLINE_BYTES_MAX = 4 * 1024 * 1024 };

/* Code.ZipFile of a template: index.py or index.js; cfnresponse.py or cfn-response.js answers for
 * functions behind custom resources, as AWS provides them to inline code. ERR_VALIDATION: the
 * runtime takes no inline code, or there is too much of it. */
must_use bool lambda_inline_zip(Str runtime, Str code, Arena *a, Str *zip, Error *err);
