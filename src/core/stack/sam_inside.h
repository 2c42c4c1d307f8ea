/* sam_inside.h - shared by the files of the SAM transform. */
#pragma once
#include "base/error.h"
#include "core/stack/sam.h"

enum {
    SAM_RESOURCES_MAX = 500,
    SAM_EVENTS_MAX = 100, /* of one function or state machine */
    SAM_MADE_MAX = 2000,  /* resources that a document becomes; a template has fewer */
    SAM_NOTICES_MAX = 500,
    SAM_HASH_DIGITS = 10, /* of what is in a generated logical id */
};

/* A name in the document that leads to another logical id: Fn.Alias, a layer's. */
typedef struct SamName {
    Str from, to;
} SamName;

/* What an S3 event adds to the bucket of the same template. */
typedef struct SamNotice {
    Str bucket, permission;
    Json configuration;
} SamNotice;

typedef struct Sam {
    Arena *a;
    const Json *root, *parameters, *globals;
    JsonObject made; /* logical id: resource */
    struct {
        SamName *p;
        int64_t n, cap;
    } names;
    struct {
        SamNotice *p;
        int64_t n, cap;
    } notices;
    StrVec faults;
} Sam;

/* A serverless resource while it is expanded. */
typedef struct SamResource {
    Str id;
    const Json *body, *p; /* p: its properties with the globals */
} SamResource;

/* Texts of errors here are what follows "Resource with id [X] is invalid. ". */
#define sam_error(err, ...) (sam_error_fill(err, __VA_ARGS__), error_false())
void sam_error_fill(Error *err, const char *fmt, ...) printf_like(2, 3);
typedef bool SamExpandFn(Sam *s, const SamResource *r, Error *err);
SamExpandFn sam_function, sam_machine, sam_table, sam_layer;

/* ---- values (sam_shape.c) ---- */

/* JSON with ' for ", in which '@1' to '@9' stand for the values given: a member or item whose value
 * is NULL is left out. */
Json sam_shape(Arena *a, const char *shape, const Json *const *values, int n);
#define SAM(a, shape, ...)                                                                         \
    sam_shape(a, shape, (const Json *const[]){__VA_ARGS__},                                        \
              (int)(sizeof((const Json *const[]){__VA_ARGS__}) / sizeof(const Json *)))

const Json *sam_keep(Arena *a, Json v);
const Json *sam_string(Arena *a, Str text);
const Json *sam_ref(Arena *a, Str id);
const Json *sam_att(Arena *a, Str id, const char *attribute);
bool sam_is_function(const Json *v); /* an intrinsic function */
Str sam_id(const Sam *s, Str id, Str event, const char *suffix);
Str sam_hash(Arena *a, const Json *v); /* SAM_HASH_DIGITS of its SHA-256 */
Json sam_with(Arena *a, const Json *object, Str key, const Json *value); /* set, or replaced */
/* A map of tags as a list, then `by`: SAM's own mark, absent: none. NULL: no tags. */
const Json *sam_tags(Arena *a, const Json *tags, Str by);
/* A text, or a Ref to a parameter whose value is known. */
bool sam_known_text(const Sam *s, const Json *v, Str *out);
/* "s3://bucket/key?versionId=v" or {Bucket, Key, Version}, as an object of the three names given
 * (the last may be absent). */
bool sam_location(Arena *a, const Json *v, const char *property, const char *const names[3],
                  Json *out, Error *err);

/* ---- properties ---- */

typedef struct SamProperty {
    Str from, to; /* to absent: the code does more with it */
} SamProperty;

/* Those that keep their values, by their new names. */
void sam_pass(const Json *from, const SamProperty *table, int n, JsonObject *out);
bool sam_known(const Json *p, const SamProperty *table, int n, const char *of, Error *err);
extern const SamProperty sam_function_properties[], sam_machine_properties[],
    sam_table_properties[], sam_layer_properties[];
extern const int sam_function_properties_n, sam_machine_properties_n, sam_table_properties_n,
    sam_layer_properties_n;

/* ---- resources ---- */

void sam_add(Sam *s, const SamResource *of, Str id, Json resource);
/* The resource itself: with DependsOn, Metadata and policies of deletion of the document. */
void sam_add_main(Sam *s, const SamResource *r, Str id, Json resource);

/* sam_role.c: the role `<Id>Role`, made where the properties name none; *out: its ARN. `service`
 * may take it on; `managed` are ARNs of managed policies that it has besides; `more` are further
 * {PolicyName, PolicyDocument}. */
bool sam_role(Sam *s, const SamResource *r, Str service, const StrVec *managed,
              const JsonArray *more, const Json **out, Error *err);
/* sam_policy.c: the policy that a template of policies makes of its arguments. */
bool sam_policy_known(Str name);
bool sam_policy(Arena *a, Str name, const Json *arguments, Json *document, Error *err);

/* sam_events.c */
typedef struct SamTarget {
    bool machine;         /* a state machine; else a function */
    const Json *arn;      /* what is started */
    const Json *function; /* name of the function, for its permission */
} SamTarget;

typedef struct SamEvent {
    const SamResource *of;
    const SamTarget *target;
    Str name, id; /* id: `<Id><Event>` */
    const Json *p;
} SamEvent;

typedef bool SamEventFn(Sam *s, const SamEvent *e, Error *err);
SamEventFn sam_schedule, sam_schedule_v2, sam_rule;
/* sam_sources.c */
SamEventFn sam_s3, sam_sns, sam_mapping, sam_log_group;
bool sam_events(Sam *s, const SamResource *r, const SamTarget *target, Error *err);
/* `<Id><Event>Permission`. */
void sam_permission(Sam *s, const SamEvent *e, Str principal, const Json *source_arn,
                    const Json *source_account);

/* sam_globals.c */
bool sam_globals(Sam *s, Error *err);
Json sam_merged(Arena *a, const Json *general, const Json *own);
/* sam_names.c: every reference to a name that leads elsewhere now. */
Json sam_rename(const Sam *s, const Json *v);
