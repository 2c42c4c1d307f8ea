/* crc.c - CRC32 by zlib, CRC32C and CRC64NVME by the processor where it can, else by tables; joining by arithmetic. */
#include "wire/crc.h"

#include <zlib.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#endif

/* Polynomials with their bits reversed, as the bytes of a stream are consumed least significant bit
 * first. */
static const uint64_t poly_crc32 = 0xedb88320, poly_crc32c = 0x82f63b78,
                      poly_crc64nvme = 0x9a6c9329ac4bc9b5;

/* table[k][b]: the remainder of byte b followed by k zero bytes. Filled before main, then only
 * read. */
static uint64_t table_crc32c[8][256], table_crc64nvme[8][256];

static void fill(uint64_t table[8][256], uint64_t poly)
{
    for (int b = 0; b < 256; b++) {
        uint64_t r = (uint64_t)b;
        for (int bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ poly : r >> 1;
        table[0][b] = r;
    }
    for (int k = 1; k < 8; k++)
        for (int b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
}

/* a * b modulo the polynomial; `top` is the bit of x^0. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t poly, uint64_t top)
{
    uint64_t product = 0;
    for (uint64_t bit = top; bit; bit >>= 1) {
        if (a & bit) product ^= b;
        b = b & 1 ? b >> 1 ^ poly : b >> 1;
    }
    return product;
}

/* x^n modulo the polynomial. */
static uint64_t power_of_x(int64_t n, uint64_t poly, uint64_t top)
{
    uint64_t power = top, step = top >> 1;
    for (; n; n >>= 1) {
        if (n & 1) power = multiply(power, step, poly, top);
        step = multiply(step, step, poly, top);
    }
    return power;
}

/* What moves the two halves of sixteen bytes 64 bytes ahead, and 16 bytes ahead. The product of two
 * bit-reversed halves comes out one place too far, hence the odd exponents. */
static uint64_t ahead_64[2], ahead_16[2];

__attribute__((constructor)) static void fill_tables(void)
{
    fill(table_crc32c, poly_crc32c);
    fill(table_crc64nvme, poly_crc64nvme);
    const uint64_t top = (uint64_t)1 << 63;
    for (int half = 0; half < 2; half++) {
        int more = half ? -1 : 63;
        ahead_64[half] = power_of_x(64 * 8 + more, poly_crc64nvme, top);
        ahead_16[half] = power_of_x(16 * 8 + more, poly_crc64nvme, top);
    }
}

static uint64_t little_endian(const char *p)
{
    uint64_t w = 0;
    for (int i = 7; i >= 0; i--) w = w << 8 | (unsigned char)p[i];
    return w;
}

/* "Slicing by eight" (Kounavis and Berry): eight independent look-ups instead of eight dependent
 * ones. */
static uint64_t add_by_table(uint64_t table[8][256], uint64_t r, Str s)
{
    const char *p = s.p, *end = s.p + s.n;
    for (; end - p >= 8; p += 8) {
        uint64_t w = little_endian(p) ^ r;
        r = table[7][w & 255] ^ table[6][w >> 8 & 255] ^ table[5][w >> 16 & 255] ^
            table[4][w >> 24 & 255] ^ table[3][w >> 32 & 255] ^ table[2][w >> 40 & 255] ^
            table[1][w >> 48 & 255] ^ table[0][w >> 56];
    }
    for (; p < end; p++) r = r >> 8 ^ table[0][(r ^ (unsigned char)*p) & 255];
    return r;
}

uint32_t crc32_add(uint32_t crc, Str bytes)
{
    return (uint32_t)crc32_z(crc, (const Bytef *)bytes.p, (size_t)bytes.n);
}

uint32_t crc32c_add_portable(uint32_t crc, Str bytes)
{
    return ~(uint32_t)add_by_table(table_crc32c, (uint32_t)~crc, bytes);
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_add_sse42(uint32_t crc, Str s)
{
    const char *p = s.p, *end = s.p + s.n;
    uint64_t r = (uint32_t)~crc, w;
    for (; end - p >= 8; p += 8) {
        memcpy(&w, p, 8);
        r = _mm_crc32_u64(r, w);
    }
    for (; p < end; p++) r = _mm_crc32_u8((uint32_t)r, (unsigned char)*p);
    return ~(uint32_t)r;
}

uint32_t crc32c_add(uint32_t crc, Str bytes)
{
    return __builtin_cpu_supports("sse4.2") ? crc32c_add_sse42(crc, bytes)
                                            : crc32c_add_portable(crc, bytes);
}
#else
uint32_t crc32c_add(uint32_t crc, Str bytes)
{
    return crc32c_add_portable(crc, bytes);
}
#endif

uint64_t crc64nvme_add_portable(uint64_t crc, Str bytes)
{
    return ~add_by_table(table_crc64nvme, ~crc, bytes);
}

#if defined(__x86_64__)
#define PCLMUL __attribute__((target("pclmul,sse2")))

PCLMUL static inline __m128i ahead(__m128i x, __m128i by, __m128i onto)
{
    __m128i low = _mm_clmulepi64_si128(x, by, 0x00), high = _mm_clmulepi64_si128(x, by, 0x11);
    return _mm_xor_si128(onto, _mm_xor_si128(low, high));
}

PCLMUL static inline __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* "Fast CRC computation using PCLMULQDQ" (Gopal et al., 2009): four sums of sixteen bytes are
 * carried ahead 64 bytes at a time; what is left of them is congruent to all that was read. */
PCLMUL static uint64_t add_by_folding(uint64_t r, Str s)
{
    const __m128i far = load((const char *)ahead_64), near = load((const char *)ahead_16);
    const char *p = s.p, *end = s.p + s.n;
    char rest[16];
    __m128i x[4];
    for (int i = 0; i < 4; i++, p += 16) x[i] = load(p);
    x[0] = _mm_xor_si128(x[0], _mm_set_epi64x(0, (long long)r));
    for (; end - p >= 64; p += 64)
        for (int i = 0; i < 4; i++) x[i] = ahead(x[i], far, load(p + 16 * i));
    for (int i = 1; i < 4; i++) x[i] = ahead(x[i - 1], near, x[i]);
    _mm_storeu_si128((__m128i *)(void *)rest, x[3]);
    r = add_by_table(table_crc64nvme, 0, (Str){rest, sizeof rest});
    return add_by_table(table_crc64nvme, r, (Str){p, end - p});
}

uint64_t crc64nvme_add(uint64_t crc, Str bytes)
{
    if (bytes.n < 64 || !__builtin_cpu_supports("pclmul"))
        return crc64nvme_add_portable(crc, bytes);
    return ~add_by_folding(~crc, bytes);
}
#else
uint64_t crc64nvme_add(uint64_t crc, Str bytes)
{
    return crc64nvme_add_portable(crc, bytes);
}
#endif

/* Appending n bytes multiplies the remainder by x^(8n); the complements at both ends cancel out. */
static uint64_t join(uint64_t a, uint64_t b, int64_t n, uint64_t poly, uint64_t top)
{
    check(n >= 0 && n < INT64_MAX / 8);
    uint64_t shift = power_of_x(8 * n, poly, top);
    return multiply(shift, a, poly, top) ^ b;
}

uint32_t crc32_join(uint32_t a, uint32_t b, int64_t b_bytes)
{
    return (uint32_t)join(a, b, b_bytes, poly_crc32, (uint64_t)1 << 31);
}

uint32_t crc32c_join(uint32_t a, uint32_t b, int64_t b_bytes)
{
    return (uint32_t)join(a, b, b_bytes, poly_crc32c, (uint64_t)1 << 31);
}

uint64_t crc64nvme_join(uint64_t a, uint64_t b, int64_t b_bytes)
{
    return join(a, b, b_bytes, poly_crc64nvme, (uint64_t)1 << 63);
}
