/* recipe.h - resource types told as tables: which calls of an API make, change and remove one, and of what. */
#pragma once
#include "app/resources/resource.h"

/* A Recipe is knowledge, recipe_create and the others are what is done with it. Most types are
 * nothing but a Recipe:
 *
 *     static const Recipe queue = {
 *         .service = "sqs", .name = "QueueName", .naming = {.bytes_max = 80},
 *         .create = {"CreateQueue", "QueueName={name} Attributes.DelaySeconds=DelaySeconds"},
 *         .remove = {"DeleteQueue", "QueueUrl={id}"},
 *         .physical = "{.QueueUrl}", .attributes = "QueueName={name}"};
 *
 * Members of a request, by blanks: MEMBER=VALUE, where MEMBER may be dotted (Attributes.Policy)
 * and VALUE is
 *
 *     (nothing: MEMBER alone)   the property of the same name, if it is given
 *     Property.Path             that property, if it is given; each.Path: of the item in hand
 *     {...}                     a text (below), if all that it names is there
 *     'word                     that word
 *     true, false               that
 *     [VALUE                    a list of that one value
 *     #list #map #gone          tags as a list of Key and Value, as an object; keys that are gone
 *
 * A text has names in braces: {id} the physical id, {name} the physical name, {account}, {region},
 * {stack} the stack's name, {logical}, {each} the item in hand, {each.Path}, {uuid}, {now}, {hex17}
 * so many random digits, {.Path} of the answer of `create`, {%Arn} an attribute, {Property.Path}.
 *
 * Values are made to fit the operation's input (fit.h), refused with their place. */
typedef struct RecipeCall {
    const char *operation, *members;
    const char *when; /* property without which nothing is asked; in `update` also one that has
                         not changed; NULL: always. Several, by blanks: any of them */
    const char *undo, *undo_members; /* asked when the property is not given any more */
    bool later;                      /* only in `update`: `create` has said it already */
    bool each;           /* `when` is a list: once for each item, undone for each that is gone */
    bool cleared;        /* undone before the resource is removed, too */
    const char *service; /* NULL: the recipe's */
} RecipeCall;

enum { RECIPE_SETTINGS_MAX = 16 };

/* For drift: what an operation's answer gives, PROPERTY=PATH by blanks. PATH is "Role.Path",
 * "Layers#Arn" (that member of each item), "." (all of the answer), "{...}" (a text), or nothing
 * for the property's own name. +PROPERTY: what is there and not in the template is drift, too: a
 * map. When the thing of the first read is gone the resource is; of a later one, its properties. */
typedef struct RecipeRead {
    const char *operation, *members;
    const char *gives;
    const char *item; /* "logGroups.logGroupName={id}": of that list the item is the answer */
} RecipeRead;

typedef struct Recipe {
    const char *service; /* NULL: a declared record, which calls nothing */
    const char *name;    /* property with the physical name; NULL: it has none */
    ResourceNaming naming;
    RecipeCall create, update, remove;        /* update: asked when anything has changed */
    RecipeCall settings[RECIPE_SETTINGS_MAX]; /* after create; after update where changed */
    RecipeCall tag, untag;                    /* in `update`; in create tags are in `create` ... */
    bool tags_later;                          /* ... but for services whose `create` takes none */
    const char *physical;                     /* text */
    const char *attributes;                   /* NAME=TEXT, by blanks */
    /* Properties as the API has them, of those of the template; NULL: they are. */
    bool (*prepare)(Resource *r, Json *properties, Error *err);
    const char *found;       /* as `attributes`, of the answer to the first read; NULL: the same */
    const RecipeRead *reads; /* ends with one without operation */
    /* What was read of a property in the template's shape, where the API has another. */
    Json (*reshape)(Str property, const Json *actual, Arena *a);
} Recipe;

ResourceFn recipe_create, recipe_update, recipe_remove;
ResourceFn recipe_import;            /* recipe_read.c */
ResourceReadFn recipe_read;          /* recipe_read.c */
ResourceReadFn recipe_read_declared; /* of records: they are what the template says */
#define RECIPE_TYPE .create = recipe_create, .update = recipe_update, .remove = recipe_remove

/* recipe_words.c - what the words mean. */
typedef struct RecipeScope {
    Resource *r;
    const Recipe *recipe;
    Json properties; /* prepared */
    Json out;        /* of `create` */
    const Json *each;
    Str each_place; /* "#/Policies/0" */
    Json gone;      /* keys of tags */
} RecipeScope;

/* false: something that it names is not there. */
bool recipe_text(const RecipeScope *s, Str text, Str *out);
must_use bool recipe_input(const RecipeScope *s, const RecipeCall *c, Json *in, Error *err);
bool recipe_has_tags(Resource *r); /* besides those that only CloudFormation may set */
/* "Code.S3Bucket", "StepIds.0"; NULL: nothing is there. */
const Json *recipe_find(Str path, const Json *v);
/* Those of the words whose texts are all there. */
void recipe_attributes(const RecipeScope *s, const char *words);
/* Next word of a text of words; false: none is left. */
bool recipe_word(Str *rest, Str *word);
