/* archives.c - events kept in archives and put on their bus again. */
#include "app/events/archives.h"

#include "base/time.h"
#include "store/timers.h"

Str archive_arn(Arena *a, const EventArchiveRow *row)
{
    return str_printf(a, "arn:aws:events:%.*s:%.*s:archive/%.*s", STR(row->region),
                      STR(row->account), STR(row->name));
}

Str replay_arn(Arena *a, const EventReplayRow *row)
{
    return str_printf(a, "arn:aws:events:%.*s:%.*s:replay/%.*s", STR(row->region),
                      STR(row->account), STR(row->name));
}

void archive_event(Server *s, const EventArchiveRow *row, const Json *event)
{
    Millis at;
    if (!time_parse_iso8601(json_text(json_get(event, S("time"))), &at)) at = s->now;
    archived_event_add(s->db, row->n,
                       &(ArchivedEvent){.at = at, .event = json_to_str(&s->turn, event)});
}

/* ---- replays ---- */

static Str subject_of(Server *s, int64_t n)
{
    return str_printf(&s->turn, "%" PRId64, n);
}

void replays_begin(Server *s, const EventReplayRow *row)
{
    timer_set(s->db, S("event-replay"), subject_of(s, row->n), s->now);
}

static void end(Server *s, EventReplayRow *row, const char *state, const char *reason)
{
    row->state = str_from(state);
    row->reason = reason ? str_from(reason) : (Str){0};
    row->ended = s->now;
    event_replay_set(s->db, row);
    log_recorded(s, "replay-ended", "replay=%.*s state=%s", STR(row->name), state);
}

static void put_again(Server *s, const EventBusRow *bus, const EventReplayRow *row,
                      const Json *rules, Str text)
{
    Json event;
    Error err = {0};
    JsonObject o = {.a = &s->turn};
    check(json_parse(text, &s->turn, &event, &err));
    for (int32_t i = 0; i < event.n; i++)
        json_put(&o, event.members[i].key, event.members[i].value);
    json_put_text(&o, S("replay-name"), row->name);
    Json again = json_object(&o);
    event_put_to(s, bus, &again, rules);
}

/* false: there is no more. */
static bool replay_portion(Server *s, const EventArchiveRow *archive, const EventBusRow *bus,
                           EventReplayRow *row)
{
    Json destination;
    Error err = {0};
    ArchivedEvent *events;
    check(json_parse(row->destination, &s->turn, &destination, &err));
    const Json *rules = json_get(&destination, S("FilterArns"));
    int64_t n = archived_event_list(s->db, archive->n, row->at, row->last, row->until,
                                    REPLAY_PORTION, &s->turn, &events);
    for (int64_t i = 0; i < n; i++)
        put_again(s, bus, row, json_count(rules) ? rules : NULL, events[i].event);
    if (n) row->at = events[n - 1].at;
    if (n) row->last = events[n - 1].n;
    return n == REPLAY_PORTION;
}

void replays_due(Server *s, Str subject)
{
    int64_t n;
    EventBusRow bus;
    EventReplayRow row;
    EventArchiveRow archive;
    check(str_to_int(subject, &n));
    if (!event_replay_get(s->db, n, &s->turn, &row) || row.ended) return;
    if (str_eq(row.state, S("CANCELLING"))) {
        end(s, &row, "CANCELLED", "Cancelled by user");
        return;
    }
    if (!event_archive_get(s->db, row.archive, &s->turn, &archive) ||
        !event_bus_get(s->db, archive.bus, &s->turn, &bus)) {
        end(s, &row, "FAILED", "The archive or its event bus was deleted");
        return;
    }
    if (!replay_portion(s, &archive, &bus, &row)) {
        end(s, &row, "COMPLETED", NULL);
        return;
    }
    row.state = S("RUNNING");
    event_replay_set(s->db, &row);
    replays_begin(s, &row);
}

/* ---- the sweep ---- */

void archives_sweep_soon(Server *s)
{
    timer_set_by(s->db, S("event-archive"), S(""), s->now + ARCHIVE_SWEEP_SOON_MS);
}

void archives_due(Server *s, Str subject)
{
    (void)subject;
    bool more = archived_event_sweep(s->db, s->now, ARCHIVE_SWEEP_ROWS) >= ARCHIVE_SWEEP_ROWS;
    timer_set(s->db, S("event-archive"), S(""),
              s->now + (more ? ARCHIVE_SWEEP_SOON_MS : ARCHIVE_SWEEP_MS));
}
