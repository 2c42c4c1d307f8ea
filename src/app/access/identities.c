/* identities.c - policies by their ARNs, whoever manages them. */
#include "app/access/identities.h"

#include "core/policy/managed.h"

enum { MANAGED_ID_CHARS = 17 };

/* Always the same for a name: it is nobody's to make. */
static Str managed_id(Arena *a, Str name)
{
    char id[MANAGED_ID_CHARS];
    uint64_t h = str_hash(name);
    for (int i = 0; i < MANAGED_ID_CHARS; i++) {
        id[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[h % 32];
        h = h / 32 ? h / 32 : str_hash((Str){id, i + 1});
    }
    return str_printf(a, "ANPA%.*s", MANAGED_ID_CHARS, id);
}

static IamEntity managed_entity(Arena *a, const ManagedPolicy *p)
{
    return (IamEntity){.account = S("aws"),
                       .kind = IAM_POLICY,
                       .name = str_from(p->name),
                       .path = str_from(p->path),
                       .id = managed_id(a, str_from(p->name)),
                       .description = str_from(p->description),
                       .version = p->version,
                       .versions = p->version,
                       .created = 1423180800000,
                       .updated = 1423180800000};
}

bool identities_policy(Server *s, Arena *a, Str arn, IamEntity *out)
{
    Str account, name;
    IamKind kind;
    const ManagedPolicy *managed = managed_policy(arn);
    if (managed) return *out = managed_entity(a, managed), true;
    return iam_arn_parse(arn, &account, &kind, &name) && kind == IAM_POLICY &&
           iam_find(s->db, account, kind, name, a, out) && str_eq(iam_arn(a, out), arn);
}

Str identities_document(Server *s, Arena *a, const IamEntity *policy, int64_t version)
{
    IamVersion v;
    const ManagedPolicy *managed = managed_policy(iam_arn(a, policy));
    if (!version) version = policy->version;
    if (managed) return version == managed->version ? str_from(managed->document) : (Str){0};
    return iam_version_find(s->db, policy, version, a, &v) ? v.document : (Str){0};
}

/* ---- EMR's default roles ---- */

enum { ROLE_ID_CHARS = 17, ROLE_SESSION_S = 3600 };

static const struct DefaultRole {
    const char *name, *service, *policy, *profile; /* NULL: it has no instance profile */
} default_roles[] = {
    {"EMR_DefaultRole", "elasticmapreduce.amazonaws.com",
     "arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceRole", NULL},
    {"EMR_EC2_DefaultRole", "ec2.amazonaws.com",
     "arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceforEC2Role",
     "EMR_EC2_DefaultRole"},
    {"EMR_AutoScaling_DefaultRole", "application-autoscaling.amazonaws.com",
     "arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceforAutoScalingRole", NULL},
};

static void add_default_profile(Server *s, Arena *a, const IamEntity *role)
{
    IamEntity profile = *role;
    profile.kind = IAM_PROFILE;
    profile.id = server_new_id(s, a, S("AIPA"), ROLE_ID_CHARS);
    profile.trust = (Str){0};
    iam_put(s->db, &profile);
    iam_link(s->db, &profile, IAM_MEMBER, role->name, (Str){0});
}

static void add_default_role(Server *s, Arena *a, Str account, const struct DefaultRole *d)
{
    IamEntity role = {.account = account,
                      .kind = IAM_ROLE,
                      .name = str_from(d->name),
                      .path = S("/"),
                      .id = server_new_id(s, a, S("AROA"), ROLE_ID_CHARS),
                      .session_s = ROLE_SESSION_S,
                      .created = s->now,
                      .updated = s->now};
    role.trust = str_printf(a,
                            "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Sid\":\"\",\"Effect\":"
                            "\"Allow\",\"Principal\":{\"Service\":\"%s\"},\"Action\":"
                            "\"sts:AssumeRole\"}]}",
                            d->service);
    iam_put(s->db, &role);
    iam_link(s->db, &role, IAM_ATTACHED, str_from(d->policy), (Str){0});
    if (d->profile) add_default_profile(s, a, &role);
    log_recorded(s, "default-role", "role=%s", d->name);
}

void identities_default_roles(Server *s, Arena *a, Str account, Str name)
{
    IamEntity old;
    for (int i = 0; i < countof(default_roles); i++)
        if (str_eq(name, str_from(default_roles[i].name)) &&
            !iam_find(s->db, account, IAM_ROLE, name, a, &old))
            add_default_role(s, a, account, &default_roles[i]);
}

bool identities_role(Server *s, Arena *a, Str account, Str given, bool profile, IamEntity *out)
{
    Str owner = account, name = given;
    IamKind kind = profile ? IAM_PROFILE : IAM_ROLE;
    IamLink *links;
    IamEntity holder;
    bool arn = str_starts(given, S("arn:"));
    if (arn && (!iam_arn_parse(given, &owner, &kind, &name) || !str_eq(owner, account)))
        return false;
    if (kind == IAM_ROLE) return iam_find(s->db, account, IAM_ROLE, name, a, out);
    return profile && kind == IAM_PROFILE &&
           iam_find(s->db, account, IAM_PROFILE, name, a, &holder) &&
           iam_links(s->db, &holder, IAM_MEMBER, (Str){0}, 1, a, &links) > 0 &&
           iam_find(s->db, account, IAM_ROLE, links[0].target, a, out);
}
