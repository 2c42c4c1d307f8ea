/* objects_assemble.c - the parts of a multipart upload become one staging file, on the pool. */
#include "store/objects_inside.h"
#include "store/objects_multipart.h"
#include "store/objects_path.h"

static bool append_part(Assembly *s, int64_t i, int to, Error *err)
{
    const Part *p = &s->parts[i];
    int from;
    if (p->place == PLACE_INLINE) return file_write(to, s->last_bytes, err);
    if (!file_open(s->folder, staging_path(&s->arena, p->id), FILE_READ, &from, err)) return false;
    bool good = file_copy_range(from, 0, p->size, to, err);
    file_close(from);
    return good;
}

static bool assemble(Assembly *s, Error *err)
{
    int to;
    if (!file_open(s->folder, staging_path(&s->arena, s->body.id), FILE_CREATE, &to, err))
        return false;
    bool good = true;
    for (int64_t i = 0; good && i < s->n; i++) good = append_part(s, i, to, err);
    good = good && file_sync(to, err);
    file_close(to);
    return good && folder_sync(s->folder, S("staging"), err);
}

void multi_assemble(Assembly *s)
{
    if (s->copied) s->failed = !assemble(s, &s->error);
}

void assembly_free(Objects *o, Assembly *s, bool kept)
{
    if (s->copied && !kept) doom(o, s->body.id);
    arena_free(&s->arena);
}
