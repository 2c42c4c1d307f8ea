/* lambda.h - private to api/lambda*.c: finding what a request names, and the handlers of all files. */
#pragma once
#include "app/functions/functions.h"
#include "core/function/function.h"
#include "store/layers.h"

enum {
    LAMBDA_PAGE = 50,
    LAMBDA_CHUNK_BYTES = 64 * 1024, /* of an answer that is streamed */
    LAMBDA_NAME_BYTES_MAX = 64,
    LAMBDA_SOURCES_PAGE = 100,
    LAMBDA_LAYERS_MAX = 5, /* of a function */
    LAMBDA_ENVIRONMENT_BYTES_MAX = 4096,
    LAMBDA_UNRESERVED_MIN = 100,
    LAMBDA_POLICY_BYTES_MAX = 20480,
    LAMBDA_TAGS_MAX = 50,
};
#define LAMBDA_STORAGE_BYTES_MAX ((int64_t)75 << 30) /* what GetAccountSettings tells */

Str lambda_text(const Call *call, const char *member);
Json lambda_parse(Arena *a, Str json); /* a text of our own; absent: null */
/* The page that MaxItems and Marker ask for; Marker is the last name or number of the one before.
 */
int64_t lambda_page(const Call *call);
int64_t lambda_page_to(const Call *call, int64_t max);
void lambda_put_marker(JsonObject *out, int64_t n, int64_t max, Str last);

/* What FunctionName and Qualifier name. */
typedef FunctionTarget LambdaTarget;
/* The function alone. */
must_use bool lambda_function(Call *call, LambdaTarget *out, Error *err);
/* And its version, or the one its alias stands for. */
must_use bool lambda_target(Call *call, LambdaTarget *out, Error *err);
must_use bool lambda_no_function(Str arn, Error *err);
/* What is given as tags (NULL: none), and how many there are with them. */
must_use bool lambda_check_tags(const Json *given, int64_t n, Error *err);
/* `given` absent or the same: true. */
must_use bool lambda_check_revision(Str given, Str is, Error *err);

/* lambda_config.c */
must_use bool lambda_config_new(Call *call, Json *out, Error *err);
must_use bool lambda_config_changed(Call *call, const Json *old, Json *out, Error *err);
Json lambda_describe(Call *call, const LambdaTarget *t);
/* lambda_code.c: what Code, or the members of UpdateFunctionCode, name is kept durably; then `then`
 * is called with it: at once, or in an event of its own when the code is
 * too large to be written by this thread. It checks again what may have changed meanwhile. */
enum { LAMBDA_CODE_AT_ONCE_BYTES = 1024 * 1024 };
typedef CallResult LambdaWithCode(Call *call, const FunctionCode *code, Error *err);
CallResult lambda_code(Call *call, const Json *code, LambdaWithCode *then, Error *err);
Str lambda_code_address(Call *call, Str zip); /* from which it can be fetched */
Json lambda_code_location(Call *call, const FunctionVersion *v);
/* Code and layers together, unpacked. */
must_use bool lambda_check_size(Call *call, Str zip, const Json *config, Error *err);
Str lambda_code_digest(Arena *a, Str zip); /* CodeSha256 */
Str lambda_time(Arena *a, Millis t);       /* 2026-11-20T21:40:38.000+0000 */

/* lambda_layers.c: the version that LayerName and VersionNumber name. */
must_use bool lambda_layer(Call *call, LayerRow *out, Error *err);
Str lambda_layer_version_arn(Arena *a, const LayerRow *row);
must_use bool lambda_layer_may_be_used(Call *call, const LayerRow *row, Error *err);
/* Of a list of ARNs what a configuration keeps of each: Arn, CodeSize, Zip, Bytes (unpacked). What
 * a function has it keeps when the layer's version is deleted. */
must_use bool lambda_layers_stored(Call *call, const Json *given, Json *out, Error *err);
Json lambda_layers_told(Call *call, const Json *stored);

/* A version of what $LATEST is now; the one before, when nothing has changed since. */
FunctionVersion lambda_publish(Call *call, const LambdaTarget *t, Str description);

CallHandler lambda_create, lambda_get, lambda_get_configuration, lambda_list, lambda_delete,
    lambda_update_code, lambda_update_configuration;
CallHandler lambda_publish_version, lambda_list_versions, lambda_create_alias, lambda_update_alias,
    lambda_get_alias, lambda_list_aliases, lambda_delete_alias;
CallHandler lambda_add_permission, lambda_remove_permission, lambda_get_policy;
CallHandler lambda_list_tags, lambda_tag, lambda_untag, lambda_account_settings,
    lambda_put_concurrency, lambda_get_concurrency, lambda_delete_concurrency,
    lambda_put_invoke_config, lambda_update_invoke_config, lambda_get_invoke_config,
    lambda_delete_invoke_config, lambda_list_invoke_configs;
CallHandler lambda_invoke, lambda_invoke_async, lambda_invoke_streamed;
CallHandler lambda_create_url, lambda_update_url, lambda_get_url, lambda_delete_url,
    lambda_list_urls;
CallHandler lambda_get_runtime_management, lambda_put_runtime_management, lambda_get_recursion,
    lambda_put_recursion, lambda_get_provisioned, lambda_put_provisioned, lambda_delete_provisioned,
    lambda_list_provisioned, lambda_get_function_signing, lambda_put_function_signing,
    lambda_delete_function_signing, lambda_create_signing, lambda_list_signing, lambda_no_signing;
CallHandler lambda_publish_layer, lambda_get_layer, lambda_get_layer_by_arn, lambda_delete_layer,
    lambda_list_layers, lambda_list_layer_versions, lambda_add_layer_permission,
    lambda_remove_layer_permission, lambda_get_layer_policy;
CallHandler lambda_create_source, lambda_get_source, lambda_list_sources, lambda_update_source,
    lambda_delete_source;
