/* resource.h - what a CloudFormation resource type is: how one is made, changed, removed and read, by the APIs here. */
#pragma once
#include "app/call.h"

/* A type is one ResourceType, in app/resources/<service>_<thing>.c, listed in types.c. Its
 * functions run within an event of their own: what they wrote is undone when they fail. They call
 * the APIs by resource_call, under the name of the stack's role or of who asked for the operation:
 *
 *     static ResourceEnd create(Resource *r, Error *err)
 *     {
 *         Json in = ..., out;
 *         r->physical = resource_name(r, S("QueueName"), &(ResourceNaming){.bytes_max = 80});
 *         if (!resource_call(r, S("sqs"), S("CreateQueue"), in, &out, err)) return RESOURCE_FAILED;
 *         r->physical = json_text(json_get(&out, S("QueueUrl")));       what Ref gives
 *         resource_attribute(r, "Arn", ...);                            what GetAtt gives
 *         return RESOURCE_DONE;
 *     }
 *
 * RESOURCE_WAITS: it goes on elsewhere. `look` is asked again when the resource
 * wait_service/wait_id has a record in the stream of changes (store/changes.h), and at wait_until
 * at the latest (0: no timer); it is asked often and answers RESOURCE_WAITS again while it is not
 * over. What it must remember is in r->kept. An operation that was cancelled is not looked at any
 * more; the resource is then removed by `remove`, if it has a physical id. */
enum {
    RESOURCE_NAME_TAIL = 12, /* random letters at the end of a made-up name */
    RESOURCE_PROPERTIES_BYTES_MAX = 1024 * 1024,
};

typedef enum ResourceEnd { RESOURCE_DONE, RESOURCE_FAILED, RESOURCE_WAITS } ResourceEnd;

typedef enum ResourceDoing { RESOURCE_CREATES, RESOURCE_UPDATES, RESOURCE_REMOVES } ResourceDoing;

/* One resource in hand. */
typedef struct Resource {
    Server *s;
    Arena *a;
    Millis now;
    Str account, region;
    Identity who; /* under whose name the APIs are called: the stack's role, or who asked */
    Str stack_id, stack_name, logical, type;
    ResourceDoing doing; /* for `look` */
    bool undoing;        /* in `update`: an update that failed is taken back */
    Str token;           /* of this attempt: for idempotency, where an API takes one */
    Json properties;     /* resolved; in `remove` those with which it was last made or changed */
    Json before;         /* in `update`: the properties it has now */
    Json tags;           /* of the stack: array of {Key, Value} */
    Json creation;       /* in `create`: the resource's CreationPolicy, resolved; null: none */
    /* Given and taken. */
    Str physical;    /* absent before `create` */
    Json attributes; /* object: what GetAtt gives */
    Json kept;       /* of the type's own; null at first */
    Str wait_service, wait_id;
    Millis wait_until;
    /* Of the last resource_call that was refused. */
    Str fault_code;
    int fault_status;
} Resource;

typedef ResourceEnd ResourceFn(Resource *r, Error *err);

/* READ: *out has each property that could be read, in the template's terms; null: it is not set any
 * more. GONE: the resource is not there. UNREAD: err says why. */
typedef enum ResourceReading { RESOURCE_READ, RESOURCE_GONE, RESOURCE_UNREAD } ResourceReading;
typedef ResourceReading ResourceReadFn(Resource *r, Json *out, Error *err);

typedef struct ResourceType {
    const char *type;   /* "AWS::S3::Bucket" */
    ResourceFn *create; /* sets physical and attributes */
    ResourceFn *update; /* NULL: every change of a property replaces it. Sets attributes anew */
    ResourceFn *remove; /* what is not there any more is removed. NULL: nothing is to be done */
    ResourceFn *look;   /* NULL: it never waits */
    /* r->physical is there already: sets attributes. NULL: it cannot be imported. */
    ResourceFn *import;
    const char *identifier; /* by what the one to be imported is named: "BucketName" */
    const char *replace;    /* create-only properties, by blanks: "BucketName ObjectLockEnabled" */
    const char *required;   /* properties, by blanks */
    const char *properties; /* all properties, by blanks; NULL: unknown ones are not refused */
    /* Whether a change of a property that is not create-only replaces it all the same: its value
     * before and after, NULL where it is not given. NULL: none does. */
    bool (*replaces)(const Json *before, const Json *after, Str property);
    ResourceReadFn *read;        /* for drift; NULL: it is not checked */
    const struct Recipe *recipe; /* recipe.h; NULL: the functions above know all */
    /* An attribute that is not among those kept. NULL: refused by name. */
    bool (*attribute)(Arena *a, const Str *physical, const Json *attributes, Str name, Json *out,
                      Error *err);
    bool data; /* RetainExceptOnCreate and Snapshot make sense of it */
} ResourceType;

extern const ResourceType *const resource_types[]; /* types.c; ends with NULL */
const ResourceType *resource_type(Str type);       /* NULL: not offered */
/* ... then as one that is recorded. */
const ResourceType *resource_type_or_recorded(Str type);

/* An API here. false: err has CloudFormation's words of a refusal (the service's message, its name,
 * status and request id), r->fault_code the service's code ("BucketAlreadyExists"). */
must_use bool resource_call(Resource *r, Str service, Str operation, Json in, Json *out,
                            Error *err);
/* What no API here does (a network is declared, a template's object read) is decided all the same.
 */
must_use bool resource_may(Resource *r, Str action, Str on, Error *err);
/* The last call was refused because the thing is not there: for `remove`. */
bool resource_gone(const Resource *r);

/* The property's text, or <stack>-<logical>-<12 letters and digits>, the stack's and the resource's
 * name cut to fit. */
typedef struct ResourceNaming {
    int bytes_max;
    bool lower;         /* S3: lower case only */
    const char *suffix; /* ".fifo"; NULL: none */
} ResourceNaming;
Str resource_name(Resource *r, Str property, const ResourceNaming *naming);

/* Properties. Numbers and booleans may be texts, as AWS accepts them. */
const Json *resource_property(const Resource *r, Str name); /* NULL */
Str resource_text(const Resource *r, Str name);             /* absent */
int64_t resource_int(const Resource *r, Str name, int64_t otherwise);
bool resource_bool(const Resource *r, Str name, bool otherwise);
bool resource_changed(const Resource *r, Str name); /* in `update` */

void resource_attribute(Resource *r, Str name, Str value);
void resource_attribute_json(Resource *r, Str name, Json value);
/* The resource's own Tags (list of {Key, Value}, or an object) and the stack's, as a list. */
Json resource_tags(Resource *r);
/* ... and as an object. */
Json resource_tags_object(Resource *r);
