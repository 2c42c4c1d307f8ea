/* read.c - whole files and standard input, for commands that take a file. */
#include "base/json.h"
#include "cli/cli.h"

bool cli_read(Str path, Arena *a, Str *out, Error *err)
{
    enum { PIECE = 1 << 16 };
    Buf text = {.a = a};
    FILE *f = str_eq(path, S("-")) ? stdin : fopen(str_z(a, path), "rb");
    if (!f) return error_set(err, ERR_NOT_FOUND, "cannot read %.*s", STR(path));
    for (size_t n = 1; n > 0 && text.n <= JSON_BYTES_MAX; text.n += (int64_t)n)
        n = fread(buf_room(&text, PIECE), 1, PIECE, f);
    bool good = !ferror(f);
    if (f != stdin) fclose(f);
    *out = text.n ? buf_str(&text) : S("");
    return good || error_set(err, ERR_IO, "cannot read %.*s", STR(path));
}
