/* unzstd.c - libzstd by dlopen: its streaming decoder. https://facebook.github.io/zstd/zstd_manual.html */
#include "sys/unzstd.h"

#include <dlfcn.h>
#include <stdlib.h>

/* ZSTD_inBuffer and ZSTD_outBuffer: the same layout, stable since 1.0. */
typedef struct ZstdBuffer {
    void *bytes;
    size_t size, pos;
} ZstdBuffer;

struct Unzstd {
    void *library, *stream;
    void *(*create)(void);
    size_t (*free)(void *stream);
    size_t (*decompress)(void *stream, ZstdBuffer *out, ZstdBuffer *in);
    unsigned (*is_error)(size_t code);
    bool open; /* within a frame */
    bool full; /* the room was too small: more comes without input */
};

static bool find_functions(Unzstd *z)
{
    const struct {
        const char *name;
        void *at;
    } wanted[] = {
        {"ZSTD_createDStream", &z->create},
        {"ZSTD_freeDStream", &z->free},
        {"ZSTD_decompressStream", &z->decompress},
        {"ZSTD_isError", &z->is_error},
    };
    for (int i = 0; i < countof(wanted); i++) {
        void *found = dlsym(z->library, wanted[i].name);
        if (!found) return false;
        memcpy(wanted[i].at, &found, sizeof found);
    }
    return true;
}

bool unzstd_open(Unzstd **out, Error *err)
{
    Unzstd *z = calloc(1, sizeof *z); /* tidy: opaque object with a close of its own */
    check(z);
    z->library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
    if (z->library && find_functions(z)) z->stream = z->create();
    if (z->stream) return *out = z, true;
    unzstd_close(z);
    return error_set(err, ERR_VALIDATION,
                     "Objects compressed with ZSTD need libzstd.so.1, which this system has not");
}

bool unzstd_next(Unzstd *z, Str *in, char *to, int64_t room, int64_t *got)
{
    *got = 0;
    while ((in->n || z->full) && *got == 0) {
        ZstdBuffer given = {(void *)in->p, (size_t)in->n, 0}, taken = {to, (size_t)room, 0};
        size_t code = z->decompress(z->stream, &taken, &given);
        if (z->is_error(code)) return false;
        *in = str_slice(*in, (int64_t)given.pos, in->n);
        *got = (int64_t)taken.pos;
        z->open = code != 0;
        z->full = z->open && taken.pos == taken.size;
    }
    return true;
}

bool unzstd_whole(const Unzstd *z)
{
    return !z->open;
}

void unzstd_close(Unzstd *z)
{
    if (!z) return;
    if (z->stream) z->free(z->stream);
    if (z->library) dlclose(z->library);
    free(z);
}
