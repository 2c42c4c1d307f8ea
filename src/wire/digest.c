/* digest.c - one face for hashes (libcrypto) and CRCs: open, add, value; and the forms in which S3 writes them. */
#include "wire/digest.h"

#include "base/encode.h"
#include "wire/crc.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdatomic.h>

static const struct {
    const char *name, *header;
    const char *fetch; /* libcrypto's name of a hash; NULL: a CRC */
    int bytes;
} algorithms[DIGEST_COUNT] = {
    [DIGEST_NONE] = {"", "", NULL, 0},
    [DIGEST_MD5] = {"MD5", "x-amz-checksum-md5", "MD5", 16},
    [DIGEST_SHA1] = {"SHA1", "x-amz-checksum-sha1", "SHA1", SHA1_BYTES},
    [DIGEST_SHA256] = {"SHA256", "x-amz-checksum-sha256", "SHA256", SHA256_BYTES},
    [DIGEST_SHA512] = {"SHA512", "x-amz-checksum-sha512", "SHA512", 64},
    [DIGEST_CRC32] = {"CRC32", "x-amz-checksum-crc32", NULL, 4},
    [DIGEST_CRC32C] = {"CRC32C", "x-amz-checksum-crc32c", NULL, 4},
    [DIGEST_CRC64NVME] = {"CRC64NVME", "x-amz-checksum-crc64nvme", NULL, 8},
};

/* Looking an algorithm up costs more than hashing a kilobyte with it; it is done once, by whoever
 * comes first. */
static const EVP_MD *hash_of(DigestAlgorithm algorithm)
{
    static _Atomic(EVP_MD *) fetched[DIGEST_COUNT];
    EVP_MD *md = atomic_load_explicit(&fetched[algorithm], memory_order_acquire), *other = NULL;
    if (md) return md;
    md = EVP_MD_fetch(NULL, algorithms[algorithm].fetch, NULL);
    check(md != NULL);
    if (atomic_compare_exchange_strong(&fetched[algorithm], &other, md)) return md;
    EVP_MD_free(md);
    return other;
}

static bool is_hash(DigestAlgorithm algorithm)
{
    return algorithms[algorithm].fetch != NULL;
}

void digest_open(Digest *d, DigestAlgorithm algorithm)
{
    check(algorithm >= DIGEST_NONE && algorithm < DIGEST_COUNT);
    *d = (Digest){.algorithm = algorithm};
    if (!is_hash(algorithm)) return;
    d->hash = EVP_MD_CTX_new();
    check(d->hash && EVP_DigestInit_ex2(d->hash, hash_of(algorithm), NULL));
}

void digest_add(Digest *d, Str bytes)
{
    if (bytes.n == 0 || d->algorithm == DIGEST_NONE) return;
    if (d->hash)
        check(EVP_DigestUpdate(d->hash, bytes.p, (size_t)bytes.n));
    else if (d->algorithm == DIGEST_CRC32)
        d->crc = crc32_add((uint32_t)d->crc, bytes);
    else if (d->algorithm == DIGEST_CRC32C)
        d->crc = crc32c_add((uint32_t)d->crc, bytes);
    else if (d->algorithm == DIGEST_CRC64NVME)
        d->crc = crc64nvme_add(d->crc, bytes);
    else
        unreachable();
}

static void crc_to_bytes(DigestValue *v, uint64_t crc)
{
    for (int i = 0; i < v->n; i++) v->bytes[i] = (unsigned char)(crc >> 8 * (v->n - 1 - i));
}

static uint64_t crc_from_bytes(const DigestValue *v)
{
    uint64_t crc = 0;
    for (int i = 0; i < v->n; i++) crc = crc << 8 | v->bytes[i];
    return crc;
}

DigestValue digest_value(const Digest *d)
{
    DigestValue v = {.algorithm = d->algorithm, .n = algorithms[d->algorithm].bytes};
    if (!d->hash) return crc_to_bytes(&v, d->crc), v;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    check(copy && EVP_MD_CTX_copy_ex(copy, d->hash) && EVP_DigestFinal_ex(copy, v.bytes, NULL));
    EVP_MD_CTX_free(copy);
    return v;
}

void digest_close(Digest *d)
{
    EVP_MD_CTX_free(d->hash);
    *d = (Digest){0};
}

DigestValue digest_of(DigestAlgorithm algorithm, Str bytes)
{
    DigestValue v = {.algorithm = algorithm, .n = algorithms[algorithm].bytes};
    if (is_hash(algorithm)) {
        check(EVP_Digest(bytes.p, (size_t)bytes.n, v.bytes, NULL, hash_of(algorithm), NULL));
        return v;
    }
    Digest d;
    digest_open(&d, algorithm);
    digest_add(&d, bytes);
    return digest_value(&d);
}

bool digest_eq(const DigestValue *x, const DigestValue *y)
{
    return x->algorithm == y->algorithm &&
           bytes_eq_constant_time((Str){(const char *)x->bytes, x->n},
                                  (Str){(const char *)y->bytes, y->n});
}

int digest_size(DigestAlgorithm algorithm)
{
    return algorithms[algorithm].bytes;
}

DigestAlgorithm digest_algorithm(Str name)
{
    for (int i = DIGEST_NONE + 1; i < DIGEST_COUNT; i++)
        if (str_eq_nocase(name, str_from(algorithms[i].name))) return (DigestAlgorithm)i;
    return DIGEST_NONE;
}

Str digest_name(DigestAlgorithm algorithm)
{
    return str_from(algorithms[algorithm].name);
}

Str digest_header(DigestAlgorithm algorithm)
{
    return str_from(algorithms[algorithm].header);
}

Str digest_text(Arena *a, const DigestValue *v)
{
    return base64_encode(a, (Str){(const char *)v->bytes, v->n});
}

Str digest_hex(Arena *a, const DigestValue *v)
{
    return hex_encode(a, v->bytes, v->n);
}

bool digest_parse(DigestAlgorithm algorithm, Str text, DigestValue *out)
{
    DigestValue v = {.algorithm = algorithm, .n = algorithms[algorithm].bytes};
    if (text.n != (v.n + 2) / 3 * 4) return false;
    Arena a = {0};
    Str bytes;
    bool good = base64_decode(&a, text, &bytes) && bytes.n == v.n;
    if (good) memcpy(v.bytes, bytes.p, (size_t)v.n), *out = v;
    arena_free(&a);
    return good;
}

DigestValue digest_composite(DigestAlgorithm algorithm, const DigestValue *parts, int64_t n)
{
    Digest d;
    digest_open(&d, algorithm);
    for (int64_t i = 0; i < n; i++) {
        check(parts[i].algorithm == algorithm);
        digest_add(&d, (Str){(const char *)parts[i].bytes, parts[i].n});
    }
    DigestValue v = digest_value(&d);
    digest_close(&d);
    return v;
}

bool digest_can_combine(DigestAlgorithm algorithm)
{
    return algorithm == DIGEST_CRC32 || algorithm == DIGEST_CRC32C || algorithm == DIGEST_CRC64NVME;
}

DigestValue digest_combine(const DigestValue *so_far, const DigestValue *next, int64_t next_bytes)
{
    check(so_far->algorithm == next->algorithm && digest_can_combine(next->algorithm));
    uint64_t x = crc_from_bytes(so_far), y = crc_from_bytes(next);
    DigestValue v = *so_far;
    crc_to_bytes(&v, v.algorithm == DIGEST_CRC32 ? crc32_join((uint32_t)x, (uint32_t)y, next_bytes)
                     : v.algorithm == DIGEST_CRC32C
                         ? crc32c_join((uint32_t)x, (uint32_t)y, next_bytes)
                         : crc64nvme_join(x, y, next_bytes));
    return v;
}

/* RFC 2104 over one context: libcrypto's own HMAC looks its parts up anew with each call. Both
 * hashes have blocks of 64 bytes. */
static void hmac(DigestAlgorithm algorithm, Str key, Str message, unsigned char *out)
{
    enum { BLOCK = 64 };
    unsigned char pad[BLOCK] = {0};
    DigestValue short_key;
    if (key.n > BLOCK) {
        short_key = digest_of(algorithm, key);
        key = (Str){(const char *)short_key.bytes, short_key.n};
    }
    if (key.n) memcpy(pad, key.p, (size_t)key.n);
    for (int i = 0; i < BLOCK; i++) pad[i] ^= 0x36;
    EVP_MD_CTX *h = EVP_MD_CTX_new();
    const EVP_MD *md = hash_of(algorithm);
    check(h && EVP_DigestInit_ex2(h, md, NULL) && EVP_DigestUpdate(h, pad, BLOCK) &&
          EVP_DigestUpdate(h, message.p, (size_t)message.n) && EVP_DigestFinal_ex(h, out, NULL));
    for (int i = 0; i < BLOCK; i++) pad[i] ^= 0x36 ^ 0x5c;
    check(EVP_DigestInit_ex2(h, md, NULL) && EVP_DigestUpdate(h, pad, BLOCK) &&
          EVP_DigestUpdate(h, out, (size_t)algorithms[algorithm].bytes) &&
          EVP_DigestFinal_ex(h, out, NULL));
    EVP_MD_CTX_free(h);
    OPENSSL_cleanse(pad, sizeof pad);
}

void hmac_sha256(Str key, Str message, unsigned char out[SHA256_BYTES])
{
    hmac(DIGEST_SHA256, key, message, out);
}

void hmac_sha1(Str key, Str message, unsigned char out[SHA1_BYTES])
{
    hmac(DIGEST_SHA1, key, message, out);
}

bool bytes_eq_constant_time(Str x, Str y)
{
    return x.n == y.n && (x.n == 0 || CRYPTO_memcmp(x.p, y.p, (size_t)x.n) == 0);
}
