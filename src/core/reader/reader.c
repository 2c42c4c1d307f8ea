/* reader.c - bytes of a data set through a buffer, and which format reads them. */
#include "core/reader/reader.h"

void reader_open(Reader *r, const ReaderConfig *config, ReaderSource source)
{
    *r = (Reader){.config = *config, .source = source, .line = 1};
    r->buffer = new_array(&r->arena, char, READER_BUFFER_BYTES);
}

void reader_close(Reader *r)
{
    arena_free(&r->arena);
    *r = (Reader){0};
}

/* Behind what is unread at the buffer's beginning. */
static void fill(Reader *r)
{
    int64_t room = READER_BUFFER_BYTES - r->n;
    int64_t got = r->source.fetch(r->source.owner, r->buffer + r->n, room, &r->failure);
    check(got <= room && (got >= 0 || r->failure.code));
    r->ended = got <= 0;
    if (got > 0) r->n += got;
}

int reader_peek(Reader *r)
{
    if (r->at == r->n && !r->ended) {
        r->at = r->n = 0;
        fill(r);
    }
    return r->at < r->n ? (unsigned char)r->buffer[r->at] : READER_END;
}

int reader_get(Reader *r)
{
    int c = reader_peek(r);
    if (c == READER_END) return c;
    r->at++;
    r->line += c == '\n';
    return c;
}

bool reader_wrong(const Reader *r, Error *err, const char *what)
{
    if (r->failure.code) return *err = r->failure, false;
    return error_set(err, ERR_VALIDATION, "%s (line %" PRId64 ")", what, r->line);
}

bool reader_compact(const Reader *r, Str text, Arena *a, Str *out, Error *err)
{
    Json value;
    Error parse = {0};
    if (json_parse(text, a, &value, &parse)) return *out = json_to_str(a, &value), true;
    return error_set(err, ERR_VALIDATION,
                     "Attempting to parse invalid JSON before line %" PRId64 ": %s", r->line,
                     parse.text);
}

static void skip_byte_order_mark(Reader *r)
{
    static const char mark[] = "\xef\xbb\xbf";
    r->begun = true;
    while (r->n < 3 && !r->ended) fill(r);
    if (r->n >= 3 && !memcmp(r->buffer, mark, 3)) r->at = 3;
}

bool reader_next(Reader *r, Arena *a, ReaderItem *out, Error *err)
{
    bool found = false;
    if (!r->begun) skip_byte_order_mark(r);
    if (r->finished) return false;
    *out = (ReaderItem){0};
    switch (r->config.format) {
    case READER_JSON: found = reader_next_json(r, a, out, err); break;
    case READER_JSONL: found = reader_next_jsonl(r, a, out, err); break;
    case READER_CSV: found = reader_next_csv(r, a, out, err); break;
    default: unreachable();
    }
    if (!found && r->failure.code) *err = r->failure;
    r->finished = !found;
    return found && !r->failure.code;
}
