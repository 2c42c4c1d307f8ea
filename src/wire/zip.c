/* zip.c - zip archives: end record, central directory, and members stored or deflated. */
#include "wire/zip.h"

#define ZLIB_CONST
#include <zlib.h>

#include "base/encode.h"
#include "wire/crc.h"

/* Sizes and marks of the APPNOTE's records. */
enum {
    END_BYTES = 22,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    COMMENT_BYTES_MAX = 65535,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    FLAG_ENCRYPTED = 1,
    MADE_ON_UNIX = 3,
    UNIX_TYPE = 0170000,
    UNIX_FILE = 0100000,
    UNIX_FOLDER = 0040000,
    UNIX_EXECUTABLE = 0111,
};
#define END_MARK   S("PK\5\6")
#define ENTRY_MARK S("PK\1\2")
#define LOCAL_MARK S("PK\3\4")

static uint32_t number(Str s, int64_t at, int n)
{
    uint32_t value = 0;
    for (int i = n - 1; i >= 0; i--) value = value << 8 | (unsigned char)s.p[at + i];
    return value;
}

static bool no_zip(Error *err, const char *why)
{
    return error_set(err, ERR_VALIDATION, "The file is not a zip archive: %s", why);
}

static bool bad_member(Error *err, Str name, const char *rule)
{
    return error_set(err, ERR_VALIDATION, "The member \"%.*s\" of the zip archive %s.",
                     STR(str_slice(name, 0, 200)), rule);
}

/* ---- names ---- */

/* Every part between slashes names something below. */
static bool stays_below(Str name)
{
    Str part, rest = name;
    if (str_starts(name, S("/")) || str_ends(name, S("/"))) return false;
    while (str_cut(&rest, '/', &part))
        if (!part.n || str_eq(part, S(".")) || str_eq(part, S(".."))) return false;
    return name.n > 0;
}

static bool check_name(Str name, Error *err)
{
    if (name.n > ZIP_NAME_BYTES_MAX) return bad_member(err, name, "has too long a name");
    if (!utf8_valid(name) || memchr(name.p, 0, (size_t)name.n))
        return bad_member(err, S("?"), "has a name that is not UTF-8");
    return stays_below(name) || bad_member(err, name, "would lie outside its folder");
}

/* ---- the directory ---- */

static bool find_end(Str bytes, int64_t *at)
{
    int64_t first = bytes.n - END_BYTES - COMMENT_BYTES_MAX;
    for (int64_t i = bytes.n - END_BYTES; i >= 0 && i >= first; i--) {
        if (!str_starts(str_slice(bytes, i, bytes.n), END_MARK)) continue;
        if (i + END_BYTES + number(bytes, i + 20, 2) != bytes.n) continue;
        *at = i;
        return true;
    }
    return false;
}

static bool read_type(ZipMember *m, Str entry, Error *err)
{
    uint32_t mode = number(entry, 38, 4) >> 16;
    bool unix_made = number(entry, 5, 1) == MADE_ON_UNIX && (mode & UNIX_TYPE);
    bool slash = str_ends(m->name, S("/"));
    if (slash) m->name.n--;
    m->folder = slash;
    m->executable = unix_made && mode & UNIX_EXECUTABLE;
    if (!unix_made || (mode & UNIX_TYPE) == (slash ? UNIX_FOLDER : UNIX_FILE)) return true;
    return bad_member(err, m->name, "is neither a file nor a folder; links are not taken");
}

static bool check_method(const ZipMember *m, Str entry, Error *err)
{
    if (number(entry, 8, 2) & FLAG_ENCRYPTED) return bad_member(err, m->name, "is encrypted");
    if (m->method == METHOD_STORED || m->method == METHOD_DEFLATED) return true;
    return bad_member(err, m->name, "is packed by a method other than store and deflate");
}

/* One entry of the directory; *n: its bytes. `base` is where offsets count from. */
static bool read_entry(Str rest, int64_t base, int64_t end, ZipMember *m, int64_t *n, Error *err)
{
    if (rest.n < ENTRY_BYTES || !str_starts(rest, ENTRY_MARK))
        return no_zip(err, "its directory is damaged.");
    int64_t name_n = number(rest, 28, 2);
    *n = ENTRY_BYTES + name_n + number(rest, 30, 2) + number(rest, 32, 2);
    if (*n > rest.n) return no_zip(err, "its directory is damaged.");
    *m = (ZipMember){.name = str_slice(rest, ENTRY_BYTES, ENTRY_BYTES + name_n),
                     .method = (int)number(rest, 10, 2),
                     .crc = number(rest, 16, 4),
                     .packed = number(rest, 20, 4),
                     .bytes = number(rest, 24, 4),
                     .at = base + number(rest, 42, 4)};
    if (!read_type(m, rest, err) || !check_name(m->name, err) || !check_method(m, rest, err))
        return false;
    return (m->at >= 0 && m->at + LOCAL_BYTES + m->packed <= end) ||
           bad_member(err, m->name, "lies outside the archive");
}

static bool check_limits(const Zip *zip, const ZipLimits *limits, Error *err)
{
    if (zip->unpacked_bytes <= limits->unpacked_bytes_max) return true;
    return error_set(err, ERR_VALIDATION, "Unzipped size must be smaller than %" PRId64 " bytes",
                     limits->unpacked_bytes_max);
}

static bool read_directory(Str directory, int64_t base, int64_t end, const ZipLimits *limits,
                           Zip *zip, Error *err)
{
    int64_t n = 0;
    for (int64_t i = 0; i < zip->n; i++) {
        ZipMember *m = &zip->members[i];
        directory = str_slice(directory, n, directory.n);
        if (!read_entry(directory, base, end, m, &n, err)) return false;
        zip->unpacked_bytes += m->bytes;
        if (!check_limits(zip, limits, err)) return false;
    }
    return true;
}

/* Bytes before the archive (a program that unpacks itself) move all offsets. */
bool zip_open(Str bytes, const ZipLimits *limits, Arena *a, Zip *out, Error *err)
{
    int64_t end;
    if (!find_end(bytes, &end)) return no_zip(err, "it has no end record.");
    int64_t n = number(bytes, end + 10, 2), size = number(bytes, end + 12, 4),
            start = number(bytes, end + 16, 4);
    if (number(bytes, end + 4, 4) || number(bytes, end + 8, 2) != n)
        return no_zip(err, "it is a part of several.");
    if (n == UINT16_MAX || start == UINT32_MAX) return no_zip(err, "it is a zip64 one.");
    if (size > end || start > end - size) return no_zip(err, "its directory is damaged.");
    if (n > limits->members_max)
        return error_set(err, ERR_VALIDATION, "The zip archive has more than %" PRId64 " members",
                         limits->members_max);
    if (n * ENTRY_BYTES > size) return no_zip(err, "its directory is damaged.");
    Zip zip = {.bytes = bytes, .members = new_array(a, ZipMember, n), .n = n};
    if (!read_directory(str_slice(bytes, end - size, end), end - size - start, end - size, limits,
                        &zip, err))
        return false;
    *out = zip;
    return true;
}

/* ---- a member's bytes ---- */

static bool find_bytes(const Zip *zip, const ZipMember *m, Str *out, Error *err)
{
    Str local = str_slice(zip->bytes, m->at, zip->bytes.n);
    if (local.n < LOCAL_BYTES || !str_starts(local, LOCAL_MARK))
        return bad_member(err, m->name, "has no head");
    int64_t from = LOCAL_BYTES + number(local, 26, 2) + number(local, 28, 2);
    if (from + m->packed > local.n) return bad_member(err, m->name, "lies outside the archive");
    *out = str_slice(local, from, from + m->packed);
    return true;
}

typedef struct Unpacking {
    ZipPut *put;
    void *to;
    uint32_t crc;
    int64_t left;
} Unpacking;

static bool give(Unpacking *u, const ZipMember *m, Str piece, Error *err)
{
    if (piece.n > u->left) return bad_member(err, m->name, "is longer than its entry says");
    u->left -= piece.n;
    u->crc = crc32_add(u->crc, piece);
    return u->put(u->to, piece, err);
}

static bool inflate_all(z_stream *z, Unpacking *u, const ZipMember *m, Error *err)
{
    char piece[ZIP_PIECE_BYTES];
    for (int code = Z_OK; code != Z_STREAM_END;) {
        z->next_out = (unsigned char *)piece;
        z->avail_out = sizeof piece;
        code = inflate(z, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END) return bad_member(err, m->name, "is damaged");
        if (!give(u, m, (Str){piece, (int64_t)(sizeof piece - z->avail_out)}, err)) return false;
    }
    return true;
}

static bool unpack_deflated(Str packed, Unpacking *u, const ZipMember *m, Error *err)
{
    z_stream z = {.next_in = (const unsigned char *)packed.p, .avail_in = (unsigned)packed.n};
    check(inflateInit2(&z, -MAX_WBITS) == Z_OK);
    bool good = inflate_all(&z, u, m, err);
    inflateEnd(&z);
    return good;
}

bool zip_unpack(const Zip *zip, const ZipMember *m, ZipPut *put, void *to, Error *err)
{
    Unpacking u = {.put = put, .to = to, .left = m->bytes};
    Str packed;
    if (!find_bytes(zip, m, &packed, err)) return false;
    bool good =
        m->method == METHOD_STORED ? give(&u, m, packed, err) : unpack_deflated(packed, &u, m, err);
    if (!good) return false;
    return (!u.left && u.crc == m->crc) || bad_member(err, m->name, "is damaged");
}
