/* reader_fuzz.c - data sets of any bytes: the items are JSON in one line each, and the same whatever pieces the bytes come in. */
#include "../pieces.h"
#include "base/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static Str read_all(Arena *a, const ReaderConfig *config, Str bytes, int64_t piece)
{
    Buf out = {.a = a};
    Pieces pieces = {bytes, piece};
    Reader r;
    ReaderItem item;
    Error err = {0};
    reader_open(&r, config, (ReaderSource){&pieces, pieces_read});
    while (reader_next(&r, a, &item, &err)) {
        Json value;
        check(json_parse(item.json, a, &value, &err));
        check(str_find_char(item.json, '\n') < 0);
        buf_put(&out, item.key);
        buf_put(&out, item.json);
    }
    check(!err.code || error_text(&err).n > 0);
    if (err.code) buf_put(&out, error_text(&err));
    reader_close(&r);
    return buf_str(&out);
}

/* The first byte chooses format, delimiter and header; JSON's pointer is the line behind it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    static const Str given[] = {STR_INIT("x"), STR_INIT("y")};
    Str rest = {(const char *)data, (int64_t)n}, pointer = {0};
    arena_reset(&a);
    if (n < 1) return 0;
    ReaderConfig config = {.format = (ReaderFormat)(data[0] % 3),
                           .delimiter = ",|; \t"[data[0] % 5]};
    if (data[0] & 0x40) config.headers = given, config.headers_n = countof(given);
    rest = str_slice(rest, 1, rest.n);
    if ((data[0] & 0x80) && str_cut(&rest, '\n', &pointer)) config.items_pointer = pointer;
    Str whole = read_all(&a, &config, rest, READER_BUFFER_BYTES);
    check(str_eq(read_all(&a, &config, rest, 3), whole));
    return 0;
}
