/* seal.c - AES-256-GCM by libcrypto. */
#include "wire/seal.h"

#include "base/encode.h"

#include <limits.h>
#include <openssl/evp.h>

enum { SEAL_FORM = 1, SEAL_HEAD_BYTES = 1 + SEAL_NONCE_BYTES };

static int length(Str s)
{
    check(s.n <= INT_MAX);
    return (int)s.n;
}

static const unsigned char *bytes(Str s)
{
    return (const unsigned char *)(s.p ? s.p : "");
}

Str seal(Arena *a, const unsigned char key[SEAL_KEY_BYTES],
         const unsigned char nonce[SEAL_NONCE_BYTES], Str about, Str plain)
{
    int n, end;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    unsigned char *out = new_array(a, unsigned char, SEAL_HEAD_BYTES + plain.n + SEAL_TAG_BYTES);
    unsigned char *text = out + SEAL_HEAD_BYTES;
    out[0] = SEAL_FORM;
    memcpy(out + 1, nonce, SEAL_NONCE_BYTES);
    check(c && EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
    check(EVP_EncryptUpdate(c, NULL, &n, bytes(about), length(about)) == 1);
    check(EVP_EncryptUpdate(c, text, &n, bytes(plain), length(plain)) == 1 && n == plain.n);
    check(EVP_EncryptFinal_ex(c, text + n, &end) == 1 && end == 0);
    check(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_BYTES, text + n) == 1);
    EVP_CIPHER_CTX_free(c);
    return base64_encode(a, (Str){(const char *)out, SEAL_HEAD_BYTES + plain.n + SEAL_TAG_BYTES});
}

static bool decrypt(const unsigned char *key, Str about, Str raw, char *to, int64_t plain_n)
{
    int n, end;
    unsigned char tag[SEAL_TAG_BYTES];
    const unsigned char *in = bytes(raw), *text = in + SEAL_HEAD_BYTES;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    memcpy(tag, text + plain_n, sizeof tag);
    check(c && EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, in + 1) == 1);
    check(EVP_DecryptUpdate(c, NULL, &n, bytes(about), length(about)) == 1);
    check(EVP_DecryptUpdate(c, (unsigned char *)to, &n, text, (int)plain_n) == 1);
    check(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_BYTES, tag) == 1);
    bool good = EVP_DecryptFinal_ex(c, (unsigned char *)to + n, &end) == 1;
    EVP_CIPHER_CTX_free(c);
    return good;
}

bool unseal(Arena *a, const unsigned char key[SEAL_KEY_BYTES], Str about, Str sealed, Str *plain)
{
    Str raw;
    if (!base64_decode(a, sealed, &raw) || raw.n < SEAL_HEAD_BYTES + SEAL_TAG_BYTES ||
        raw.n > INT_MAX || raw.p[0] != SEAL_FORM)
        return false;
    int64_t n = raw.n - SEAL_HEAD_BYTES - SEAL_TAG_BYTES;
    char *to = new_array(a, char, n + 1);
    if (!decrypt(key, about, raw, to, n)) return false;
    *plain = (Str){to, n};
    return true;
}
