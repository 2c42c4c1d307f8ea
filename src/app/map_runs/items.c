/* items.c - lines of a Map Run's file of items, written and read. */
#include "app/map_runs/items.h"

void item_put(Buf *out, Str json, Str key, Str source)
{
    if (!str_absent(key) || !str_absent(source)) {
        JsonObject o = {.a = out->a};
        json_put_text(&o, S("Key"), key);
        json_put_text(&o, S("Source"), source);
        Json head = json_object(&o);
        buf_putc(out, '#');
        json_write(out, &head);
        buf_putc(out, '\t');
    }
    buf_put(out, json);
    buf_putc(out, '\n');
}

static ItemLine read_line(Str line, Arena *a)
{
    ItemLine item = {.text = line, .bytes = line.n + 1};
    Json head;
    Error err = {0};
    if (!str_starts(line, S("#"))) return item;
    int64_t tab = str_find_char(line, '\t');
    check(tab > 0 && json_parse(str_slice(line, 1, tab), a, &head, &err));
    item.text = str_slice(line, tab + 1, line.n);
    item.key = json_text(json_get(&head, S("Key")));
    item.source = json_text(json_get(&head, S("Source")));
    return item;
}

int64_t item_lines(Str text, int64_t max, Arena *a, ItemLine **out)
{
    struct {
        ItemLine *p;
        int64_t n, cap;
    } v = {0};
    for (int64_t end; v.n < max && (end = str_find_char(text, '\n')) >= 0;
         text = str_slice(text, end + 1, text.n))
        *vec_push(a, &v) = read_line(str_slice(text, 0, end), a);
    *out = v.p;
    return v.n;
}
