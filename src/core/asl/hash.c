/* hash.c - the digests that expression languages offer, by the names they give them. */
#include "core/asl/hash.h"
#include "base/encode.h"
#include <openssl/evp.h>

static const struct {
    const char *name;
    const EVP_MD *(*digest)(void);
} digests[] = {
    {"MD5", EVP_md5},        {"SHA-1", EVP_sha1},     {"SHA-256", EVP_sha256},
    {"SHA-384", EVP_sha384}, {"SHA-512", EVP_sha512},
};

Str asl_hash(Arena *a, Str algorithm, Str bytes)
{
    for (int i = 0; i < countof(digests); i++) {
        if (!str_eq(algorithm, str_from(digests[i].name))) continue;
        uint8_t out[EVP_MAX_MD_SIZE];
        unsigned n;
        check(EVP_Digest(bytes.p, (size_t)bytes.n, out, &n, digests[i].digest(), NULL) == 1);
        return hex_encode(a, out, n);
    }
    return (Str){0};
}
