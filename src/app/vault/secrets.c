/* secrets.c - secrets at work: names and ARNs, stages, values sealed and unsealed, and deletion when its time has come. */
#include "app/vault/secrets.h"

#include "app/vault/vault.h"
#include "store/timers.h"

Str secret_arn(Arena *a, const SecretRow *row)
{
    return str_printf(a, "arn:aws:secretsmanager:%.*s:%.*s:secret:%.*s-%.*s", STR(row->region),
                      STR(row->account), STR(row->name), STR(row->suffix));
}

static bool not_found(Error *err)
{
    return error_set(err, ERR_RESOURCE_NOT_FOUND,
                     "Secrets Manager can't find the specified secret.");
}

/* What stands after "secret:": the name with the six letters, or without. */
static bool find_in_arn(Server *s, Str account, Str region, Str rest, Arena *a, SecretRow *out)
{
    int64_t dash = rest.n - SECRET_SUFFIX_BYTES - 1;
    if (secret_row_find(s->db, account, region, rest, a, out)) return true;
    return dash > 0 && rest.p[dash] == '-' &&
           secret_row_find(s->db, account, region, str_slice(rest, 0, dash), a, out) &&
           str_eq(out->suffix, str_slice(rest, dash + 1, rest.n));
}

bool secret_find(Server *s, Str account, Str region, Str id, Arena *a, SecretRow *out, Error *err)
{
    Str prefix =
        str_printf(a, "arn:aws:secretsmanager:%.*s:%.*s:secret:", STR(region), STR(account));
    bool found = str_starts(id, prefix)
                     ? find_in_arn(s, account, region, str_slice(id, prefix.n, id.n), a, out)
                     : secret_row_find(s->db, account, region, id, a, out);
    return found || not_found(err);
}

static Str about(Arena *a, const SecretRow *row, Str version)
{
    return str_printf(a, "%.*s#%.*s", STR(secret_arn(a, row)), STR(version));
}

static bool find_version(Server *s, const SecretRow *row, Str version, Str stage, Arena *a,
                         SecretVersionRow *out, Error *err)
{
    if (str_absent(stage) && str_absent(version)) stage = SECRET_CURRENT;
    Str staged = str_absent(stage) ? version : secret_stage_version(s->db, row->n, stage, a);
    if (!str_absent(version) && !str_eq(version, staged))
        return error_set(err, ERR_INVALID_REQUEST,
                         "You provided a VersionStage that is not associated to the provided "
                         "VersionId.");
    if (!str_absent(staged) && secret_version_find(s->db, row->n, staged, a, out)) return true;
    return str_absent(version)
               ? error_set(err, ERR_RESOURCE_NOT_FOUND,
                           "Secrets Manager can't find the specified secret value for staging "
                           "label: %.*s",
                           STR(stage))
               : error_set(err, ERR_RESOURCE_NOT_FOUND,
                           "Secrets Manager can't find the specified secret value for VersionId: "
                           "%.*s",
                           STR(version));
}

bool secret_read(Server *s, Str account, Str region, Str id, Str version, Str stage, Arena *a,
                 SecretValue *out, Error *err)
{
    SecretVersionRow v;
    if (!secret_find(s, account, region, id, a, &out->secret, err)) return false;
    if (out->secret.deletion)
        return error_set(err, ERR_INVALID_REQUEST,
                         "You can't perform this operation on the secret because it was marked for "
                         "deletion.");
    if (!find_version(s, &out->secret, version, stage, a, &v, err)) return false;
    out->version = v.id;
    out->binary = v.binary;
    out->created = v.created;
    return vault_unseal(s, a, about(a, &out->secret, v.id), v.value, &out->value, err);
}

void secret_add_version(Server *s, Arena *a, const SecretRow *row, Str version, Str value,
                        bool binary)
{
    SecretVersionRow v = {.secret = row->n,
                          .id = version,
                          .value = vault_seal(s, a, about(a, row, version), value),
                          .binary = binary,
                          .created = s->now};
    secret_version_add(s->db, &v);
    secret_version_drop_old(s->db, row->n, SECRET_OLD_VERSIONS_MAX);
}

void secret_move_stage(Server *s, Arena *a, int64_t secret, Str stage, Str version)
{
    Str had = secret_stage_version(s->db, secret, stage, a);
    if (str_eq(stage, SECRET_CURRENT) && !str_absent(had) && !str_eq(had, version))
        secret_stage_set(s->db, secret, SECRET_PREVIOUS, had);
    secret_stage_set(s->db, secret, stage, version);
}

void secrets_due(Server *s, Str subject)
{
    SecretRow row;
    int64_t n;
    timer_clear(s->db, S("secret"), subject);
    if (!str_to_int(subject, &n) || !secret_row_get(s->db, n, &s->turn, &row) || !row.deletion)
        return;
    secret_row_remove(s->db, n);
    log_recorded(s, "secret-deleted", "secret=%.*s", STR(secret_arn(&s->turn, &row)));
}
