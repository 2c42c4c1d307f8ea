/* read_csv.c - records of delimited text: quotes, doubled quotes, backslashes and missing fields as AWS documents them. */
#include "base/encode.h"
#include "core/reader/reader.h"

/* Where a record stands. */
typedef struct Record {
    Reader *r;
    Arena *a;
    StrVec fields;
    Buf field;
    bool quoted, fresh; /* fresh: nothing of the field has been seen */
    int64_t bytes, bytes_max;
} Record;

static void end_field(Record *rec)
{
    *vec_push(rec->a, &rec->fields) = str_copy(rec->a, buf_str(&rec->field));
    rec->field.n = 0;
    rec->fresh = true;
}

static bool special(const Record *rec, int c)
{
    return c == '\\' || c == '"' || c == rec->r->config.delimiter;
}

static bool ends_field(const Record *rec, int c)
{
    return c == rec->r->config.delimiter || c == '\n' || c == '\r' || c == READER_END;
}

/* A quote at the beginning opens and the next one alone closes; a doubled one stands for itself,
 * within quotes and without; "" alone is an empty field. */
static void quote(Record *rec)
{
    bool doubled = reader_peek(rec->r) == '"';
    if (rec->quoted && !doubled) {
        rec->quoted = false;
    } else if (rec->quoted) {
        buf_putc(&rec->field, (char)reader_get(rec->r));
    } else if (doubled) {
        reader_get(rec->r);
        if (!rec->fresh || !ends_field(rec, reader_peek(rec->r))) buf_putc(&rec->field, '"');
    } else if (rec->fresh) {
        rec->quoted = true;
    } else {
        buf_putc(&rec->field, '"');
    }
}

/* Before anything but itself, a quote or the delimiter a backslash is dropped. */
static void backslash(Record *rec)
{
    int c = reader_peek(rec->r);
    if (c != READER_END && special(rec, c)) buf_putc(&rec->field, (char)reader_get(rec->r));
}

/* true: the record goes on. */
static bool put(Record *rec, int c)
{
    if (!rec->quoted && c == rec->r->config.delimiter) {
        end_field(rec);
        return true;
    }
    if (!rec->quoted && (c == '\n' || c == '\r')) {
        if (c == '\r' && reader_peek(rec->r) == '\n') reader_get(rec->r);
        return false;
    }
    if (c == '"')
        quote(rec);
    else if (c == '\\')
        backslash(rec);
    else
        buf_putc(&rec->field, (char)c);
    rec->fresh = false;
    return true;
}

static bool blank(const Record *rec)
{
    return rec->fields.n == 0 && rec->field.n == 0 && rec->fresh;
}

static bool within_limits(Record *rec, Error *err)
{
    if (++rec->bytes > rec->bytes_max)
        return reader_wrong(rec->r, err, "A record is larger than its limit");
    return rec->fields.n < READER_FIELDS_MAX ||
           reader_wrong(rec->r, err, "A record has more than 10000 fields");
}

/* false: none is left, or *err tells. Blank lines are none. */
static bool next_record(Reader *r, Arena *a, int64_t bytes_max, StrVec *out, Error *err)
{
    Record rec = {.r = r, .a = a, .field = {.a = a}, .fresh = true, .bytes_max = bytes_max};
    for (;;) {
        int c = reader_get(r);
        if (c == READER_END) break;
        if (!within_limits(&rec, err)) return false;
        if (!put(&rec, c) && !blank(&rec)) break;
    }
    if (r->failure.code) return false;
    if (rec.quoted) return reader_wrong(r, err, "A quoted field has no end");
    if (blank(&rec)) return false;
    end_field(&rec);
    *out = rec.fields;
    return true;
}

static bool read_header(Reader *r, Error *err)
{
    for (int64_t i = 0; i < r->config.headers_n; i++)
        *vec_push(&r->arena, &r->headers) = r->config.headers[i];
    if (r->config.headers || next_record(r, &r->arena, READER_HEADER_BYTES_MAX, &r->headers, err))
        return true;
    return err->code ? false : reader_wrong(r, err, "The data has no header");
}

bool reader_next_csv(Reader *r, Arena *a, ReaderItem *out, Error *err)
{
    StrVec fields = {0};
    JsonObject o = {.a = a};
    if (!r->headers.n && !read_header(r, err)) return false;
    if (!next_record(r, a, READER_ITEM_BYTES_MAX, &fields, err)) return false;
    for (int64_t i = 0; i < r->headers.n; i++)
        json_put(&o, r->headers.p[i], json_string(i < fields.n ? fields.p[i] : S("")));
    Json item = json_object(&o);
    out->json = json_to_str(a, &item);
    return utf8_valid(out->json) || reader_wrong(r, err, "A record is not UTF-8");
}
