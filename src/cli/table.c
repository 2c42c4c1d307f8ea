/* table.c - rows of text in columns. */
#include "cli/table.h"

#include "base/encode.h"

void table_add(Table *t, const Str *cells, int n)
{
    check(n == t->columns && n <= TABLE_COLUMNS_MAX);
    for (int i = 0; i < n; i++)
        *vec_push(t->a, &t->cells) = cells[i].n ? str_one_line(t->a, cells[i]) : S("-");
}

void table_print(const Table *t)
{
    int64_t widths[TABLE_COLUMNS_MAX] = {0};
    for (int64_t i = 0; i < t->cells.n; i++) {
        int64_t width = utf8_count(t->cells.p[i]);
        if (width > widths[i % t->columns]) widths[i % t->columns] = width;
    }
    for (int64_t i = 0; i < t->cells.n; i++) {
        bool last = i % t->columns == t->columns - 1;
        int64_t padding = widths[i % t->columns] - utf8_count(t->cells.p[i]);
        printf("%.*s", STR(t->cells.p[i]));
        if (last)
            printf("\n");
        else
            printf("%*s", (int)padding + 2, "");
    }
}
