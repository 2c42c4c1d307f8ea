/* listing.c - a listing's pages as one table or as JSON, and times as tables show them. */
#include "cli/listing.h"

#include "base/time.h"
#include "sys/clock.h"

void listing_print_json(Arena *a, const Json *v)
{
    Buf b = {.a = a};
    json_write_pretty(&b, v);
    printf("%.*s\n", STR(buf_str(&b)));
}

bool listing_millis(const Json *seconds, Millis *out)
{
    Str text = json_text(seconds), whole;
    if (!str_cut(&text, '.', &whole) || !str_to_int(whole, out)) return false;
    *out *= 1000;
    for (int64_t i = 0, scale = 100; i < text.n && scale; i++, scale /= 10)
        *out += (text.p[i] - '0') * scale;
    return true;
}

Str listing_moment(Arena *a, const Json *seconds)
{
    Millis t;
    if (!listing_millis(seconds, &t)) return (Str){0};
    Str iso = time_iso8601(a, t);
    return str_printf(a, "%.*s %.*s", STR(str_slice(iso, 0, 10)), STR(str_slice(iso, 11, 19)));
}

Str listing_span(Arena *a, int64_t ms)
{
    if (ms < 60 * 1000)
        return str_printf(a, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
    return str_printf(a, "%" PRId64 " min %02" PRId64 " s", ms / 60000, ms / 1000 % 60);
}

Str listing_duration(Arena *a, const Json *from, const Json *to)
{
    Millis begin, end;
    if (!listing_millis(from, &begin)) return (Str){0};
    if (!listing_millis(to, &end)) end = clock_now();
    return listing_span(a, end - begin);
}

int listing_run(const Listing *listing, const CliOption *options, const JsonObject *request)
{
    Arena a = {0};
    Error err = {0};
    Json items;
    Client c = client_of_environment(cli_option(options, "port"), S(""));
    bool good = client_list(&c, &listing->ask, request, &a, &items, &err);
    if (good && cli_flag(options, "json"))
        listing_print_json(&a, &items);
    else if (good && items.n == 0)
        printf("%s\n", listing->none);
    else if (good)
        listing->print(&c, &a, &items);
    arena_free(&a);
    return good ? CLI_DONE : cli_fail(listing->command, &err);
}
