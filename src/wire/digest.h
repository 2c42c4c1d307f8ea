/* digest.h - checksums of bodies: MD5, SHA-1, SHA-256, SHA-512, CRC32, CRC32C, CRC64NVME; S3's text forms; HMAC. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/*     Digest d;
 *     digest_open(&d, DIGEST_CRC64NVME);
 *     digest_add(&d, bytes);                      as often as bytes come
 *     DigestValue v = digest_value(&d);           any time; the digest can go on
 *     Str text = digest_text(a, &v);              as x-amz-checksum-crc64nvme carries it
 *     digest_close(&d);                           releases what the library keeps for it
 */
typedef enum DigestAlgorithm {
    DIGEST_NONE,
    DIGEST_MD5,
    DIGEST_SHA1,
    DIGEST_SHA256,
    DIGEST_SHA512,
    DIGEST_CRC32,     /* zlib's; reflected 0x04c11db7 */
    DIGEST_CRC32C,    /* Castagnoli, RFC 3720 */
    DIGEST_CRC64NVME, /* NVM Express, reflected 0xad93d23594c93659 */
    DIGEST_COUNT,
} DigestAlgorithm;

enum { DIGEST_BYTES_MAX = 64, DIGEST_TEXT_MAX = 96 };

/* The bytes in the order S3 encodes them: a CRC big-endian. */
typedef struct DigestValue {
    DigestAlgorithm algorithm;
    int n;
    unsigned char bytes[DIGEST_BYTES_MAX];
} DigestValue;

typedef struct Digest {
    DigestAlgorithm algorithm; /* DIGEST_NONE, as zero-initialised: all functions do nothing */
    uint64_t crc;
    struct evp_md_ctx_st *hash;
} Digest;

void digest_open(Digest *d, DigestAlgorithm algorithm);
void digest_add(Digest *d, Str bytes);
DigestValue digest_value(const Digest *d);
void digest_close(Digest *d); /* also twice, also zero-initialised */

DigestValue digest_of(DigestAlgorithm algorithm, Str bytes);
bool digest_eq(const DigestValue *x, const DigestValue *y); /* constant time */
int digest_size(DigestAlgorithm algorithm);                 /* bytes of a value */

/* "CRC32C" as in x-amz-checksum-algorithm, without case. DIGEST_NONE: not one of ours. */
DigestAlgorithm digest_algorithm(Str name);
Str digest_name(DigestAlgorithm algorithm);   /* "CRC32C" */
Str digest_header(DigestAlgorithm algorithm); /* "x-amz-checksum-crc32c" */

Str digest_text(Arena *a, const DigestValue *v); /* Base64 */
Str digest_hex(Arena *a, const DigestValue *v);
must_use bool digest_parse(DigestAlgorithm algorithm, Str base64,
                           DigestValue *out); /* false: not that many bytes */

/* Multipart objects. COMPOSITE: the digest of the parts' digests one after another, written with
 * "-N" after it; with MD5 in hexadecimal that is also the ETag. FULL_OBJECT: what one pass over the
 * object would have given, for the CRCs alone: combines "so far" with what follows it. */
DigestValue digest_composite(DigestAlgorithm algorithm, const DigestValue *parts, int64_t n);
bool digest_can_combine(DigestAlgorithm algorithm);
DigestValue digest_combine(const DigestValue *so_far, const DigestValue *next, int64_t next_bytes);

/* HMAC (RFC 2104), for signatures. */
enum { SHA256_BYTES = 32, SHA1_BYTES = 20 };
void hmac_sha256(Str key, Str message, unsigned char out[SHA256_BYTES]);
void hmac_sha1(Str key, Str message, unsigned char out[SHA1_BYTES]);
bool bytes_eq_constant_time(Str x, Str y); /* lengths may leak, contents do not */
