/* story.c - an execution's history as lines for people. */
#include "cli/story.h"

#include "cli/listing.h"

enum { STORY_STATE_COLUMNS = 28, STORY_TEXT_BYTES_MAX = 160 };

typedef struct Telling {
    Story *story;
    const StoryNote *note, *previous; /* previous: NULL for the first ones */
    const Json *details;
    Arena *a;
} Telling;

static const StoryNote *note_of(const Story *s, int64_t id)
{
    return id > 0 && id <= s->notes.n ? &s->notes.p[id - 1] : NULL;
}

/* The nearest event before this one in its chain with this type's end and this name. */
static const StoryNote *before(const Story *s, const StoryNote *n, Str type_end, Str name)
{
    for (n = note_of(s, n->previous); n; n = note_of(s, n->previous))
        if (str_ends(n->type, type_end) && str_eq(n->state, name)) return n;
    return NULL;
}

static bool went_wrong(const StoryNote *n)
{
    return n && (str_ends(n->type, S("Failed")) || str_ends(n->type, S("TimedOut")));
}

/* ---- what is said of an event ---- */

/* One line of at most STORY_TEXT_BYTES_MAX, cut between characters. */
static Str brief(Arena *a, Str text)
{
    Str line = str_one_line(a, text);
    if (line.n <= STORY_TEXT_BYTES_MAX) return line;
    int64_t n = STORY_TEXT_BYTES_MAX;
    while (n > 0 && ((unsigned char)line.p[n] & 0xc0) == 0x80) n--;
    return str_printf(a, "%.*s...", (int)n, line.p);
}

static Str say_kind(const Telling *t)
{
    return str_slice(t->note->type, 0, t->note->type.n - S("StateEntered").n);
}

static Str span(Arena *a, int64_t ms)
{
    return ms < 1000 ? str_printf(a, "%" PRId64 " ms", ms) : listing_span(a, ms);
}

static Str say_took(const Telling *t)
{
    const StoryNote *entered = before(t->story, t->note, S("StateEntered"), t->note->state);
    return entered ? span(t->a, t->note->at - entered->at) : S("");
}

static Str say_whole(const Telling *t)
{
    return span(t->a, t->note->at - t->story->notes.p[0].at);
}

static Str say_resource(const Telling *t)
{
    Str type = json_text(json_get(t->details, S("resourceType")));
    Str resource = json_text(json_get(t->details, S("resource")));
    return type.n ? str_printf(t->a, "%.*s:%.*s", STR(type), STR(resource)) : resource;
}

/* Causes that services write as JSON say why in one of these places. */
static const char *const reasons[] = {
    "Step.Status.FailureDetails.Message",       /* addStep.sync */
    "Step.Status.StateChangeReason.Message",    /* addStep.sync, of a step that never began */
    "Cluster.Status.StateChangeReason.Message", /* createCluster.sync, terminateCluster.sync */
    "errorMessage",                             /* a Lambda function */
    "Cause",                                    /* an execution */
    NULL,
};

/* What a task has begun is known by one of these members of the answer. */
static const char *const names[] = {"StepId", "ClusterId", "ExecutionArn", NULL};

/* The first of these places of a JSON text that holds a text; absent: none, or no JSON. */
static Str text_within(Arena *a, Str text, const char *const *places)
{
    Json whole;
    Error ignored = {0};
    Str found = {0};
    if (!str_starts(text, S("{")) || !json_parse(text, a, &whole, &ignored)) return found;
    while (*places && !found.n) found = json_text(json_find(&whole, *places++));
    return found;
}

/* The cause without what surrounds it: an execution's is the cause of what it ran, and so on. */
static Str plain_cause(Arena *a, Str cause)
{
    for (Str inner = cause; inner.n; inner = text_within(a, cause, reasons)) cause = inner;
    return cause;
}

static Str say_submitted(const Telling *t)
{
    Str resource = say_resource(t);
    Str name = text_within(t->a, json_text(json_get(t->details, S("output"))), names);
    return name.n ? str_printf(t->a, "%.*s  %.*s", STR(resource), STR(name)) : resource;
}

static Str say_error(const Telling *t)
{
    Str error = json_text(json_get(t->details, S("error")));
    Str cause = plain_cause(t->a, json_text(json_get(t->details, S("cause"))));
    return brief(t->a, str_printf(t->a, "%.*s%s%.*s", STR(error), error.n && cause.n ? ": " : "",
                                  STR(cause)));
}

static Str say_length(const Telling *t)
{
    return json_text(json_get(t->details, S("length")));
}

static Str say_index(const Telling *t)
{
    return json_text(json_get(t->details, S("index")));
}

static Str say_map_run(const Telling *t)
{
    return json_text(json_get(t->details, S("mapRunArn")));
}

static Str say_nothing(const Telling *t)
{
    (void)t;
    return S("");
}

/* By the end of the event's type, first match; what has no row is not told. */
static const struct {
    const char *type_end, *verb;
    Str (*say)(const Telling *t);
} rows[] = {
    {"ExecutionStarted", "started", say_nothing},
    {"ExecutionRedriven", "redriven", say_nothing},
    {"ExecutionSucceeded", "SUCCEEDED", say_whole},
    {"ExecutionFailed", "FAILED", say_error},
    {"ExecutionTimedOut", "TIMED_OUT", say_error},
    {"ExecutionAborted", "ABORTED", say_error},
    {"StateEntered", "entered", say_kind},
    {"StateExited", "exited", say_took},
    {"MapStateStarted", "items", say_length},
    {"MapIterationStarted", "item", say_index},
    {"MapRunStarted", "map run", say_map_run},
    {"MapRunRedriven", "map run", say_map_run},
    {"TaskSubmitted", "submitted", say_submitted},
    {"Scheduled", "scheduled", say_resource},
    {"Failed", "failed", say_error},
    {"TimedOut", "timed out", say_error},
    {"Aborted", "aborted", say_nothing},
};

static void print_line(const Telling *t, const char *verb, Str text)
{
    const StoryNote *n = t->note;
    int64_t ms = n->at - t->story->notes.p[0].at;
    Str state = str_printf(t->a, "%*s%.*s", 2 * n->depth, "", STR(str_one_line(t->a, n->state)));
    Str line = str_printf(t->a, "%5" PRId64 ".%02" PRId64 " s  %-9s  %-*.*s  %.*s", ms / 1000,
                          ms % 1000 / 10, verb, STORY_STATE_COLUMNS, STR(state), STR(text));
    while (line.n && line.p[line.n - 1] == ' ') line.n--;
    fprintf(t->story->to, "%.*s\n", STR(line));
    fflush(t->story->to);
}

static void print_event(const Telling *t)
{
    const StoryNote *n = t->note;
    int i = 0;
    while (i < countof(rows) && !str_ends(n->type, str_from(rows[i].type_end))) i++;
    if (i == countof(rows)) return;
    const char *verb = rows[i].verb;
    if (!strcmp(verb, "scheduled") && n->retries) verb = str_printf(t->a, "retry %d", n->retries).p;
    if (!strcmp(verb, "exited") && went_wrong(t->previous)) verb = "caught";
    print_line(t, verb, rows[i].say(t));
}

/* ---- where an event stands ---- */

static const Json *details_of(const Json *event)
{
    for (int32_t i = 0; i < json_count(event); i++)
        if (str_ends(event->members[i].key, S("EventDetails"))) return &event->members[i].value;
    return NULL;
}

/* A state inside Parallel or Map is one deeper than what began the branch or the item. */
static bool opens(const StoryNote *n)
{
    return str_eq(n->type, S("ParallelStateStarted")) || str_eq(n->type, S("MapIterationStarted"));
}

static void place(const Story *s, StoryNote *n, const StoryNote *previous)
{
    const StoryNote *entered = NULL;
    if (str_starts(n->type, S("Execution")) || !previous) return;
    if (!n->state.n) n->state = previous->state;
    n->depth = previous->depth;
    if (str_ends(n->type, S("StateEntered"))) {
        n->depth += opens(previous);
        return;
    }
    if ((entered = before(s, n, S("StateEntered"), n->state))) n->depth = entered->depth;
    n->retries = previous->retries + (str_ends(n->type, S("Scheduled")) && went_wrong(previous));
}

void story_tell(Story *s, const Json *event)
{
    Arena a = {0};
    Telling t = {.story = s, .details = details_of(event), .a = &a};
    Millis at = 0;
    if (!listing_millis(json_get(event, S("timestamp")), &at) && s->notes.n)
        at = s->notes.p[s->notes.n - 1].at;
    StoryNote note = {.type = str_copy(&s->kept, json_text(json_get(event, S("type")))),
                      .state = str_copy(&s->kept, json_text(json_get(t.details, S("name")))),
                      .at = at,
                      .previous = json_int_or(json_get(event, S("previousEventId")), 0)};
    place(s, &note, note_of(s, note.previous));
    StoryNote *kept = vec_push(&s->kept, &s->notes);
    *kept = note;
    t.note = kept;
    t.previous = note_of(s, note.previous);
    s->ended = str_starts(note.type, S("Execution")) && s->notes.n > 1 &&
               !str_eq(note.type, S("ExecutionRedriven"));
    if (s->to) print_event(&t);
    arena_free(&a);
}

void story_close(Story *s)
{
    arena_free(&s->kept);
}
