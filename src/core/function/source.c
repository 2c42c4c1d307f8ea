/* source.c - filters, windows and partial answers of event sources. */
#include "core/function/source.h"

#include "core/event/pattern.h"

/* ---- filters ---- */

static const Json *filters_of(const Json *criteria)
{
    return json_get(criteria, S("Filters"));
}

static bool invalid(Error *err)
{
    return error_set(err, ERR_LAMBDA_PARAMETER, "Invalid filter pattern definition.");
}

bool source_filter_check(const Json *criteria, Arena *a, Error *err)
{
    const Json *filters = filters_of(criteria);
    if (json_count(filters) > SOURCE_FILTERS_MAX)
        return error_set(err, ERR_LAMBDA_PARAMETER, "The number of filters must not exceed %d.",
                         SOURCE_FILTERS_MAX);
    for (int32_t i = 0; i < json_count(filters); i++) {
        Json pattern;
        Error why = {0};
        Str text = json_text(json_get(&filters->items[i], S("Pattern")));
        if (str_absent(text)) continue;
        if (text.n > PATTERN_BYTES_MAX || !json_parse(text, a, &pattern, &why) ||
            pattern.type != JSON_OBJECT || (pattern.n && !pattern_check(&pattern, a, &why)))
            return invalid(err);
    }
    return true;
}

/* The record with its body as JSON, where it is an object or an array. */
static Json opened(const Json *record, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(record); i++) {
        const JsonMember *m = &record->members[i];
        Json body;
        Error why = {0};
        bool is_json = str_eq(m->key, S("body")) &&
                       json_parse(json_text(&m->value), a, &body, &why) && body.type >= JSON_ARRAY;
        json_put(&o, m->key, is_json ? body : m->value);
    }
    return json_object(&o);
}

bool source_wants(const Json *criteria, const Json *record, Arena *a)
{
    const Json *filters = filters_of(criteria);
    if (!json_count(filters)) return true;
    Json event = opened(record, a);
    for (int32_t i = 0; i < filters->n; i++) {
        Json pattern;
        Error why = {0};
        Str text = json_text(json_get(&filters->items[i], S("Pattern")));
        if (!text.n || !json_parse(text, a, &pattern, &why)) continue;
        if (!json_count(&pattern) || pattern_matches(&pattern, &event, a)) return true;
    }
    return false;
}

/* ---- windows ---- */

SourceWindow source_window(int64_t ready, int64_t size, Millis window_ms, Millis since, Millis now)
{
    if (!ready) return (SourceWindow){.since = 0, .due = INT64_MAX};
    if (ready >= size || !window_ms) return (SourceWindow){.since = 0, .due = now};
    if (!since) since = now;
    return (SourceWindow){.since = since, .due = since + window_ms};
}

/* ---- partial answers ---- */

static int64_t index_of(const Str *ids, int64_t n, Str id)
{
    for (int64_t i = 0; i < n; i++)
        if (str_eq(ids[i], id)) return i;
    return -1;
}

/* "Success and failure conditions": null, an empty document or list is a success of all. */
bool source_failures(Str answer, const Str *ids, int64_t n, Arena *a, bool **failed)
{
    Json document;
    Error why = {0};
    *failed = new_array(a, bool, n ? n : 1);
    if (!answer.n) return true;
    if (!json_parse(answer, a, &document, &why)) return false;
    const Json *list = json_get(&document, S("batchItemFailures"));
    if (document.type == JSON_NULL || (document.type == JSON_OBJECT && !document.n)) return true;
    if (document.type != JSON_OBJECT) return false;
    if (!list || list->type == JSON_NULL) return true;
    if (list->type != JSON_ARRAY) return false;
    for (int32_t i = 0; i < list->n; i++) {
        const Json *id = json_get(&list->items[i], S("itemIdentifier"));
        int64_t at = json_is(id, JSON_STRING) ? index_of(ids, n, json_text(id)) : -1;
        if (at < 0) return false;
        (*failed)[at] = true;
    }
    return true;
}
