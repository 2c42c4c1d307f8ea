/* zip.h - zip archives (PKWARE's APPNOTE): the list of members, checked, and the bytes of one; hostile ones are refused. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/*     Zip zip;
 *     if (!zip_open(bytes, &limits, a, &zip, err)) ...
 *     for (i < zip.n) zip_unpack(&zip, &zip.members[i], put, to, err)
 *
 * What a member may be: a file or a folder whose name stays below the folder it is unpacked to (no
 * leading '/', no "", "." or ".." between slashes, UTF-8), stored or deflated, not encrypted. Links
 * and devices are refused, and so are archives on several disks and zip64: they are none that the
 * limits would let in. Errors are ERR_VALIDATION and name the member. */
typedef struct ZipLimits {
    int64_t members_max, unpacked_bytes_max;
} ZipLimits;

enum { ZIP_NAME_BYTES_MAX = 1024, ZIP_PIECE_BYTES = 64 * 1024 };

typedef struct ZipMember {
    Str name; /* of a folder: without the slash at its end */
    bool folder, executable;
    int64_t bytes; /* unpacked */
    /* for zip_unpack */
    int method;
    uint32_t crc;
    int64_t at, packed;
} ZipMember;

typedef struct Zip {
    Str bytes; /* borrowed */
    ZipMember *members;
    int64_t n, unpacked_bytes;
} Zip;

/* Reads the central directory alone. */
must_use bool zip_open(Str bytes, const ZipLimits *limits, Arena *a, Zip *out, Error *err);

/* Gives the bytes of a file in pieces; `put` may fail. Exactly member->bytes come, and their CRC is
 * right, or this fails. */
typedef bool ZipPut(void *to, Str piece, Error *err);
must_use bool zip_unpack(const Zip *zip, const ZipMember *member, ZipPut *put, void *to,
                         Error *err);
