/* reader.h - items of a data set, one by one: JSON, JSON Lines and delimited text, from bytes that come in pieces. */
#pragma once
#include "base/json.h"

/* What an ItemReader of a distributed Map reads; nothing is held but the item under way.
 *
 *     Reader r;
 *     reader_open(&r, &config, (ReaderSource){file, read_file});
 *     while (reader_next(&r, &arena, &item, &err)) use(&item), arena_reset(&arena);
 *     if (err.code) ...              // ERR_VALIDATION: what is wrong, and in which line
 *     reader_close(&r);
 *
 * Rules: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
enum {
    READER_ITEM_BYTES_MAX = 8 * 1024 * 1024,
    READER_HEADER_BYTES_MAX = 1024 * 1024,
    READER_FIELDS_MAX = 10000,
    READER_BUFFER_BYTES = 64 * 1024,
};

/* At most n bytes to `to`; 0: the end; -1: they cannot be had, and *err says why. */
typedef struct ReaderSource {
    void *owner;
    int64_t (*fetch)(void *owner, char *to, int64_t n, Error *err);
} ReaderSource;

typedef enum ReaderFormat { READER_JSON, READER_JSONL, READER_CSV } ReaderFormat;

typedef struct ReaderConfig {
    ReaderFormat format;
    Str items_pointer;  /* JSON: RFC 6901, to the array or object; absent: the whole */
    char delimiter;     /* CSV */
    const Str *headers; /* CSV: given ones; NULL: the first record has them */
    int64_t headers_n;
} ReaderConfig;

typedef struct ReaderItem {
    Str json; /* compact, in one line */
    Str key;  /* JSON: of a member, where the items are an object's; else absent */
} ReaderItem;

typedef struct Reader {
    ReaderConfig config;
    ReaderSource source;
    char *buffer;
    int64_t at, n, line; /* line: from 1, where `at` is */
    bool ended, begun, finished;
    char close;  /* JSON: ']' or '}' of what holds the items */
    Arena arena; /* the header */
    StrVec headers;
    Error failure; /* of the source */
} Reader;

/* *config is copied, what it points to is borrowed. */
void reader_open(Reader *r, const ReaderConfig *config, ReaderSource source);
/* false: there are no more items, or *err tells. */
must_use bool reader_next(Reader *r, Arena *a, ReaderItem *out, Error *err);
void reader_close(Reader *r);

/* ---- between the files of this folder ---- */
enum { READER_END = -1 };
int reader_peek(Reader *r); /* a byte, or READER_END */
int reader_get(Reader *r);
bool reader_wrong(const Reader *r, Error *err,
                  const char *what); /* false; or why the source failed */
must_use bool reader_next_json(Reader *r, Arena *a, ReaderItem *out, Error *err);
must_use bool reader_next_jsonl(Reader *r, Arena *a, ReaderItem *out, Error *err);
must_use bool reader_next_csv(Reader *r, Arena *a, ReaderItem *out, Error *err);
/* The text of one value becomes compact JSON. */
must_use bool reader_compact(const Reader *r, Str text, Arena *a, Str *out, Error *err);
