/* digest_test.c - published check values, the two ways to compute CRC32C, joined CRCs, composite checksums, HMAC. */
#include "base/encode.h"
#include "test.h"
#include "wire/crc.h"
#include "wire/digest.h"

static Str hex_of(DigestAlgorithm algorithm, Str bytes)
{
    DigestValue v = digest_of(algorithm, bytes);
    return digest_hex(test_arena(), &v);
}

/* RFC 1321, FIPS 180, and for the CRCs the check value of "123456789" that every catalogue lists.
 */
TEST(digest_known_answers)
{
    eq_str(hex_of(DIGEST_MD5, S("")), S("d41d8cd98f00b204e9800998ecf8427e"));
    eq_str(hex_of(DIGEST_MD5, S("abc")), S("900150983cd24fb0d6963f7d28e17f72"));
    eq_str(hex_of(DIGEST_SHA1, S("abc")), S("a9993e364706816aba3e25717850c26c9cd0d89d"));
    eq_str(hex_of(DIGEST_SHA256, S("abc")),
           S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    eq_str(hex_of(DIGEST_SHA512, S("abc")),
           S("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
             "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
    eq_str(hex_of(DIGEST_CRC32, S("123456789")), S("cbf43926"));
    eq_str(hex_of(DIGEST_CRC32C, S("123456789")), S("e3069283"));
    eq_str(hex_of(DIGEST_CRC64NVME, S("123456789")), S("ae8b14860a799888"));
    eq_str(hex_of(DIGEST_CRC64NVME, S("")), S("0000000000000000"));
}

/* RFC 3720 B.4 */
TEST(digest_crc32c_of_the_iscsi_standard)
{
    char zeros[32] = {0}, ones[32], up[32];
    memset(ones, 0xff, sizeof ones);
    for (int i = 0; i < 32; i++) up[i] = (char)i;
    eq_int(crc32c_add(0, (Str){zeros, 32}), 0x8a9136aa);
    eq_int(crc32c_add(0, (Str){ones, 32}), 0x62a8ab43);
    eq_int(crc32c_add(0, (Str){up, 32}), 0x46dd794e);
    eq_int(crc32c_add_portable(0, (Str){up, 32}), 0x46dd794e);
}

/* Pseudo-random bytes from a fixed start (xorshift), so that a failure repeats. */
static Str noise(int64_t n)
{
    uint64_t x = 88172645463325252;
    char *p = new_array(test_arena(), char, n);
    for (int64_t i = 0; i < n; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        p[i] = (char)(x >> 32);
    }
    return (Str){p, n};
}

static uint64_t bit_by_bit(Str s, uint64_t poly, uint64_t ones)
{
    uint64_t r = ones;
    for (int64_t i = 0; i < s.n; i++) {
        r ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ poly : r >> 1;
    }
    return r ^ ones;
}

TEST(digest_crcs_equal_the_definition_at_every_length_and_alignment)
{
    Str all = noise(600);
    for (int64_t n = 0; n < 300; n++) {
        Str s = str_slice(all, n % 9, n % 9 + n);
        eq_int(crc32_add(0, s), bit_by_bit(s, 0xedb88320, UINT32_MAX));
        eq_int(crc32c_add(0, s), bit_by_bit(s, 0x82f63b78, UINT32_MAX));
        eq_int(crc32c_add_portable(0, s), bit_by_bit(s, 0x82f63b78, UINT32_MAX));
        int64_t crc64 = (int64_t)bit_by_bit(s, 0x9a6c9329ac4bc9b5, UINT64_MAX);
        eq_int((int64_t)crc64nvme_add(0, s), crc64);
        eq_int((int64_t)crc64nvme_add_portable(0, s), crc64);
    }
}

TEST(digest_in_pieces_equals_digest_at_once)
{
    Str all = noise(10000);
    for (int alg = DIGEST_NONE + 1; alg < DIGEST_COUNT; alg++) {
        Digest d;
        digest_open(&d, (DigestAlgorithm)alg);
        for (int64_t at = 0, step = 1; at < all.n; at += step, step = step * 2 % 1000 + 1)
            digest_add(&d, str_slice(all, at, at + step));
        DigestValue v = digest_value(&d), again = digest_value(&d),
                    whole = digest_of((DigestAlgorithm)alg, all);
        ok(digest_eq(&v, &whole) && digest_eq(&again, &whole));
        digest_close(&d);
        digest_close(&d);
    }
}

TEST(digest_combines_parts_as_one_pass_would)
{
    Str all = noise(5000);
    DigestAlgorithm algorithms[] = {DIGEST_CRC32, DIGEST_CRC32C, DIGEST_CRC64NVME};
    for (int k = 0; k < countof(algorithms); k++) {
        DigestValue so_far = digest_of(algorithms[k], S("")), whole = digest_of(algorithms[k], all);
        for (int64_t at = 0, n = 0; at < all.n; at += n, n = n * 2 + 1) {
            Str part = str_slice(all, at, at + n);
            DigestValue v = digest_of(algorithms[k], part);
            so_far = digest_combine(&so_far, &v, part.n);
        }
        ok(digest_eq(&so_far, &whole));
        ok(digest_can_combine(algorithms[k]));
    }
    ok(!digest_can_combine(DIGEST_SHA256) && !digest_can_combine(DIGEST_MD5));
}

/* Computed with Python's hashlib and zlib. The ETag of an object of two parts: md5(md5("hello ")
 * md5("world")). */
TEST(digest_composite_is_the_digest_of_digests)
{
    DigestValue parts[] = {digest_of(DIGEST_MD5, S("hello ")), digest_of(DIGEST_MD5, S("world"))};
    DigestValue v = digest_composite(DIGEST_MD5, parts, 2);
    eq_str(digest_hex(test_arena(), &v), S("e09e4fd6265b36115fe3db32df945d84"));
    DigestValue crcs[] = {digest_of(DIGEST_CRC32, S("hello ")),
                          digest_of(DIGEST_CRC32, S("world"))};
    v = digest_composite(DIGEST_CRC32, crcs, 2);
    eq_str(digest_text(test_arena(), &v), S("1Fu2mQ=="));
}

TEST(digest_texts_are_read_back_and_bad_ones_refused)
{
    DigestValue v = digest_of(DIGEST_CRC32, S("123456789")), back;
    eq_str(digest_text(test_arena(), &v), S("y/Q5Jg=="));
    ok(digest_parse(DIGEST_CRC32, S("y/Q5Jg=="), &back) && digest_eq(&v, &back));
    ok(!digest_parse(DIGEST_CRC32, S("y/Q5Jg="), &back));
    ok(!digest_parse(DIGEST_CRC32, S("y/Q5JgAA"), &back));
    ok(!digest_parse(DIGEST_CRC32, S("y*Q5Jg=="), &back));
    ok(!digest_parse(DIGEST_SHA256, S("y/Q5Jg=="), &back));
    ok(!digest_parse(DIGEST_CRC32, S(""), &back));
}

TEST(digest_names)
{
    eq_int(digest_algorithm(S("crc64nvme")), DIGEST_CRC64NVME);
    eq_int(digest_algorithm(S("XXHASH64")), DIGEST_NONE);
    eq_int(digest_algorithm(S("")), DIGEST_NONE);
    eq_str(digest_name(DIGEST_CRC32C), S("CRC32C"));
    eq_str(digest_header(DIGEST_SHA1), S("x-amz-checksum-sha1"));
    eq_int(digest_size(DIGEST_CRC64NVME), 8);
}

/* RFC 4231 cases 1, 2, 6; RFC 2202 cases 2, 6. */
TEST(digest_hmac_of_the_rfcs)
{
    unsigned char out[SHA256_BYTES];
    char key[131];
    memset(key, 0x0b, 20);
    hmac_sha256((Str){key, 20}, S("Hi There"), out);
    eq_str(hex_encode(test_arena(), out, SHA256_BYTES),
           S("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
    hmac_sha256(S("Jefe"), S("what do ya want for nothing?"), out);
    eq_str(hex_encode(test_arena(), out, SHA256_BYTES),
           S("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    memset(key, 0xaa, sizeof key);
    hmac_sha256((Str){key, 131}, S("Test Using Larger Than Block-Size Key - Hash Key First"), out);
    eq_str(hex_encode(test_arena(), out, SHA256_BYTES),
           S("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    hmac_sha1(S("Jefe"), S("what do ya want for nothing?"), out);
    eq_str(hex_encode(test_arena(), out, SHA1_BYTES),
           S("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    hmac_sha1((Str){key, 80}, S("Test Using Larger Than Block-Size Key - Hash Key First"), out);
    eq_str(hex_encode(test_arena(), out, SHA1_BYTES),
           S("aa4ae5e15272d00e95705637ce8a3b55ed402112"));
}

TEST(digest_constant_time_compare)
{
    ok(bytes_eq_constant_time(S("abc"), S("abc")) && bytes_eq_constant_time(S(""), (Str){0}));
    ok(!bytes_eq_constant_time(S("abc"), S("abd")) && !bytes_eq_constant_time(S("abc"), S("ab")));
}
