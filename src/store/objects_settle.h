/* objects_settle.h - the settler: moves bodies to the files where they stay, removes what nobody names. */
#pragma once
#include "store/objects.h"

/* One batch at a time:
 *     settle_pick (event, reads only) -> after the commit: settle_work (pool) -> settle_mark
 * (event) -> settle_free Each step can be done again; see objects.h for what a crash between them
 * leaves. */
typedef struct SettleBatch SettleBatch;

enum { SETTLE_ITEMS_MAX = 256 };

int64_t
settle_changes(const Objects *o);     /* goes up with every change that will have to be settled */
bool settle_wanted(const Objects *o); /* a hint: something has changed since a batch was empty */
SettleBatch *settle_pick(Objects *o); /* NULL: nothing to do */
void settle_work(SettleBatch *b);     /* any thread: touches the batch and files only */
/* false: something could not be done (disk full): try again later. */
bool settle_mark(Objects *o, const SettleBatch *b);
/* marked: settle_mark has been committed. */
void settle_free(Objects *o, SettleBatch *b, bool marked);
