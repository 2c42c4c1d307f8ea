/* digest.c - RFC 1321 (MD5) and FIPS 180-4 (SHA-1, SHA-2), straight from their definitions. */
#include "core/digest/digest.h"
#include "base/encode.h"
#include <math.h>

typedef enum { MD5, SHA1, SHA256, SHA384, SHA512 } Kind;
static const struct {
    const char *name;
    int block, out; /* bytes */
} kinds[] = {
    [MD5] = {"MD5", 64, 16},        [SHA1] = {"SHA-1", 64, 20},     [SHA256] = {"SHA-256", 64, 32},
    [SHA384] = {"SHA-384", 128, 48}, [SHA512] = {"SHA-512", 128, 64},
};

static uint32_t rol(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }
static uint32_t ror(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }
static uint64_t ror64(uint64_t x, int n) { return (x >> n) | (x << (64 - n)); }

static uint64_t load(const uint8_t *p, int bytes, bool little)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++) v = (v << 8) | p[little ? bytes - 1 - i : i];
    return v;
}

/* RFC 1321: T[i] is the integer part of 2^32 times |sin(i + 1)|; exact in doubles. */
static void md5_block(uint64_t *h, const uint8_t *p)
{
    static const int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static const int factor[4] = {1, 5, 3, 7}, offset[4] = {0, 1, 5, 0};
    uint32_t a = (uint32_t)h[0], b = (uint32_t)h[1], c = (uint32_t)h[2], d = (uint32_t)h[3];
    for (int i = 0; i < 64; i++) {
        int round = i / 16, k = (factor[round] * i + offset[round]) % 16;
        uint32_t f = round == 0 ? (b & c) | (~b & d) : round == 1 ? (d & b) | (~d & c) : round == 2 ? b ^ c ^ d : c ^ (b | ~d);
        uint32_t t = (uint32_t)(int64_t)floor(fabs(sin((double)(i + 1))) * 4294967296.0);
        uint32_t sum = a + f + t + (uint32_t)load(p + 4 * k, 4, true), next = b + rol(sum, turns[round][i % 4]);
        a = d, d = c, c = b, b = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d;
}

static void sha1_block(uint64_t *h, const uint8_t *p)
{
    static const uint32_t k[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t w[80], v[5];
    for (int i = 0; i < 80; i++)
        w[i] = i < 16 ? (uint32_t)load(p + 4 * i, 4, false) : rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 5; i++) v[i] = (uint32_t)h[i];
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (v[1] & v[2]) | (~v[1] & v[3]) : i >= 40 && i < 60 ? (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])
                                                                                : v[1] ^ v[2] ^ v[3];
        uint32_t t = rol(v[0], 5) + f + v[4] + k[i / 20] + w[i];
        v[4] = v[3], v[3] = v[2], v[2] = rol(v[1], 30), v[1] = v[0], v[0] = t;
    }
    for (int i = 0; i < 5; i++) h[i] += v[i];
}

/* FIPS 180-4, 4.2.3: the first 64 bits of the fractions of the cube roots of the first 80 primes; SHA-256 takes 32 of them. */
static const uint64_t cube_roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
    0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static void sha256_block(uint64_t *h, const uint8_t *p)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = (uint32_t)load(p + 4 * i, 4, false);
            continue;
        }
        uint32_t s0 = ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ (w[i - 15] >> 3);
        uint32_t s1 = ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ (w[i - 2] >> 10);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    for (int i = 0; i < 8; i++) v[i] = (uint32_t)h[i];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = v[7] + (ror(v[4], 6) ^ ror(v[4], 11) ^ ror(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                      (uint32_t)(cube_roots[i] >> 32) + w[i];
        uint32_t t2 = (ror(v[0], 2) ^ ror(v[0], 13) ^ ror(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += v[i];
}

static void sha512_block(uint64_t *h, const uint8_t *p)
{
    uint64_t w[80], v[8];
    for (int i = 0; i < 80; i++) {
        if (i < 16) {
            w[i] = load(p + 8 * i, 8, false);
            continue;
        }
        uint64_t s0 = ror64(w[i - 15], 1) ^ ror64(w[i - 15], 8) ^ (w[i - 15] >> 7);
        uint64_t s1 = ror64(w[i - 2], 19) ^ ror64(w[i - 2], 61) ^ (w[i - 2] >> 6);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(v, h, sizeof v);
    for (int i = 0; i < 80; i++) {
        uint64_t t1 = v[7] + (ror64(v[4], 14) ^ ror64(v[4], 18) ^ ror64(v[4], 41)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
                      cube_roots[i] + w[i];
        uint64_t t2 = (ror64(v[0], 28) ^ ror64(v[0], 34) ^ ror64(v[0], 39)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += v[i];
}

static const uint64_t starts[][8] = {
    [MD5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476},
    [SHA1] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
    [SHA256] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
    [SHA384] = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31,
                0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4},
    [SHA512] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
                0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179},
};
static void (*const blocks[])(uint64_t *h, const uint8_t *p) = {md5_block, sha1_block, sha256_block, sha512_block, sha512_block};

static void all_blocks(Kind kind, uint64_t *h, Str bytes)
{
    int size = kinds[kind].block;
    const uint8_t *p = (const uint8_t *)bytes.p;
    int64_t left = bytes.n;
    for (; left >= size; p += size, left -= size) blocks[kind](h, p);
    uint8_t tail[256] = {0};
    if (left) memcpy(tail, p, (size_t)left);
    tail[left] = 0x80;
    int end = left + 1 + size / 8 > size ? 2 * size : size;
    for (int i = 0; i < 8; i++) {
        uint8_t byte = (uint8_t)((uint64_t)bytes.n * 8 >> (8 * i));
        tail[kind == MD5 ? end - 8 + i : end - 1 - i] = byte;
    }
    for (int i = 0; i < end; i += size) blocks[kind](h, tail + i);
}

static Str hex(Arena *a, Kind kind, const uint64_t *h)
{
    uint8_t out[64];
    int word = kinds[kind].block / 16;
    for (int i = 0; i < kinds[kind].out; i++) {
        int shift = 8 * (kind == MD5 ? i % word : word - 1 - i % word);
        out[i] = (uint8_t)(h[i / word] >> shift);
    }
    return hex_encode(a, out, kinds[kind].out);
}

Str digest_hex(Arena *a, Str algorithm, Str bytes)
{
    for (int i = 0; i < countof(kinds); i++) {
        if (!str_eq(algorithm, str_from(kinds[i].name))) continue;
        uint64_t h[8];
        memcpy(h, starts[i], sizeof h);
        all_blocks((Kind)i, h, bytes);
        return hex(a, (Kind)i, h);
    }
    return (Str){0};
}
