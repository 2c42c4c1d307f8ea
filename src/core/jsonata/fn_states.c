/* fn_states.c - the functions that AWS Step Functions adds to the language. */
#include "base/encode.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include <math.h>
#include <openssl/evp.h>

static bool refuse(Call *c, Str why)
{
    return jn_fail_with(c->ev, (Failure){.code = "D3200", .text = why, .position = -1});
}

bool jn_fn_partition(Call *c, Value *out)
{
    Seq parts = {.ev = c->ev};
    Value list = arg(c, 0), size = arg(c, 1);
    if (is_undefined(list) || is_undefined(size)) return true;
    if (!jn_is_integer(size.number) || size.number < 1)
        return refuse(
            c, S("The second argument of the partition function must be a positive integer"));
    for (int64_t from = 0, step; from < list.n; from += step) {
        Seq part = {.ev = c->ev};
        step = size.number < list.n ? (int64_t)size.number : list.n;
        if (step > list.n - from) step = list.n - from;
        for (int64_t i = from; i < from + step; i++) jn_push(&part, jn_v_at(list, (int32_t)i));
        if (!jn_steps(c->ev, step)) return false;
        jn_push(&parts, jn_seq(&part, 0));
    }
    *out = jn_seq(&parts, 0);
    return true;
}

bool jn_fn_range(Call *c, Value *out)
{
    Seq numbers = {.ev = c->ev};
    double first = arg(c, 0).number, last = arg(c, 1).number, step = arg(c, 2).number;
    if (is_undefined(arg(c, 0)) || is_undefined(arg(c, 1)) || is_undefined(arg(c, 2))) return true;
    if (!jn_is_integer(first) || !jn_is_integer(last) || !jn_is_integer(step) || step == 0)
        return refuse(
            c,
            S("The arguments of the range function must be integers, and the third must not be 0"));
    for (double x = first; step > 0 ? x <= last : x >= last; x += step) {
        if (!jn_step(c->ev)) return false;
        jn_push(&numbers, v_number(x));
    }
    *out = jn_seq(&numbers, SEQUENCE); /* in AWS too a range of one is that one */
    return jn_step(c->ev);
}

static const EVP_MD *algorithm_of(Str name)
{
    if (str_eq(name, S("MD5"))) return EVP_md5();
    if (str_eq(name, S("SHA-1"))) return EVP_sha1();
    if (str_eq(name, S("SHA-256"))) return EVP_sha256();
    if (str_eq(name, S("SHA-384"))) return EVP_sha384();
    return str_eq(name, S("SHA-512")) ? EVP_sha512() : NULL;
}

bool jn_fn_hash(Call *c, Value *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int n = 0;
    Str text = v_text(arg(c, 0));
    if (is_undefined(arg(c, 0)) || is_undefined(arg(c, 1))) return true;
    const EVP_MD *algorithm = algorithm_of(v_text(arg(c, 1)));
    if (!algorithm)
        return refuse(c, S("The second argument of the hash function must be MD5, SHA-1, SHA-256, "
                           "SHA-384 or SHA-512"));
    if (!jn_steps(c->ev, 100 + text.n / 16)) return false;
    check(EVP_Digest(text.n ? text.p : "", (size_t)text.n, digest, &n, algorithm, NULL));
    return jn_string(c->ev, hex_encode(c->ev->a, digest, n), out);
}

/* The linear congruential generator of java.util.Random, whose documentation gives it in full. */
static uint32_t java_next(uint64_t *state, int bits)
{
    *state = (*state * 0x5deece66dULL + 0xb) & (((uint64_t)1 << 48) - 1);
    return (uint32_t)(*state >> (48 - bits));
}

bool jn_fn_random_seeded(Call *c, Value *out)
{
    if (is_undefined(arg(c, 0))) return jn_fn_random(c, out);
    double seed = trunc(arg(c, 0).number);
    if (!(fabs(seed) < 0x1p63))
        return refuse(c, S("The argument of the random function must be a 64-bit integer"));
    uint64_t state = ((uint64_t)(int64_t)seed ^ 0x5deece66dULL) & (((uint64_t)1 << 48) - 1);
    uint64_t high = java_next(&state, 26), low = java_next(&state, 27);
    *out = v_number((double)(high << 27 | low) * 0x1p-53);
    return true;
}

/* RFC 9562, version 4. */
bool jn_fn_uuid(Call *c, Value *out)
{
    char text[40];
    uint64_t high = (jn_chance(c->ev) & 0xffffffffffff0fffu) | 0x4000;
    uint64_t low = jn_chance(c->ev) >> 2 | (uint64_t)2 << 62;
    int n = snprintf(
        text, sizeof text, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
        high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffff);
    return jn_string(c->ev, (Str){text, n}, out);
}

bool jn_fn_parse(Call *c, Value *out)
{
    Error err = {0};
    if (is_undefined(arg(c, 0))) return true;
    Str text = v_text(arg(c, 0));
    Json *json = jn_take(c->ev, 1, sizeof *json);
    if (!jn_room(c->ev, 16 * text.n) || !jn_steps(c->ev, text.n / 8)) return false;
    if (!json_parse(text, c->ev->a, json, &err))
        return refuse(c, str_copy(c->ev->a, error_text(&err)));
    *out = jn_v_json(json);
    return true;
}
