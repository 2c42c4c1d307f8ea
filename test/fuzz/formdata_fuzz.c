/* formdata_fuzz.c - posted forms: the same fields and file in one piece and in many, and the file is what stands there. */
#include "wire/formdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool keep(void *arg, Str bytes, Error *err)
{
    (void)err;
    check(bytes.n > 0);
    buf_put(arg, bytes);
    return true;
}

static bool run(FormData *f, Str all, int64_t step, Buf *file, Error *err)
{
    check(formdata_open(f, S("multipart/form-data; boundary=\"b\"")));
    for (int64_t at = 0; at < all.n; at += step)
        if (!formdata_feed(f, str_slice(all, at, at + step), keep, file, err)) return false;
    return formdata_end(f, err);
}

/* The first byte says how large the pieces are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Buf whole = {.a = &a}, pieces = {.a = &a};
    Error one = {.text = ""}, many = {.text = ""};
    static FormData x, y;
    if (n < 1) return 0;
    Str all = {(const char *)data + 1, (int64_t)n - 1};
    bool good = run(&x, all, all.n + 1, &whole, &one);
    check(run(&y, all, 1 + data[0] % 16, &pieces, &many) == good && one.code == many.code);
    if (good) {
        check(str_eq(buf_str(&whole), buf_str(&pieces)) && x.fields_n == y.fields_n);
        check(str_find(buf_str(&whole), S("\r\n--b")) < 0);
        check(!whole.n || str_find(all, buf_str(&whole)) >= 0);
        for (int i = 0; i < x.fields_n; i++)
            check(str_eq(x.fields[i].name, y.fields[i].name) &&
                  str_eq(x.fields[i].value, y.fields[i].value));
    }
    formdata_close(&x);
    formdata_close(&y);
    arena_free(&a);
    return 0;
}
