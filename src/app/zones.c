/* zones.c - the zones that schedules name, a small number of them in memory. */
#include "app/zones.h"

struct Zones {
    Folder *folder;
    Zone utc;
    int next; /* to be replaced */
    struct {
        Arena arena;
        Str name; /* absent: free */
        Zone zone;
    } kept[ZONES_KEPT];
};

static struct Zones *zones_of(Server *s)
{
    Error err = {0};
    if (s->zones) return s->zones;
    s->zones = calloc(1, sizeof *s->zones);
    check(s->zones);
    s->zones->utc = zone_utc();
    if (!folder_open(ZONES_FOLDER, false, &s->zones->folder, &err)) {
        log_error(s, "zones-missing", "folder=%.*s error=\"%s\"", STR(ZONES_FOLDER), err.text);
        s->zones->folder = NULL;
    }
    return s->zones;
}

static const Zone *load(struct Zones *z, Str name)
{
    Str bytes;
    Zone zone;
    Error err = {0};
    Arena a = {0};
    if (!z->folder || !zone_name_good(name) ||
        !file_slurp(z->folder, name, ZONE_FILE_BYTES_MAX, &a, &bytes, &err) ||
        !zone_parse(bytes, &a, &zone, &err)) {
        arena_free(&a);
        return NULL;
    }
    int at = z->next;
    z->next = (z->next + 1) % ZONES_KEPT;
    arena_free(&z->kept[at].arena);
    z->kept[at].name = str_copy(&a, name);
    z->kept[at].zone = zone;
    z->kept[at].arena = a;
    return &z->kept[at].zone;
}

const Zone *zone_named(Server *s, Str name)
{
    struct Zones *z = zones_of(s);
    if (str_absent(name) || str_eq(name, S("UTC")) || str_eq(name, S("GMT"))) return &z->utc;
    for (int i = 0; i < ZONES_KEPT; i++)
        if (z->kept[i].name.p && str_eq(z->kept[i].name, name)) return &z->kept[i].zone;
    return load(z, name);
}

void zones_close(Server *s)
{
    if (!s->zones) return;
    for (int i = 0; i < ZONES_KEPT; i++) arena_free(&s->zones->kept[i].arena);
    if (s->zones->folder) folder_close(s->zones->folder);
    free(s->zones);
    s->zones = NULL;
}
