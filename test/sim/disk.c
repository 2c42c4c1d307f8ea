/* disk.c - files, names, and which of them a power cut keeps. */
#include "disk.h"

/* ---- bytes ---- */

typedef struct Write {
    struct Write *next;
    int64_t at, n; /* n < 0: the file ends at `at` */
    char data[];
} Write;

static Node *all;
static Node *root;

static void bytes_room(Bytes *b, int64_t n)
{
    if (n <= b->cap) return;
    b->cap = n + n / 2 + 64;
    b->p = world_realloc(b->p, (size_t)b->cap);
}

static void bytes_put(Bytes *b, int64_t at, const char *data, int64_t n)
{
    bytes_room(b, at + n);
    if (at > b->n) memset(b->p + b->n, 0, (size_t)(at - b->n));
    if (n) memcpy(b->p + at, data, (size_t)n);
    if (at + n > b->n) b->n = at + n;
}

static void bytes_cut(Bytes *b, int64_t n)
{
    if (n < b->n)
        b->n = n;
    else
        bytes_put(b, n, "", 0), b->n = n;
}

static void apply(Bytes *b, const Write *w, int64_t n)
{
    if (w->n < 0)
        bytes_cut(b, w->at);
    else
        bytes_put(b, w->at, w->data, n);
}

static void pend(Node *f, int64_t at, const char *data, int64_t n)
{
    Write *w = world_alloc(sizeof *w + (size_t)(n > 0 ? n : 0));
    *w = (Write){.at = at, .n = n};
    if (n > 0) memcpy(w->data, data, (size_t)n);
    *f->pending_tail = w;
    f->pending_tail = &w->next;
    f->modified = world.now;
}

void disk_write(Node *f, int64_t at, Str bytes)
{
    pend(f, at, bytes.p, bytes.n);
    bytes_put(&f->now, at, bytes.p, bytes.n);
}

void disk_truncate(Node *f, int64_t n)
{
    if (f->now.n == n) return;
    pend(f, n, NULL, -1);
    bytes_cut(&f->now, n);
}

static void drop_pending(Node *f)
{
    for (Write *w = f->pending, *next; w; w = next) {
        next = w->next;
        world_free(w);
    }
    f->pending = NULL;
    f->pending_tail = &f->pending;
}

void disk_sync_file(Node *f)
{
    for (const Write *w = f->pending; w; w = w->next) apply(&f->safe, w, w->n);
    drop_pending(f);
}

/* Some of the writes arrived, some only in part; later ones perhaps without earlier ones. */
static void lose_writes(Node *f)
{
    for (const Write *w = f->pending; w; w = w->next) {
        if (chance_in(2)) continue;
        int64_t sectors = w->n > 0 ? w->n / DISK_SECTOR_BYTES : 0;
        bool whole = w->n <= 0 || chance_in(2);
        apply(&f->safe, w, whole ? w->n : chance_below(sectors + 1) * DISK_SECTOR_BYTES);
    }
    drop_pending(f);
    f->now.n = 0;
    bytes_put(&f->now, 0, f->safe.p, f->safe.n);
}

/* ---- names ---- */

/* One change of a folder: `name` is now `node`, or nothing. A rename's removal needs its making. */
typedef struct Change {
    Node *folder;
    char *name;
    Node *node;
    int64_t needs; /* -1: nothing */
    bool done;
} Change;

static struct {
    Change *p;
    int64_t n, cap, done;
} changes;

static int64_t find(const Names *names, Str name)
{
    for (int64_t i = 0; i < names->n; i++)
        if (str_eq(str_from(names->p[i].name), name)) return i;
    return -1;
}

static char *copy_name(Str name)
{
    char *p = world_alloc((size_t)name.n + 1);
    memcpy(p, name.p, (size_t)name.n);
    return p;
}

static void names_set(Names *names, Str name, Node *node)
{
    int64_t i = find(names, name);
    if (i >= 0 && node) {
        names->p[i].node = node;
    } else if (i >= 0) {
        world_free(names->p[i].name);
        names->p[i] = names->p[--names->n];
    } else if (node) {
        if (names->n == names->cap) {
            names->cap = names->cap ? 2 * names->cap : 8;
            names->p = world_realloc(names->p, (size_t)names->cap * sizeof *names->p);
        }
        names->p[names->n++] = (Entry){copy_name(name), node};
    }
}

static void names_clear(Names *names)
{
    for (int64_t i = 0; i < names->n; i++) world_free(names->p[i].name);
    names->n = 0;
}

static int64_t change(Node *folder, Str name, Node *node, int64_t needs)
{
    if (changes.n == changes.cap) {
        changes.cap = changes.cap ? 2 * changes.cap : 256;
        changes.p = world_realloc(changes.p, (size_t)changes.cap * sizeof *changes.p);
    }
    changes.p[changes.n] = (Change){folder, copy_name(name), node, needs, false};
    names_set(&folder->names, name, node);
    folder->modified = world.now;
    return changes.n++;
}

static void sync_up_to(const Node *folder, int64_t last);

/* A file that was moved can be reached at its new place. */
static void make_reachable(int64_t making)
{
    for (int64_t i = 0; i < making; i++)
        if (changes.p[i].node && changes.p[i].node->is_folder) sync_up_to(changes.p[i].folder, i);
    sync_up_to(changes.p[making].folder, making);
}

static void make_durable(Change *c)
{
    if (c->done) return;
    c->done = true;
    changes.done++;
    if (c->needs >= 0) make_reachable(c->needs);
    names_set(&c->folder->safe_names, str_from(c->name), c->node);
}

static void sync_up_to(const Node *folder, int64_t last)
{
    for (int64_t i = 0; i <= last; i++)
        if (changes.p[i].folder == folder) make_durable(&changes.p[i]);
}

static void forget_changes(void)
{
    for (int64_t i = 0; i < changes.n; i++) world_free(changes.p[i].name);
    changes.n = changes.done = 0;
}

/* A journal has all that was changed before. */
void disk_sync_folder(Node *folder)
{
    if (world.weather.lies_loose)
        sync_up_to(folder, changes.n - 1);
    else
        for (int64_t i = 0; i < changes.n; i++) make_durable(&changes.p[i]);
    if (changes.done == changes.n) forget_changes();
}

static void lose_names(void)
{
    int64_t prefix = chance_below(changes.n + 1);
    if (prefix < changes.n && changes.p[prefix].needs >= 0)
        prefix++; /* a journal has a rename whole */
    for (int64_t i = 0; i < changes.n; i++)
        if (world.weather.lies_loose ? chance_in(2) : i < prefix) make_durable(&changes.p[i]);
    forget_changes();
}

/* ---- nodes ---- */

static Node *new_node(bool is_folder)
{
    Node *n = world_alloc(sizeof *n);
    *n = (Node){.next = all, .is_folder = is_folder, .modified = world.now};
    n->pending_tail = &n->pending;
    return all = n;
}

void disk_open(void)
{
    root = new_node(true);
}

void disk_close(void)
{
    forget_changes();
    for (Node *next; all; all = next) {
        next = all->next;
        drop_pending(all);
        names_clear(&all->names);
        names_clear(&all->safe_names);
        world_free(all->names.p);
        world_free(all->safe_names.p);
        world_free(all->now.p);
        world_free(all->safe.p);
        world_free(all);
    }
}

void disk_power_cut(void)
{
    lose_names();
    for (Node *n = all; n; n = n->next) {
        if (!n->is_folder && n->pending) lose_writes(n);
        if (!n->is_folder) continue;
        names_clear(&n->names);
        for (int64_t i = 0; i < n->safe_names.n; i++)
            names_set(&n->names, str_from(n->safe_names.p[i].name), n->safe_names.p[i].node);
    }
}

Node *disk_entry(const Node *folder, Str name)
{
    int64_t i = folder->is_folder ? find(&folder->names, name) : -1;
    return i < 0 ? NULL : folder->names.p[i].node;
}

Node *disk_find(Str path)
{
    Node *n = root;
    Str part;
    while (n && str_cut(&path, '/', &part))
        if (part.n) n = disk_entry(n, part);
    return n;
}

Node *disk_parent(Str path, Str *leaf)
{
    int64_t slash = str_rfind_char(path, '/');
    *leaf = str_slice(path, slash + 1, path.n);
    return disk_find(str_slice(path, 0, slash < 0 ? 0 : slash));
}

Node *disk_make(Node *folder, Str name, bool is_folder)
{
    Node *n = new_node(is_folder);
    change(folder, name, n, -1);
    return n;
}

void disk_remove(Node *folder, Str name)
{
    change(folder, name, NULL, -1);
}

void disk_rename(Node *from, Str name, Node *to, Str new_name)
{
    int64_t made = change(to, new_name, disk_entry(from, name), -1);
    if (from != to || !str_eq(name, new_name)) change(from, name, NULL, made);
}

Node *disk_folder(Str path)
{
    Node *n = root;
    Str part;
    while (str_cut(&path, '/', &part)) {
        if (!part.n) continue;
        Node *next = disk_entry(n, part);
        n = next ? next : disk_make(n, part, true);
    }
    for (int64_t i = 0; i < changes.n; i++) make_durable(&changes.p[i]);
    forget_changes();
    return n;
}

int64_t disk_count(const Node *node)
{
    int64_t n = 0;
    if (!node) return 0;
    if (!node->is_folder) return 1;
    for (int64_t i = 0; i < node->names.n; i++) n += disk_count(node->names.p[i].node);
    return n;
}
