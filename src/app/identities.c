/* identities.c - policies by their ARNs, whoever manages them. */
#include "app/identities.h"

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
