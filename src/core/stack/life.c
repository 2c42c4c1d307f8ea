/* life.c - the phases of an operation on a stack: one step starts all that may start, and ends what has ended. */
#include "core/stack/life.h"

/* ---- one phase ---- */

static LifeProgress *progress_of(const Life *life, LifeItem *item)
{
    switch (life->phase) {
    case LIFE_FORWARD: return &item->forward;
    case LIFE_UNDO: return &item->undo;
    case LIFE_CLEAN: return &item->clean;
    case LIFE_NEW:
    case LIFE_ENDED:
    default: unreachable();
    }
}

static bool touched(const LifeItem *item)
{
    return item->forward != LIFE_IDLE;
}

/* The item has something to do in this phase. */
static bool takes_part(const Life *life, const LifeItem *item)
{
    bool change = item->action == LIFE_CHANGE, add = item->action == LIFE_ADD;
    switch (life->phase) {
    case LIFE_FORWARD: return add || change;
    case LIFE_UNDO: return change && touched(item);
    case LIFE_CLEAN:
        return life->back ? (add || change) && touched(item) : change || item->action == LIFE_DROP;
    case LIFE_NEW:
    case LIFE_ENDED:
    default: return false;
    }
}

static bool over(const Life *life, LifeItem *item)
{
    bool left = life->force && life->phase == LIFE_CLEAN;
    return !takes_part(life, item) || *progress_of(life, item) == LIFE_DONE ||
           (left && *progress_of(life, item) == LIFE_FAILED);
}

/* After an update a thing that cannot be removed is left behind: others do not wait for it. */
static bool is_left(const Life *life, const LifeItem *item)
{
    return life->phase == LIFE_CLEAN && life->operation == LIFE_UPDATE &&
           item->clean == LIFE_FAILED;
}

/* What must not start yet: forward and undo, who needs something that is not over; clean, what is
 * needed by something that is not. */
static bool *blocked_items(Life *life, Arena *a)
{
    bool *blocked = new_array(a, bool, life->items.n);
    bool old = life->phase == LIFE_UNDO || (life->phase == LIFE_CLEAN && !life->back);
    memset(blocked, 0, (size_t)life->items.n);
    for (int32_t i = 0; i < life->items.n; i++) {
        LifeItem *item = &life->items.p[i];
        const int32_t *needs = old ? item->old_needs.p : item->needs.p;
        int64_t n = old ? item->old_needs.n : item->needs.n;
        bool waits = !over(life, item) && !is_left(life, item);
        for (int64_t k = 0; k < n; k++) {
            if (life->phase == LIFE_CLEAN)
                blocked[needs[k]] |= waits;
            else
                blocked[i] |= !over(life, &life->items.p[needs[k]]);
        }
    }
    return blocked;
}

static LifeDo command_of(const Life *life, const LifeItem *item)
{
    if (life->phase == LIFE_UNDO) return LIFE_DO_UNDO;
    if (life->phase == LIFE_FORWARD) return item->action == LIFE_ADD ? LIFE_DO_ADD : LIFE_DO_CHANGE;
    if (item->imported && life->back) return LIFE_DO_RETAIN;
    /* What an update made and takes back is no one's yet. */
    return item->retain && !(life->back && life->operation == LIFE_UPDATE) ? LIFE_DO_RETAIN
                                                                           : LIFE_DO_REMOVE;
}

/* true: something was told to be over at once, so more may start. */
static bool start_some(Life *life, LifeUpdate *u)
{
    bool again = false;
    const bool *blocked = blocked_items(life, u->a);
    for (int64_t k = 0; k < life->items.n; k++) {
        int32_t i = (int32_t)(life->phase == LIFE_CLEAN ? life->items.n - 1 - k : k);
        LifeItem *item = &life->items.p[i];
        if (!takes_part(life, item) || blocked[i]) continue;
        LifeProgress *progress = progress_of(life, item);
        if (*progress != LIFE_IDLE) continue;
        LifeCommand command = {.what = command_of(life, item), .item = i};
        bool at_once = command.what == LIFE_DO_RETAIN;
        *progress = at_once ? LIFE_DONE : LIFE_RUNNING;
        again |= at_once;
        *vec_push(u->a, &u->commands) = command;
    }
    return again;
}

static bool any(Life *life, LifeProgress progress)
{
    for (int64_t i = 0; i < life->items.n; i++)
        if (takes_part(life, &life->items.p[i]) &&
            *progress_of(life, &life->items.p[i]) == progress)
            return true;
    return false;
}

/* ---- from phase to phase ---- */

static void say(LifeUpdate *u, const char *status, Str reason)
{
    *vec_push(u->a, &u->commands) =
        (LifeCommand){.what = LIFE_DO_STATUS, .status = str_from(status), .reason = reason};
}

static void enter(Life *life, LifePhase phase, LifeUpdate *u, const char *status, Str reason)
{
    life->phase = phase;
    say(u, status, reason);
}

/* "The following resource(s) failed to create: [A, B]. " for those of this action. */
static void name_failed(Life *life, Buf *b, LifeAction action, const char *verb)
{
    bool first = true;
    for (int64_t i = 0; i < life->items.n; i++) {
        LifeItem *item = &life->items.p[i];
        if (item->action != action || !takes_part(life, item)) continue;
        LifeProgress p = *progress_of(life, item);
        if (p != LIFE_FAILED && p != LIFE_CANCELLED) continue;
        if (first) buf_printf(b, "The following resource(s) failed to %s: [", verb);
        if (!first) buf_put(b, S(", "));
        buf_put(b, item->name);
        first = false;
    }
    if (!first) buf_put(b, S("]. "));
}

static Str why_failed(Life *life, LifeUpdate *u)
{
    Buf b = {.a = u->a};
    if (life->phase == LIFE_CLEAN) {
        name_failed(life, &b, LIFE_ADD, "delete");
        name_failed(life, &b, LIFE_CHANGE, "delete");
        name_failed(life, &b, LIFE_DROP, "delete");
    } else {
        name_failed(life, &b, LIFE_ADD, life->operation == LIFE_IMPORT ? "import" : "create");
        name_failed(life, &b, LIFE_CHANGE, "update");
    }
    return buf_str(&b);
}

static void cancel_running(Life *life, LifeUpdate *u)
{
    for (int32_t i = 0; i < life->items.n; i++) {
        LifeItem *item = &life->items.p[i];
        if (!takes_part(life, item) || item->forward != LIFE_RUNNING) continue;
        item->forward = LIFE_CANCELLED;
        *vec_push(u->a, &u->commands) = (LifeCommand){.what = LIFE_DO_CANCEL, .item = i};
    }
}

static void go_back(Life *life, Str reason, LifeUpdate *u)
{
    bool create = life->operation == LIFE_CREATE;
    cancel_running(life, u);
    if (str_absent(reason)) reason = why_failed(life, u);
    life->back = true;
    if (life->operation == LIFE_IMPORT)
        enter(life, LIFE_CLEAN, u, "IMPORT_ROLLBACK_IN_PROGRESS", reason);
    else if (life->failure == LIFE_DO_NOTHING)
        enter(life, LIFE_ENDED, u, create ? "CREATE_FAILED" : "UPDATE_FAILED", reason);
    else if (!create)
        enter(life, LIFE_UNDO, u, "UPDATE_ROLLBACK_IN_PROGRESS", reason);
    else if (life->failure == LIFE_TAKE_DOWN)
        enter(life, LIFE_CLEAN, u, "DELETE_IN_PROGRESS",
              str_printf(u->a, "%.*sDelete requested by user.", STR(reason)));
    else
        enter(life, LIFE_CLEAN, u, "ROLLBACK_IN_PROGRESS",
              str_printf(u->a, "%.*sRollback requested by user.", STR(reason)));
}

static void end_forward(Life *life, LifeUpdate *u)
{
    if (life->operation == LIFE_CREATE)
        enter(life, LIFE_ENDED, u, "CREATE_COMPLETE", (Str){0});
    else if (life->operation == LIFE_IMPORT)
        enter(life, LIFE_ENDED, u, "IMPORT_COMPLETE", (Str){0});
    else
        enter(life, LIFE_CLEAN, u, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", (Str){0});
}

static void end_undo(Life *life, LifeUpdate *u)
{
    if (any(life, LIFE_FAILED))
        enter(life, LIFE_ENDED, u, "UPDATE_ROLLBACK_FAILED", why_failed(life, u));
    else
        enter(life, LIFE_CLEAN, u, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", (Str){0});
}

/* After an update a thing that cannot be removed is left behind, as CloudFormation does. */
static void end_clean(Life *life, LifeUpdate *u)
{
    bool failed = !life->force && any(life, LIFE_FAILED), create = life->operation == LIFE_CREATE;
    Str why = failed ? why_failed(life, u) : (Str){0};
    if (life->operation == LIFE_IMPORT)
        enter(life, LIFE_ENDED, u, "IMPORT_ROLLBACK_COMPLETE", (Str){0});
    else if (life->operation == LIFE_UPDATE)
        enter(life, LIFE_ENDED, u, life->back ? "UPDATE_ROLLBACK_COMPLETE" : "UPDATE_COMPLETE",
              (Str){0});
    else if (create && life->failure == LIFE_ROLL_BACK)
        enter(life, LIFE_ENDED, u, failed ? "ROLLBACK_FAILED" : "ROLLBACK_COMPLETE", why);
    else
        enter(life, LIFE_ENDED, u, failed ? "DELETE_FAILED" : "DELETE_COMPLETE", why);
}

static void end_phase(Life *life, LifeUpdate *u)
{
    switch (life->phase) {
    case LIFE_FORWARD: end_forward(life, u); return;
    case LIFE_UNDO: end_undo(life, u); return;
    case LIFE_CLEAN: end_clean(life, u); return;
    case LIFE_NEW:
    case LIFE_ENDED:
    default: unreachable();
    }
}

/* Starts what may; a phase in which nothing runs any more is over. */
static void go_on(Life *life, LifeUpdate *u)
{
    while (life->phase != LIFE_ENDED) {
        while (start_some(life, u)) {
        }
        if (any(life, LIFE_RUNNING)) return;
        if (life->phase == LIFE_FORWARD && !life->outputs) {
            *vec_push(u->a, &u->commands) = (LifeCommand){.what = LIFE_DO_OUTPUTS};
            return;
        }
        end_phase(life, u);
    }
}

/* ---- events ---- */

static void begin(Life *life, LifeUpdate *u, Str reason)
{
    check(life->phase == LIFE_NEW);
    switch (life->operation) {
    case LIFE_CREATE: enter(life, LIFE_FORWARD, u, "CREATE_IN_PROGRESS", reason); return;
    case LIFE_UPDATE: enter(life, LIFE_FORWARD, u, "UPDATE_IN_PROGRESS", reason); return;
    case LIFE_DELETE: enter(life, LIFE_CLEAN, u, "DELETE_IN_PROGRESS", reason); return;
    case LIFE_IMPORT: enter(life, LIFE_FORWARD, u, "IMPORT_IN_PROGRESS", reason); return;
    default: unreachable();
    }
}

static bool item_ended(Life *life, const LifeEvent *e, LifeUpdate *u)
{
    LifeItem *item = &life->items.p[e->item];
    if (life->phase == LIFE_NEW || life->phase == LIFE_ENDED || !takes_part(life, item) ||
        *progress_of(life, item) != LIFE_RUNNING)
        return false;
    *progress_of(life, item) = e->kind == LIFE_ITEM_DONE ? LIFE_DONE : LIFE_FAILED;
    if (e->kind == LIFE_ITEM_FAILED && life->phase == LIFE_FORWARD) go_back(life, (Str){0}, u);
    return true;
}

static bool go_on_undoing(Life *life, LifeUpdate *u)
{
    if (life->operation != LIFE_UPDATE || !life->back || life->phase != LIFE_ENDED) return false;
    for (int64_t i = 0; i < life->items.n; i++)
        if (life->items.p[i].undo == LIFE_FAILED) life->items.p[i].undo = LIFE_IDLE;
    enter(life, LIFE_UNDO, u, "UPDATE_ROLLBACK_IN_PROGRESS", S("User Initiated"));
    life->failure = LIFE_ROLL_BACK;
    return true;
}

static bool roll_back(Life *life, LifeUpdate *u, Str reason)
{
    bool create = life->operation == LIFE_CREATE;
    if (life->phase != LIFE_ENDED || !life->back || life->failure != LIFE_DO_NOTHING) return false;
    life->failure = LIFE_ROLL_BACK;
    enter(life, create ? LIFE_CLEAN : LIFE_UNDO, u,
          create ? "ROLLBACK_IN_PROGRESS" : "UPDATE_ROLLBACK_IN_PROGRESS", reason);
    return true;
}

bool life_step(Life *life, const LifeEvent *e, LifeUpdate *u)
{
    bool counts = true;
    check(e->item >= 0 && (e->item < life->items.n || e->item == 0));
    switch (e->kind) {
    case LIFE_BEGINS: begin(life, u, e->reason); break;
    case LIFE_ITEM_DONE:
    case LIFE_ITEM_FAILED: counts = item_ended(life, e, u); break;
    case LIFE_STOPPED:
        counts = life->phase == LIFE_FORWARD;
        if (counts) go_back(life, e->reason, u);
        break;
    case LIFE_OUTPUTS:
        counts = life->phase == LIFE_FORWARD && !any(life, LIFE_RUNNING);
        life->outputs |= counts;
        break;
    case LIFE_CONTINUED: counts = go_on_undoing(life, u); break;
    case LIFE_ROLLED_BACK: counts = roll_back(life, u, e->reason); break;
    default: unreachable();
    }
    if (counts) go_on(life, u);
    return counts;
}

bool life_failed_to_undo(const Life *life, int32_t item)
{
    return life->items.p[item].undo == LIFE_FAILED;
}

void life_skip(Life *life, int32_t item)
{
    life->items.p[item].undo = LIFE_DONE;
}

int32_t life_find(const Life *life, Str name)
{
    for (int32_t i = 0; i < life->items.n; i++)
        if (str_eq(life->items.p[i].name, name)) return i;
    return -1;
}
