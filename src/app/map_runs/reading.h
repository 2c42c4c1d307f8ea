/* reading.h - one Map Run's reading: what the main thread chooses and the pool does, in turns. */
#pragma once
#include "app/map_runs/items.h"
#include "app/map_runs/map_runs.h"
#include "core/reader/data_set.h"
#include "store/objects.h"
#include "sys/unzstd.h"
#include "wire/gzip.h"

#define READING_OBJECT_BYTES_MAX ((int64_t)10 << 30)

typedef enum ReadingStep {
    READING_NOTHING,
    READING_GIVEN,    /* items of the order, into the file */
    READING_LINES,    /* `lines`, into the file */
    READING_MANIFEST, /* the object names others */
    READING_OBJECT,   /* its items, into the file: a piece of them */
    READING_SYNC,     /* there are no more */
} ReadingStep;

/* While its job runs, the pool's; else the main thread's. */
typedef struct Reading {
    Job job; /* first: the pool gives it back */
    Server *server;
    Folder *data;
    int64_t run, redrives;
    Arena a, page, place, body; /* for all of it; the page of a listing; where that ended; an object
                                   that is in memory */
    Str order, account, library; /* library: DuckDB's */
    Identity who;                /* the machine's role */
    DataSet set;
    ReadingStep step;
    int64_t items;
    int out; /* the file; -1: not open yet */
    bool manifest, listing, synced, over;
    Str after, lines;
    DataObjects objects; /* to be read, from `next` on */
    int64_t next;
    /* The object that is being read. */
    DataObject object;
    ObjectBytes bytes;
    bool bytes_open; /* some of it is still to be read */
    int64_t offset, size;
    Gunzip *gunzip; /* one of both at most */
    Unzstd *unzstd;
    Str packed; /* in packed_buffer, not unpacked yet */
    char *packed_buffer;
    Reader reader;
    Str source; /* Map.Item.Source; absent: not told */
    Error error;
    struct Reading *next_reading;
} Reading;

void reading_work(Job *job); /* on the pool */
void reading_free(Reading *r);

/* map_runs_parquet.c: the object's Parquet becomes JSON Lines in r->bytes. On the pool. */
enum { READING_PARQUET_FOOTER_BYTES_MAX = 5 * 1024 * 1024 };
must_use bool reading_unpack_parquet(Reading *r, Error *err);
