/* secrets_tags.c - tags of secrets, and random passwords. */
#include "api/secrets.h"
#include "api/tags.h"

/* ---- tags ---- */

static CallResult keep(Call *call, SecretRow *row, const Json *tags)
{
    row->tags = json_to_str(call->arena, tags);
    row->changed = call->now;
    secret_row_set(call->server->db, row);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult secrets_tag(Call *call, Error *err)
{
    SecretRow row;
    const Json *tags = json_get(&call->in, S("Tags"));
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, row.tags, tags, tags);
    if (all.n <= SECRETS_TAGS_MAX) return keep(call, &row, &all);
    error_set(err, ERR_SECRET_PARAMETER, "A secret can have at most %d tags.", SECRETS_TAGS_MAX);
    return CALL_FAILED;
}

CallResult secrets_untag(Call *call, Error *err)
{
    SecretRow row;
    if (!secrets_living(call, &row, err)) return CALL_FAILED;
    Json left = tags_change(call->arena, row.tags, json_get(&call->in, S("TagKeys")), NULL);
    return keep(call, &row, &left);
}

/* ---- passwords ---- */

typedef struct Letters {
    const char *exclude; /* the member that leaves them out */
    const char *letters;
} Letters;

static const Letters kinds[] = {
    {"ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"},
    {"ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    {"ExcludeNumbers", "0123456789"},
    {"ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
};

/* A number below n, each as likely as the others. */
static int below(Call *call, int n)
{
    unsigned char byte;
    check(n > 0 && n <= 256);
    do loop_random(call->server->loop, &byte, 1);
    while (byte >= 256 - 256 % n);
    return byte % n;
}

static Str allowed(Call *call, int kind)
{
    Buf b = {.a = call->arena};
    Str excluded = secrets_text(call, "ExcludeCharacters"), letters = str_from(kinds[kind].letters);
    if (json_true(json_get(&call->in, str_from(kinds[kind].exclude)))) return S("");
    for (int64_t i = 0; i < letters.n; i++)
        if (str_find_char(excluded, letters.p[i]) < 0) buf_putc(&b, letters.p[i]);
    return buf_str(&b);
}

static void shuffle(Call *call, char *p, int64_t n)
{
    for (int64_t i = n < 256 ? n : 256; i > 1; i--) {
        int64_t k = below(call, (int)i);
        char c = p[i - 1];
        p[i - 1] = p[k];
        p[k] = c;
    }
}

/* One of each kind first, when that is asked for, then any; then mixed. */
static bool compose(Call *call, int64_t length, Buf *out, Error *err)
{
    Buf every = {.a = call->arena};
    const Json *each = json_get(&call->in, S("RequireEachIncludedType"));
    for (int i = 0; i < countof(kinds); i++) {
        Str letters = allowed(call, i);
        buf_put(&every, letters);
        if (letters.n && (!each || json_true(each)))
            buf_putc(out, letters.p[below(call, (int)letters.n)]);
    }
    if (json_true(json_get(&call->in, S("IncludeSpace")))) buf_putc(&every, ' ');
    if (!every.n)
        return error_set(err, ERR_SECRET_PARAMETER,
                         "Parameters exclude all characters: none is left for a password.");
    if (out->n > length)
        return error_set(err, ERR_SECRET_PARAMETER,
                         "The password length is too short for one character of each included "
                         "type.");
    while (out->n < length) buf_putc(out, every.p[below(call, (int)every.n)]);
    shuffle(call, out->p, out->n);
    return true;
}

CallResult secrets_password(Call *call, Error *err)
{
    Buf password = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    int64_t length = json_int_or(json_get(&call->in, S("PasswordLength")), SECRETS_PASSWORD_BYTES);
    if (!compose(call, length, &password, err)) return CALL_FAILED;
    json_put_text(&out, S("RandomPassword"), buf_str(&password));
    call->out = json_object(&out);
    return CALL_DONE;
}
