/* vault.c - the data folder's key: drawn once, kept durably, never told. */
#include "app/vault/vault.h"

#include "base/encode.h"
#include "wire/seal.h"

#define VAULT_FILE S("vault-key")

struct Vault {
    unsigned char key[SEAL_KEY_BYTES];
};

static bool draw(Server *s, Arena *a, Str *hex, Error *err)
{
    unsigned char key[SEAL_KEY_BYTES];
    loop_random(s->loop, key, sizeof key);
    *hex = hex_encode(a, key, sizeof key);
    return file_replace_durably(s->data, VAULT_FILE, *hex, err);
}

bool vault_open(Server *s, Error *err)
{
    Arena a = {0};
    Str hex;
    s->vault = calloc(1, sizeof *s->vault);
    check(s->vault);
    bool good = file_slurp(s->data, VAULT_FILE, (int64_t)2 * SEAL_KEY_BYTES, &a, &hex, err);
    if (good)
        good = s->config.db_vfs || file_make_private(s->data, VAULT_FILE, err);
    else if (err->code == ERR_NOT_FOUND)
        good = draw(s, &a, &hex, err);
    if (good && !hex_decode(hex, s->vault->key, SEAL_KEY_BYTES))
        good = error_set(err, ERR_IO, "vault-key is not one of ours");
    arena_free(&a);
    return good;
}

void vault_close(Server *s)
{
    if (s->vault) explicit_bzero(s->vault, sizeof *s->vault);
    free(s->vault);
}

Str vault_seal(Server *s, Arena *a, Str about, Str plain)
{
    unsigned char nonce[SEAL_NONCE_BYTES];
    loop_random(s->loop, nonce, sizeof nonce);
    return seal(a, s->vault->key, nonce, about, plain);
}

bool vault_unseal(Server *s, Arena *a, Str about, Str sealed, Str *plain, Error *err)
{
    if (unseal(a, s->vault->key, about, sealed, plain)) return true;
    return error_set(err, ERR_INTERNAL,
                     "The value of %.*s cannot be decrypted: it was encrypted under another key "
                     "than the one in the data folder's vault-key.",
                     STR(about));
}
