/* zip_fuzz.c - a zip archive that is accepted has only members below its folder, and gives no more bytes than it says. */
#include "base/encode.h"
#include "wire/zip.h"

enum { MEMBERS_MAX = 100, BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool count(void *to, Str piece, Error *err)
{
    (void)err;
    *(int64_t *)to += piece.n;
    return true;
}

static void check_name(Str name)
{
    Str part, rest = name;
    check(name.n > 0 && name.n <= ZIP_NAME_BYTES_MAX && utf8_valid(name));
    check(name.p[0] != '/' && name.p[name.n - 1] != '/' && !memchr(name.p, 0, (size_t)name.n));
    while (str_cut(&rest, '/', &part))
        check(part.n && !str_eq(part, S(".")) && !str_eq(part, S("..")));
}

static void check_member(const Zip *zip, const ZipMember *m)
{
    int64_t bytes = 0;
    Error err = {0};
    check_name(m->name);
    if (m->folder) return;
    if (zip_unpack(zip, m, count, &bytes, &err))
        check(bytes == m->bytes);
    else
        check(bytes <= m->bytes && err.code == ERR_VALIDATION && error_text(&err).n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    Zip zip;
    Error err = {0};
    arena_reset(&a);
    Str in = {(const char *)data, (int64_t)n};
    if (!zip_open(in, &(ZipLimits){MEMBERS_MAX, BYTES_MAX}, &a, &zip, &err)) {
        check(err.code == ERR_VALIDATION && error_text(&err).n > 0);
        return 0;
    }
    check(zip.n <= MEMBERS_MAX && zip.unpacked_bytes <= BYTES_MAX);
    for (int64_t i = 0; i < zip.n; i++) check_member(&zip, &zip.members[i]);
    return 0;
}
