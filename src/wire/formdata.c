/* formdata.c - fields are collected and parsed, the file's bytes searched for the delimiter and passed on. */
#include "wire/formdata.h"

static bool malformed(Error *err)
{
    return error_set(err, ERR_S3_MALFORMED_POST,
                     "The body of your POST request is not well-formed multipart/form-data.");
}

/* ---- the boundary ---- */

static Str parameter(Str header, Str name)
{
    Str part;
    while (str_cut(&header, ';', &part)) {
        int64_t eq = str_find_char(part, '=');
        if (eq < 0 || !str_eq_nocase(str_trim(str_slice(part, 0, eq)), name)) continue;
        Str value = str_trim(str_slice(part, eq + 1, part.n));
        bool quoted = value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"';
        return quoted ? str_slice(value, 1, value.n - 1) : value;
    }
    return (Str){0};
}

bool formdata_open(FormData *f, Str content_type)
{
    Str boundary = parameter(content_type, S("boundary"));
    memset(f, 0, sizeof *f);
    f->head.a = &f->arena;
    if (boundary.n < 1 || boundary.n > FORMDATA_BOUNDARY_MAX || str_find_char(boundary, '\r') >= 0)
        return false;
    memcpy(f->delimiter, "\r\n--", 4);
    memcpy(f->delimiter + 4, boundary.p, (size_t)boundary.n);
    f->delimiter_n = (int)boundary.n + 4;
    return true;
}

void formdata_close(FormData *f)
{
    arena_free(&f->arena);
}

Str formdata_value(const FormData *f, Str name)
{
    for (int i = 0; i < f->fields_n; i++)
        if (str_eq_nocase(f->fields[i].name, name)) return f->fields[i].value;
    return (Str){0};
}

/* ---- fields ---- */

static Str delimiter(const FormData *f)
{
    return (Str){f->delimiter, f->delimiter_n};
}

/* Of Content-Disposition: name="..", filename="..". A browser escapes only quotes, as %22. */
static Str disposition(Str headers, Str name)
{
    Str line;
    while (str_cut(&headers, '\n', &line)) {
        int64_t colon = str_find_char(line, ':');
        if (colon > 0 &&
            str_eq_nocase(str_trim(str_slice(line, 0, colon)), S("Content-Disposition")))
            return parameter(str_trim(str_slice(line, colon + 1, line.n)), name);
    }
    return (Str){0};
}

typedef enum PartGot { PART_BAD = -1, PART_MORE, PART_FIELD, PART_FILE, PART_LAST } PartGot;

static PartGot add_field(FormData *f, Str name, Str value)
{
    if (f->fields_n == FORMDATA_FIELDS_MAX) return PART_BAD;
    f->fields[f->fields_n++] = (FormField){str_copy(&f->arena, name), str_copy(&f->arena, value)};
    return PART_FIELD;
}

/* One part from f->parsed on, which stands before a boundary line. */
static PartGot next_part(FormData *f)
{
    Str open = str_slice(delimiter(f), 2, f->delimiter_n), all = buf_str(&f->head),
        rest = str_slice(all, f->parsed, all.n);
    if (rest.n < open.n + 2) return PART_MORE;
    if (!str_starts(rest, open)) return PART_BAD;
    rest = str_slice(rest, open.n, rest.n);
    if (str_starts(rest, S("--"))) return PART_LAST;
    if (!str_starts(rest, S("\r\n"))) return PART_BAD;
    int64_t end = str_find(rest, S("\r\n\r\n"));
    if (end < 0) return PART_MORE;
    Str headers = str_slice(rest, 2, end), name = disposition(headers, S("name"));
    rest = str_slice(rest, end + 4, rest.n);
    if (str_absent(name)) return PART_BAD;
    if (str_eq_nocase(name, S("file"))) {
        Str file_name = disposition(headers, S("filename"));
        f->file_name = str_absent(file_name) ? file_name : str_copy(&f->arena, file_name);
        f->parsed = rest.p - all.p;
        return PART_FILE;
    }
    int64_t close = str_find(rest, delimiter(f));
    if (close < 0) return PART_MORE;
    f->parsed = rest.p - all.p + close + 2;
    return add_field(f, name, str_slice(rest, 0, close));
}

/* ---- the file ---- */

/* Only its first byte is a CR, so after a mismatch nothing of the delimiter but that can go on. */
static bool pass_on(FormData *f, Str bytes, FormSink *sink, void *arg, Error *err)
{
    int64_t from = 0, i = 0; /* bytes[from..i) less f->matched are the file's */
    while (i < bytes.n) {
        if (f->matched == 0) {
            int64_t cr = str_find_char(str_slice(bytes, i, bytes.n), '\r');
            i = cr < 0 ? bytes.n : i + cr + 1;
            f->matched = cr >= 0;
        } else if (bytes.p[i] == f->delimiter[f->matched]) {
            i++;
            if (++f->matched < f->delimiter_n) continue;
            int64_t end = i - f->matched;
            f->state = FORMDATA_AFTER;
            return end <= from || sink(arg, str_slice(bytes, from, end), err);
        } else {
            /* What was held back from an earlier piece was the file's after all. */
            int64_t held = f->matched - (i - from);
            if (held > 0 && !sink(arg, (Str){f->delimiter, held}, err)) return false;
            f->matched = 0;
        }
    }
    int64_t end = i - f->matched;
    return end <= from || sink(arg, str_slice(bytes, from, end), err);
}

bool formdata_feed(FormData *f, Str bytes, FormSink *sink, void *arg, Error *err)
{
    if (f->state == FORMDATA_AFTER) return true;
    if (f->state == FORMDATA_FILE) return pass_on(f, bytes, sink, arg, err);
    int64_t room = FORMDATA_HEAD_BYTES_MAX + 1 - f->head.n, taken = bytes.n < room ? bytes.n : room;
    buf_put(&f->head, str_slice(bytes, 0, taken));
    PartGot got;
    do got = next_part(f);
    while (got == PART_FIELD);
    if (got == PART_BAD) return malformed(err);
    if (got == PART_LAST) return f->state = FORMDATA_AFTER, f->fields_n ? true : malformed(err);
    if (got == PART_FILE) {
        Str start = str_slice(buf_str(&f->head), f->parsed, f->head.n);
        f->state = FORMDATA_FILE;
        return pass_on(f, start, sink, arg, err) &&
               formdata_feed(f, str_slice(bytes, taken, bytes.n), sink, arg, err);
    }
    return f->head.n <= FORMDATA_HEAD_BYTES_MAX ||
           error_set(err, ERR_S3_MAX_POST_LENGTH,
                     "Your POST request fields preceding the upload file were too large.");
}

bool formdata_end(const FormData *f, Error *err)
{
    if (f->state != FORMDATA_AFTER) return malformed(err);
    return f->delimiter_n == f->matched ||
           error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "POST requires exactly one file upload per request.");
}
