/* cluster_test.c - what holds for every sequence of events: exhaustively for short ones, from seeds for long ones. */
#include "test.h"
#include "unit/core/cluster/world.h"

/* What an observer who sees only the updates knows; each update is held against it. */
typedef struct Watch {
    World w;
    uint64_t random;
    int64_t last_attempt, destroyed_n, uploads_n;
    int64_t armed[512], armed_n;
    bool terminating, raised; /* the level was ever above 1 */
    Str broken;               /* the first rule that was broken */
} Watch;

#define rule(watch, x) ((x) || (watch)->broken.n ? (void)0 : (void)((watch)->broken = S(#x)))

static uint64_t draw(Watch *o, uint64_t n)
{
    o->random ^= o->random << 13;
    o->random ^= o->random >> 7;
    o->random ^= o->random << 17;
    return (o->random >> 16) % n;
}

static void forget_timer(Watch *o, int64_t attempt)
{
    bool found = false;
    for (int64_t i = 0; i < o->armed_n; i++) {
        if (o->armed[i] != attempt) continue;
        o->armed[i] = o->armed[--o->armed_n];
        found = true;
    }
    rule(o, found);
}

static void watch_command(Watch *o, const ClusterCommand *c)
{
    bool fresh_token = c->token.attempt > o->last_attempt;
    bool starts = c->token.kind == CLUSTER_COMMAND_START_STEP ||
                  c->token.kind == CLUSTER_COMMAND_RUN_BOOTSTRAP ||
                  c->token.kind == CLUSTER_COMMAND_PROVISION;
    rule(o, fresh_token);
    rule(o, !(starts && o->terminating));
    o->last_attempt = c->token.attempt;
    o->destroyed_n += c->token.kind == CLUSTER_COMMAND_DESTROY;
    o->uploads_n += c->token.kind == CLUSTER_COMMAND_UPLOAD_LOGS;
    if (c->token.kind == CLUSTER_COMMAND_ARM_TIMER) o->armed[o->armed_n++] = c->token.attempt;
    if (c->token.kind == CLUSTER_COMMAND_DISARM_TIMER) forget_timer(o, c->target);
    check(o->armed_n < countof(o->armed));
}

/* Seen before the rows are written: order of submission, and success only where a process said so.
 */
static void watch_change(Watch *o, const ClusterEvent *e, const ClusterStep *before,
                         int64_t before_n, const ClusterChange *c)
{
    bool earlier_waits = false,
         exit_zero = e->result.kind == CLUSTER_RESULT_EXITED && e->result.code == 0;
    for (int64_t i = 0; i < before_n && i < c->step - 1; i++)
        earlier_waits |= before[i].life == STEP_PENDING && o->w.steps[i].life == STEP_PENDING;
    for (int64_t i = 0; i < e->found_n; i++)
        exit_zero |= e->found[i].finding == CLUSTER_FOUND_ENDED && e->found[i].result.code == 0;
    if (!c->step) return;
    rule(o, !(c->to == STEP_RUNNING && earlier_waits));
    rule(o, !(c->to == STEP_COMPLETED && !exit_zero));
    rule(o, (c->to == STEP_FAILED) == (c->failure_reason.n > 0));
    rule(o, c->at == e->now);
}

/* A process is started a second time only if the first was found never to have existed; only its
 * own end counts. */
static void watch_process(Watch *o, const ClusterEvent *e, const ClusterStep *before,
                          int64_t before_n, const ClusterCommand *c)
{
    bool again = c->token.number <= before_n && before[c->token.number - 1].attempt,
         never_started = false;
    for (int64_t i = 0; i < e->found_n; i++)
        never_started |= e->found[i].kind == CLUSTER_COMMAND_START_STEP &&
                         e->found[i].number == c->token.number &&
                         e->found[i].finding == CLUSTER_FOUND_NEVER_STARTED;
    rule(o, !(c->token.kind == CLUSTER_COMMAND_START_STEP && again && !never_started));
}

static bool armed(const Watch *o, int64_t attempt)
{
    for (int64_t i = 0; i < o->armed_n; i++)
        if (o->armed[i] == attempt) return true;
    return attempt == 0;
}

/* The books: timers the state believes in are armed, and no others. */
static void watch_timers(Watch *o)
{
    const ClusterState *s = &o->w.state;
    int64_t n = (s->deadline > 0) + (s->idle > 0) + (s->grace > 0);
    bool known = armed(o, s->deadline) && armed(o, s->idle) && armed(o, s->grace);
    for (int64_t i = 0; i < o->w.steps_n; i++) {
        const ClusterStep *step = &o->w.steps[i];
        if (!states_step_active(step->life)) continue;
        n += (step->limit > 0) + (step->grace > 0);
        known = known && armed(o, step->limit) && armed(o, step->grace);
    }
    rule(o, known);
    rule(o, !(s->idle && s->life != CLUSTER_WAITING));
    rule(o, n == o->armed_n);
}

static void watch_state(Watch *o)
{
    const World *w = &o->w;
    ClusterLife life = w->state.life;
    int64_t pending = world_count(w, STEP_PENDING),
            cancelling = world_count(w, STEP_CANCEL_PENDING),
            active = world_count(w, STEP_RUNNING) + cancelling;
    bool may_run = life == CLUSTER_RUNNING || life == CLUSTER_TERMINATING;
    rule(o, w->state.pending_n == pending);
    rule(o, w->state.active_n == active);
    rule(o, active == 0 || may_run);
    rule(o, active <= 1 || o->raised);
    rule(o, !(life == CLUSTER_WAITING && (pending || !w->spec.keep_alive)));
    rule(o, !(life == CLUSTER_RUNNING && pending && active < w->spec.concurrency));
    rule(o, !(life == CLUSTER_RUNNING && !active));
    rule(o, !(o->terminating && pending));
    rule(o, !(states_cluster_ended(life) && active));
    rule(o, !(states_cluster_ended(life) && o->armed_n));
    rule(o, o->destroyed_n == (w->state.destroying ? 1 : 0));
    rule(o, !(states_cluster_ended(life) && o->destroyed_n != 1));
    watch_timers(o);
}

static void act(Watch *o, const ClusterEvent *e)
{
    ClusterUpdate u;
    int64_t before_n = o->w.steps_n;
    ClusterStep *before = new_array(o->w.a, ClusterStep, before_n + 1);
    if (before_n) memcpy(before, o->w.steps, (size_t)before_n * sizeof *before);
    world_apply(&o->w, e, &u);
    if (u.ignored || !str_absent(u.refused)) return;
    if (e->kind == CLUSTER_EVENT_TIMER_DUE) forget_timer(o, e->token.attempt);
    o->raised |= o->w.spec.concurrency > 1;
    for (int64_t i = 0; i < u.changes.n; i++) watch_change(o, e, before, before_n, &u.changes.p[i]);
    for (int64_t i = 0; i < u.changes.n; i++)
        if (!u.changes.p[i].step && u.changes.p[i].to == CLUSTER_TERMINATING) o->terminating = true;
    for (int64_t i = 0; i < u.commands.n; i++) {
        watch_command(o, &u.commands.p[i]);
        if (u.commands.p[i].token.kind == CLUSTER_COMMAND_START_STEP)
            watch_process(o, e, before, before_n, &u.commands.p[i]);
    }
    if (e->kind == CLUSTER_EVENT_STEP_ENDED)
        rule(o, before[e->token.number - 1].attempt == e->token.attempt);
    watch_state(o);
}

static int64_t any_step(Watch *o)
{
    return (int64_t)draw(o, (uint64_t)o->w.steps_n + 1) + 1;
}

static ClusterResult any_result(Watch *o)
{
    ClusterResultKind kind =
        draw(o, 4) == 0 ? (ClusterResultKind)draw(o, 4) : CLUSTER_RESULT_EXITED;
    return (ClusterResult){.kind = kind, .code = (int)draw(o, 3)};
}

static void any_found(Watch *o, ClusterEvent *e)
{
    ClusterFound *found = new_array(o->w.a, ClusterFound, o->w.steps_n + 2);
    if (draw(o, 3))
        found[e->found_n++] =
            (ClusterFound){CLUSTER_COMMAND_PROVISION, 0, CLUSTER_FOUND_RUNNING, {0}};
    if (o->w.state.bootstrap)
        found[e->found_n++] = (ClusterFound){
            CLUSTER_COMMAND_RUN_BOOTSTRAP, o->w.state.bootstrap, (ClusterFinding)draw(o, 4), {0}};
    for (int64_t i = 0; i < o->w.steps_n; i++)
        if (states_step_active(o->w.steps[i].life) && draw(o, 8))
            found[e->found_n++] = (ClusterFound){CLUSTER_COMMAND_START_STEP,
                                                 i + 1,
                                                 (ClusterFinding)draw(o, 4),
                                                 {.code = (int)draw(o, 2)}};
    e->found = found;
}

static void any_cancel(Watch *o, ClusterEvent *e)
{
    ClusterStep *steps = new_array(o->w.a, ClusterStep, 3);
    e->steps_n = 1 + (int64_t)draw(o, 3);
    for (int64_t i = 0; i < e->steps_n; i++) {
        int64_t n = any_step(o);
        steps[i] = n <= o->w.steps_n ? o->w.steps[n - 1] : (ClusterStep){0};
    }
    e->steps = steps;
    e->kill = draw(o, 3) == 0;
}

static void any_modify(Watch *o, ClusterEvent *e)
{
    e->modify = (ClusterModify){CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP};
    if (draw(o, 2)) e->modify.concurrency = 1 + (int)draw(o, 3);
    if (draw(o, 2)) e->modify.is_protected = (int)draw(o, 2);
    if (draw(o, 4) == 0) e->modify.keep_alive = (int)draw(o, 2);
    if (draw(o, 4) == 0) e->modify.idle_timeout_ms = (int64_t)draw(o, 2) * 5000;
}

/* Any event at any time, right tokens mostly, wrong ones now and then. */
static ClusterEvent any_event(Watch *o, ClusterEventKind kind)
{
    static const ClusterCause asked[] = {CAUSE_USER, CAUSE_USER, CAUSE_DEADLINE, CAUSE_OWNER_GONE};
    ClusterEvent e = {.kind = kind, .now = ++o->w.now};
    int64_t number = any_step(o);
    e.timer = (ClusterTimer)(1 + draw(o, CLUSTER_TIMER_COUNT - 1));
    if (kind == CLUSTER_EVENT_TIMER_DUE && draw(o, 2)) number = 0;
    if (kind == CLUSTER_EVENT_STEPS_ADDED)
        world_submit(&o->w, &e, (StepAction)draw(o, ACTION_COUNT), 1 + (int64_t)draw(o, 4));
    if (kind == CLUSTER_EVENT_CANCEL_STEPS) any_cancel(o, &e);
    if (kind == CLUSTER_EVENT_MODIFY) any_modify(o, &e);
    if (kind == CLUSTER_EVENT_RESTARTED) any_found(o, &e);
    e.cause = asked[draw(o, 4)];
    e.result = any_result(o);
    e.token = world_token(&o->w, kind, e.timer, number);
    if (draw(o, 16) == 0) e.token.attempt = (int64_t)draw(o, (uint64_t)o->last_attempt + 2);
    return e;
}

static void create(Watch *o, uint64_t seed)
{
    o->w = (World){.a = test_arena(),
                   .spec = {.id = S("j-1"), .instance = S("i-1"), .concurrency = 1}};
    o->random = seed * 0x9E3779B97F4A7C15u + 1;
    ClusterSpec *spec = &o->w.spec;
    spec->keep_alive = draw(o, 3) > 0;
    spec->is_protected = draw(o, 4) == 0;
    spec->concurrency = draw(o, 2) ? 1 : 1 + (int)draw(o, 4);
    o->raised = spec->concurrency > 1;
    spec->bootstrap_n = (int)draw(o, 3);
    if (draw(o, 2)) spec->kill_grace_ms = 1000;
    if (draw(o, 3) == 0) spec->idle_timeout_ms = 1000;
    if (draw(o, 3) == 0) spec->step_timeout_ms = 1000;
    if (draw(o, 3) == 0) spec->deadline = 100000;
    if (draw(o, 2)) spec->steps_active_max = 12;
    ClusterEvent e = {.kind = CLUSTER_EVENT_CREATED, .now = ++o->w.now};
    for (uint64_t n = draw(o, 4); n > 0; n--)
        world_submit(&o->w, &e, (StepAction)draw(o, ACTION_COUNT), 1);
    act(o, &e);
}

/* Whatever happened before: the owner's loss ends the cluster as soon as the outside has answered.
 */
static void run_to_the_end(Watch *o)
{
    act(o, &(ClusterEvent){
               .kind = CLUSTER_EVENT_TERMINATE, .now = ++o->w.now, .cause = CAUSE_OWNER_GONE});
    ClusterEvent grace = {
        .kind = CLUSTER_EVENT_TIMER_DUE, .now = ++o->w.now, .timer = CLUSTER_TIMER_GRACE};
    grace.token = world_token(&o->w, grace.kind, grace.timer, 0);
    if (o->w.state.grace) act(o, &grace);
    ClusterEvent gone = {.kind = CLUSTER_EVENT_DESTROYED, .now = ++o->w.now};
    gone.token = world_token(&o->w, gone.kind, CLUSTER_TIMER_NONE, 0);
    act(o, &gone);
    rule(o, states_cluster_ended(o->w.state.life));
    rule(o, world_count(&o->w, STEP_PENDING) == 0);
}

static ClusterEventKind any_kind(Watch *o)
{
    /* answers come most often, ends rarely: else every run would be short */
    static const ClusterEventKind common[] = {
        CLUSTER_EVENT_PROVISIONED, CLUSTER_EVENT_BOOTSTRAP_ENDED, CLUSTER_EVENT_STEP_STARTED,
        CLUSTER_EVENT_STEP_ENDED, CLUSTER_EVENT_STEPS_ADDED};
    if (draw(o, 8)) return common[draw(o, countof(common))];
    return (ClusterEventKind)(1 + draw(o, CLUSTER_EVENT_COUNT - 1));
}

TEST(cluster_keeps_its_rules_under_random_events)
{
    Watch o = {0};
    for (uint64_t seed = 1; seed <= 400 && !o.broken.n; seed++) {
        o = (Watch){0};
        create(&o, seed);
        for (int i = 0; i < 80 && !o.broken.n; i++) {
            ClusterEvent e = any_event(&o, any_kind(&o));
            act(&o, &e);
        }
        run_to_the_end(&o);
        if (o.broken.n) test_fail(__FILE__, __LINE__, "seed %d: %.*s", (int)seed, STR(o.broken));
        arena_reset(test_arena());
    }
}

/* Every sequence of four kinds of event after provisioning, details drawn from the sequence's own
 * number. */
TEST(cluster_keeps_its_rules_under_every_short_sequence)
{
    uint64_t kinds = CLUSTER_EVENT_COUNT - 1, all = kinds * kinds * kinds * kinds;
    Watch o = {0};
    for (uint64_t n = 0; n < all && !o.broken.n; n++) {
        o = (Watch){0};
        create(&o, n + 1000003);
        o.w.spec.bootstrap_n = 0;
        ClusterEvent up = any_event(&o, CLUSTER_EVENT_PROVISIONED);
        act(&o, &up);
        for (uint64_t rest = n, i = 0; i < 4; i++, rest /= kinds) {
            ClusterEvent e = any_event(&o, (ClusterEventKind)(1 + rest % kinds));
            act(&o, &e);
        }
        if (o.broken.n) test_fail(__FILE__, __LINE__, "sequence %d: %.*s", (int)n, STR(o.broken));
        arena_reset(test_arena());
    }
}

TEST(cluster_window_is_small_whatever_waits)
{
    World w = {.a = test_arena(), .spec = {.id = S("j-1"), .concurrency = 1}};
    ClusterEvent e = {.kind = CLUSTER_EVENT_CREATED, .now = 1};
    ClusterUpdate u;
    world_submit(&w, &e, ACTION_CONTINUE, 1000);
    world_apply(&w, &e, &u);
    eq_int(u.next.pending_n, 1000);
    e = (ClusterEvent){.kind = CLUSTER_EVENT_PROVISIONED, .now = 2};
    e.token = world_token(&w, e.kind, CLUSTER_TIMER_NONE, 0);
    eq_int(cluster_window(&w.spec, &e), 1);
    world_apply(&w, &e, &u);
    eq_int(u.next.pending_n, 999);
    eq_int(u.changes.n, 3); /* BOOTSTRAPPING, RUNNING, step 1 */
}

TEST(states_names_go_both_ways)
{
    for (int i = 1; i < CLUSTER_LIFE_COUNT; i++) {
        ClusterLife back;
        ok(states_cluster_from(states_cluster_name((ClusterLife)i), &back) && (int)back == i);
    }
    for (int i = 1; i < STEP_LIFE_COUNT; i++) {
        StepLife back;
        ok(states_step_from(states_step_name((StepLife)i), &back) && (int)back == i);
    }
    StepAction action;
    ok(states_action_from(S("TERMINATE_JOB_FLOW"), &action) && action == ACTION_TERMINATE_JOB_FLOW);
    ok(!states_action_from(S(""), &action) && !states_action_from(S("continue"), &action));
}

TEST(states_ends_are_final)
{
    for (int to = 0; to < CLUSTER_LIFE_COUNT; to++) {
        ok(!states_cluster_may(CLUSTER_TERMINATED, (ClusterLife)to));
        ok(!states_cluster_may(CLUSTER_TERMINATED_WITH_ERRORS, (ClusterLife)to));
    }
    for (int to = 0; to < STEP_LIFE_COUNT; to++)
        for (int from = STEP_COMPLETED; from < STEP_LIFE_COUNT; from++)
            ok(!states_step_may((StepLife)from, (StepLife)to));
    ok(!states_cluster_may(CLUSTER_TERMINATING, CLUSTER_RUNNING));
}
