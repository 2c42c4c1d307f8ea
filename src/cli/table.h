/* table.h - rows of text in columns as wide as they need to be, for people. */
#pragma once
#include "base/str.h"

enum { TABLE_COLUMNS_MAX = 12 };
typedef struct Table {
    Arena *a;
    int columns;
    StrVec cells;
} Table;

/* table_row(&t, S("ID"), S("STATE"), ...): as many as t.columns. */
#define table_row(t, ...)                                                                          \
    table_add(t, (const Str[]){__VA_ARGS__},                                                       \
              (int)(sizeof((const Str[]){__VA_ARGS__}) / sizeof(Str)))
void table_add(Table *t, const Str *cells, int n);
void table_print(const Table *t);
