/* seal_test.c - sealed texts: back again, never as another, never damaged; and a published vector of AES-256-GCM. */
#include "wire/seal.h"

#include "base/encode.h"
#include "test.h"

static const unsigned char key[SEAL_KEY_BYTES] = {1, 2, 3}, other[SEAL_KEY_BYTES] = {1, 2, 4};
static const unsigned char nonce[SEAL_NONCE_BYTES] = {9};

TEST(what_is_sealed_comes_back_only_under_its_key_and_name)
{
    Arena a = {0};
    Str plain = {0}, sealed = seal(&a, key, nonce, S("arn:1"), S("a secret"));
    ok(str_find(sealed, S("secret")) < 0);
    ok(unseal(&a, key, S("arn:1"), sealed, &plain));
    eq_str(plain, S("a secret"));
    ok(!unseal(&a, other, S("arn:1"), sealed, &plain));
    ok(!unseal(&a, key, S("arn:2"), sealed, &plain));
    sealed = seal(&a, key, nonce, S("arn:1"), S(""));
    ok(unseal(&a, key, S("arn:1"), sealed, &plain));
    ok(plain.n == 0);
    arena_free(&a);
}

TEST(every_changed_byte_is_noticed)
{
    Arena a = {0};
    Str raw, plain, sealed = seal(&a, key, nonce, S("x"), S("12345"));
    check(base64_decode(&a, sealed, &raw));
    for (int64_t i = 0; i < raw.n; i++) {
        char *changed = (char *)(intptr_t)str_copy(&a, raw).p;
        changed[i] ^= 1;
        ok(!unseal(&a, key, S("x"), base64_encode(&a, (Str){changed, raw.n}), &plain));
        ok(!unseal(&a, key, S("x"), base64_encode(&a, str_slice(raw, 0, i)), &plain));
    }
    ok(!unseal(&a, key, S("x"), S("no base64"), &plain));
    arena_free(&a);
}

/* The GCM specification's test case 14: 256 bits of zero, 16 bytes of zero. */
TEST(a_published_vector)
{
    Arena a = {0};
    Str raw;
    unsigned char zero[SEAL_KEY_BYTES] = {0};
    check(base64_decode(&a, seal(&a, zero, zero, S(""), (Str){(const char *)zero, 16}), &raw));
    eq_str(hex_encode(&a, raw.p + 1 + SEAL_NONCE_BYTES, 32),
           S("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
    arena_free(&a);
}
