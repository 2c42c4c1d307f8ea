/* hash_test.c - digests against another implementation: a short text, one at the edge of a block, a long one. */
#include "core/asl/hash.h"
#include "test.h"

static Str repeated(Arena *a, int n)
{
    char *p = new_array(a, char, n);
    memset(p, 'x', (size_t)n);
    return (Str){p, n};
}

static const struct {
    const char *algorithm, *abc, *x111, *x1000; /* first 16 bytes, from Python's hashlib */
} rows[] = {
    {"MD5", "900150983cd24fb0d6963f7d28e17f72", "acdfbe7d162f80a5133e9b10dac869b2",
     "398533d48111e9f664b1f64cb10c4b63"},
    {"SHA-1", "a9993e364706816aba3e25717850c26c", "ebcb0b3e48c9ef45a6cea955e622bad8",
     "c3efa690fa3fdd2e2526853eed670538"},
    {"SHA-256", "ba7816bf8f01cfea414140de5dae2223", "5ba60613dba318e9ed9020301e5dc59c",
     "44f8354494a5ba03ba1792a8d3e9c534"},
    {"SHA-384", "cb00753f45a35e8bb5a03d699ac65007", "dfec6588f894c2b089119e1884a23941",
     "f096805600f4ca46f56b08074af11e7e"},
    {"SHA-512", "ddaf35a193617abacc417349ae204131", "9a2a120825c2319867758ec277924f6f",
     "ae13575c5d98bfa689617bb19f0f55ef"},
};

TEST(asl_hashes_match_another_implementation)
{
    Arena *a = test_arena();
    for (int i = 0; i < countof(rows); i++) {
        Str algorithm = str_from(rows[i].algorithm);
        eq_str(str_slice(asl_hash(a, algorithm, S("abc")), 0, 32), str_from(rows[i].abc));
        eq_str(str_slice(asl_hash(a, algorithm, repeated(a, 111)), 0, 32), str_from(rows[i].x111));
        eq_str(str_slice(asl_hash(a, algorithm, repeated(a, 1000)), 0, 32),
               str_from(rows[i].x1000));
    }
    ok(str_absent(asl_hash(a, S("SHA-3"), S("abc"))));
}
