/* iam.h - IAM's entities as rows: users, groups, roles, instance profiles, policies, and what ties them together. */
#pragma once
#include "store/db.h"

/* Names are told apart without regard to case, within an account and a kind
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
typedef enum IamKind {
    IAM_USER,
    IAM_GROUP,
    IAM_ROLE,
    IAM_PROFILE, /* instance profile */
    IAM_POLICY,  /* customer managed */
    IAM_KINDS,
} IamKind;

typedef struct IamEntity {
    Str account;
    IamKind kind;
    Str name, path, id; /* path: "/" or "/team/"; id: "AROA..." */
    Str description;    /* absent: none */
    Str trust;          /* a role's AssumeRolePolicyDocument, as given */
    Str boundary;       /* ARN of the permissions boundary; absent: none */
    Str tags;           /* JSON: [{"Key": .., "Value": ..}]; absent: none */
    int64_t session_s;  /* a role's MaxSessionDuration */
    int64_t version;    /* a policy's default version: 3 is "v3" */
    int64_t versions;   /* how many were ever made */
    Millis created, updated;
} IamEntity;

/* Adds, or replaces the one of the same account, kind and name. */
void iam_put(Db *db, const IamEntity *e);
must_use bool iam_find(Db *db, Str account, IamKind kind, Str name, Arena *a, IamEntity *out);
/* With its own links and versions; links of others to it are the caller's to refuse. */
void iam_remove(Db *db, const IamEntity *e);
/* Links follow. The caller has seen that the name is free. */
void iam_rename(Db *db, const IamEntity *e, Str name);
/* By name, below path_prefix, after `after` (absent: from the first). */
int64_t iam_list(Db *db, Str account, IamKind kind, Str path_prefix, Str after, int64_t max,
                 Arena *a, IamEntity **out);
int64_t iam_count(Db *db, Str account, IamKind kind);
/* arn:aws:iam::123456789012:role/path/Name */
Str iam_arn(Arena *a, const IamEntity *e);
/* Of an ARN of a role, user, ...: account, kind and name (the last part). The path is not kept. */
must_use bool iam_arn_parse(Str arn, Str *account, IamKind *kind, Str *name);

/* ---- links ---- */
typedef enum IamRelation {
    IAM_ATTACHED, /* target: a policy's ARN */
    IAM_INLINE,   /* target: a policy's name, text: its document */
    IAM_MEMBER,   /* of a group: a user's name; of an instance profile: a role's */
} IamRelation;
typedef struct IamLink {
    IamKind kind;
    Str owner, target, text;
} IamLink;

void iam_link(Db *db, const IamEntity *owner, IamRelation relation, Str target, Str text);
must_use bool iam_link_find(Db *db, const IamEntity *owner, IamRelation relation, Str target,
                            Arena *a, IamLink *out);
bool iam_unlink(Db *db, const IamEntity *owner, IamRelation relation, Str target); /* false: none */
/* By target, after `after`. */
int64_t iam_links(Db *db, const IamEntity *owner, IamRelation relation, Str after, int64_t max,
                  Arena *a, IamLink **out);
/* Whose links lead to a target, of one kind, by name, after `after`. */
int64_t iam_linked(Db *db, Str account, IamKind kind, IamRelation relation, Str target, Str after,
                   int64_t max, Arena *a, IamLink **out);
int64_t iam_attached_count(Db *db, Str account, Str policy_arn);
int64_t iam_boundary_count(Db *db, Str account, Str policy_arn);

/* ---- versions of policies ---- */
typedef struct IamVersion {
    int64_t n;
    Str document;
    Millis created;
} IamVersion;
void iam_version_put(Db *db, const IamEntity *policy, const IamVersion *v);
must_use bool iam_version_find(Db *db, const IamEntity *policy, int64_t n, Arena *a,
                               IamVersion *out);
bool iam_version_remove(Db *db, const IamEntity *policy, int64_t n);
int64_t iam_version_list(Db *db, const IamEntity *policy, Arena *a,
                         IamVersion **out); /* newest first */
