/* disk.h - the simulated disk: files in memory, and which bytes and names a power cut keeps. */
#pragma once
#include "world.h"

/* A file has what everybody reads (`now`) and what is safe (`safe`); the writes between the two are
 * pending until the file is synced. A folder's names likewise: makings, removals and renames are
 * pending until that folder is synced. A power cut keeps what is safe, and of the rest a random
 * part: writes are torn at sectors, names come in any order or in that of a journal, but a rename
 * never loses the file. kill -9 loses nothing of this. */
enum { DISK_SECTOR_BYTES = 512, DISK_NAME_MAX = 255 };

typedef struct Bytes {
    char *p;
    int64_t n, cap;
} Bytes;

typedef struct Node Node;
typedef struct Entry {
    char *name;
    Node *node;
} Entry;
typedef struct Names {
    Entry *p;
    int64_t n, cap;
} Names;

struct Node {
    Node *next; /* all nodes of this seed */
    bool is_folder, executable;
    Bytes now, safe;
    struct Write *pending, **pending_tail;
    Names names, safe_names;
    Millis modified;
};

void disk_open(void);
void disk_close(void);
void disk_power_cut(void);

/* Absolute path, or NULL. disk_parent: the folder of the last component, which *leaf gets. */
Node *disk_find(Str path);
Node *disk_parent(Str path, Str *leaf);
Node *disk_entry(const Node *folder, Str name);
Node *disk_make(Node *folder, Str name, bool is_folder);
void disk_remove(Node *folder, Str name);
void disk_rename(Node *from, Str name, Node *to, Str new_name);
void disk_write(Node *file, int64_t at, Str bytes);
void disk_truncate(Node *file, int64_t n);
void disk_sync_file(Node *file);
void disk_sync_folder(Node *folder);
/* Makes the folder and its parents, safe at once: the machine's own. */
Node *disk_folder(Str path);
/* Files at and below a node. */
int64_t disk_count(const Node *node);
