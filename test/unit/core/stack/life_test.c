/* life_test.c - operations on stacks as traces, and as properties of random graphs with random failures. */
#include "core/stack/life.h"

#include "../../../test.h"

/* ---- a world that carries out what a life orders ---- */

typedef struct World {
    Life life;
    Buf trace;        /* statuses and commands */
    const char *fail; /* names that fail forward, "undo:" and "clean:" before those phases' */
    bool shown;
    struct {
        LifeCommand *p;
        int64_t n, cap;
    } running;
    bool outputs;
    bool there[64]; /* after forward, before clean */
    int64_t steps;
} World;

static const char *const verbs[] = {"status", "add",    "change",  "undo",
                                    "remove", "retain", "outputs", "cancel"};

static void take(World *w, const LifeUpdate *u)
{
    for (int64_t i = 0; i < u->commands.n; i++) {
        LifeCommand c = u->commands.p[i];
        w->outputs |= c.what == LIFE_DO_OUTPUTS;
        if (c.what == LIFE_DO_OUTPUTS) continue;
        if (c.what == LIFE_DO_STATUS) {
            buf_printf(&w->trace, "%.*s ", STR(c.status));
            continue;
        }
        buf_printf(&w->trace, "%s:%.*s ", verbs[c.what], STR(w->life.items.p[c.item].name));
        if (c.what == LIFE_DO_CANCEL) {
            for (int64_t k = 0; k < w->running.n; k++)
                if (w->running.p[k].item == c.item) w->running.p[k] = w->running.p[--w->running.n];
        } else if (c.what != LIFE_DO_RETAIN) {
            *vec_push(test_arena(), &w->running) = c;
        }
    }
}

static bool step(World *w, LifeEvent e)
{
    LifeUpdate u = {.a = test_arena()};
    Json kept = life_write(&w->life, test_arena());
    w->life = life_read(&kept, test_arena()); /* nothing is lost by being kept */
    bool counts = life_step(&w->life, &e, &u);
    take(w, &u);
    w->steps++;
    while (w->outputs) {
        w->outputs = false;
        u = (LifeUpdate){.a = test_arena()};
        ok(life_step(&w->life, &(LifeEvent){.kind = LIFE_OUTPUTS}, &u));
        take(w, &u);
    }
    return counts;
}

static bool fails(const World *w, LifeCommand c)
{
    Str rest = str_from(w->fail), word;
    Str name = w->life.items.p[c.item].name;
    const char *prefix = c.what == LIFE_DO_UNDO     ? "undo:"
                         : c.what == LIFE_DO_REMOVE ? "clean:"
                                                    : "";
    name = str_printf(test_arena(), "%s%.*s", prefix, STR(name));
    while (rest.n && str_cut(&rest, ' ', &word))
        if (str_eq(word, name)) return true;
    return false;
}

static void end_one(World *w, int64_t k)
{
    LifeCommand c = w->running.p[k];
    for (int64_t i = k + 1; i < w->running.n; i++) w->running.p[i - 1] = w->running.p[i];
    w->running.n--;
    ok(step(w,
            (LifeEvent){.kind = fails(w, c) ? LIFE_ITEM_FAILED : LIFE_ITEM_DONE, .item = c.item}));
}

static void run(World *w)
{
    ok(step(w, (LifeEvent){.kind = LIFE_BEGINS}));
    while (w->running.n && w->steps < 1000) end_one(w, 0);
    ok(w->life.phase == LIFE_ENDED);
}

/* "a b>a c>a,b": items, each with what it needs; + added, ~ changed, - dropped, ! retained. */
static Life life_of(LifeOperation operation, LifeFailure failure, const char *text)
{
    Life life = {.operation = operation, .failure = failure};
    Str rest = str_from(text), word;
    while (rest.n && str_cut(&rest, ' ', &word)) {
        LifeItem item = {.action = LIFE_KEEP};
        Str name, need;
        for (; str_find_char(S("+~-!"), word.p[0]) >= 0; word = str_slice(word, 1, word.n)) {
            if (word.p[0] == '!') item.retain = true;
            if (word.p[0] == '+') item.action = LIFE_ADD;
            if (word.p[0] == '~') item.action = LIFE_CHANGE;
            if (word.p[0] == '-') item.action = LIFE_DROP;
        }
        ok(str_cut(&word, '>', &name));
        item.name = name;
        while (word.n && str_cut(&word, ',', &need)) {
            int32_t i = life_find(&life, need);
            ok(i >= 0);
            *vec_push(test_arena(), &item.needs) = i;
            *vec_push(test_arena(), &item.old_needs) = i;
        }
        *vec_push(test_arena(), &life.items) = item;
    }
    return life;
}

static Str trace(LifeOperation operation, LifeFailure failure, const char *items, const char *fail)
{
    World w = {
        .life = life_of(operation, failure, items), .trace = {.a = test_arena()}, .fail = fail};
    run(&w);
    return str_trim(buf_str(&w.trace));
}

/* ---- traces ---- */

TEST(life_creates_side_by_side_and_in_order)
{
    eq_str(trace(LIFE_CREATE, LIFE_ROLL_BACK, "+a +b>a +c>a +d>b,c", ""),
           S("CREATE_IN_PROGRESS add:a add:b add:c add:d CREATE_COMPLETE"));
}

TEST(life_rolls_a_creation_back_in_reverse)
{
    eq_str(trace(LIFE_CREATE, LIFE_ROLL_BACK, "+a +b>a +c>b +d>c", "c"),
           S("CREATE_IN_PROGRESS add:a add:b add:c ROLLBACK_IN_PROGRESS remove:c remove:b remove:a "
             "ROLLBACK_COMPLETE"));
    eq_str(trace(LIFE_CREATE, LIFE_ROLL_BACK, "+a +b", "a"),
           S("CREATE_IN_PROGRESS add:a add:b cancel:b ROLLBACK_IN_PROGRESS remove:b remove:a "
             "ROLLBACK_COMPLETE"));
    eq_str(trace(LIFE_CREATE, LIFE_ROLL_BACK, "+a +b>a", "b clean:b"),
           S("CREATE_IN_PROGRESS add:a add:b ROLLBACK_IN_PROGRESS remove:b ROLLBACK_FAILED"));
    eq_str(trace(LIFE_CREATE, LIFE_DO_NOTHING, "+a +b>a +c>b", "b"),
           S("CREATE_IN_PROGRESS add:a add:b CREATE_FAILED"));
    eq_str(trace(LIFE_CREATE, LIFE_TAKE_DOWN, "!+a +b>a", "b"),
           S("CREATE_IN_PROGRESS add:a add:b DELETE_IN_PROGRESS remove:b retain:a "
             "DELETE_COMPLETE"));
}

TEST(life_updates_and_cleans_up_after)
{
    eq_str(trace(LIFE_UPDATE, LIFE_ROLL_BACK, "a ~b>a +c>b -d>b", ""),
           S("UPDATE_IN_PROGRESS change:b add:c UPDATE_COMPLETE_CLEANUP_IN_PROGRESS remove:d "
             "remove:b UPDATE_COMPLETE"));
    eq_str(trace(LIFE_UPDATE, LIFE_ROLL_BACK, "~a +b>a", "clean:a"),
           S("UPDATE_IN_PROGRESS change:a add:b UPDATE_COMPLETE_CLEANUP_IN_PROGRESS remove:a "
             "UPDATE_COMPLETE"));
}

TEST(life_takes_an_update_back)
{
    eq_str(trace(LIFE_UPDATE, LIFE_ROLL_BACK, "~a ~b>a +c>b -d", "c"),
           S("UPDATE_IN_PROGRESS change:a change:b add:c UPDATE_ROLLBACK_IN_PROGRESS undo:a undo:b "
             "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS remove:c remove:b remove:a "
             "UPDATE_ROLLBACK_COMPLETE"));
    eq_str(trace(LIFE_UPDATE, LIFE_DO_NOTHING, "~a +b>a", "b"),
           S("UPDATE_IN_PROGRESS change:a add:b UPDATE_FAILED"));
}

TEST(life_continues_a_rollback_that_failed)
{
    World w = {.life = life_of(LIFE_UPDATE, LIFE_ROLL_BACK, "~a ~b>a +c>b"),
               .trace = {.a = test_arena()},
               .fail = "c undo:a"};
    run(&w);
    ok(str_ends(str_trim(buf_str(&w.trace)), S("undo:a UPDATE_ROLLBACK_FAILED")));
    ok(life_failed_to_undo(&w.life, 0) && !life_failed_to_undo(&w.life, 1));
    w.trace.n = 0;
    life_skip(&w.life, 0);
    ok(step(&w, (LifeEvent){.kind = LIFE_CONTINUED}));
    while (w.running.n) end_one(&w, 0);
    eq_str(str_trim(buf_str(&w.trace)),
           S("UPDATE_ROLLBACK_IN_PROGRESS undo:b UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS "
             "remove:c remove:b remove:a UPDATE_ROLLBACK_COMPLETE"));
}

static Str rolled_back(LifeOperation operation, const char *items, const char *fail)
{
    World w = {.life = life_of(operation, LIFE_DO_NOTHING, items),
               .trace = {.a = test_arena()},
               .fail = fail};
    run(&w);
    w.trace.n = 0;
    w.fail = "";
    ok(step(&w, (LifeEvent){.kind = LIFE_ROLLED_BACK}));
    while (w.running.n) end_one(&w, 0);
    ok(!step(&w, (LifeEvent){.kind = LIFE_ROLLED_BACK}));
    return str_trim(buf_str(&w.trace));
}

TEST(life_rolls_back_what_stayed_when_asked)
{
    eq_str(rolled_back(LIFE_CREATE, "+a +b>a +c>b", "b"),
           S("ROLLBACK_IN_PROGRESS remove:b remove:a ROLLBACK_COMPLETE"));
    eq_str(rolled_back(LIFE_UPDATE, "~a +b>a -d", "b"),
           S("UPDATE_ROLLBACK_IN_PROGRESS undo:a UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS "
             "remove:b remove:a UPDATE_ROLLBACK_COMPLETE"));
}

TEST(life_imports_and_never_removes_what_was_there)
{
    World w = {.life = life_of(LIFE_IMPORT, LIFE_ROLL_BACK, "a +b>a +c>b"),
               .trace = {.a = test_arena()},
               .fail = "c"};
    eq_str(trace(LIFE_IMPORT, LIFE_ROLL_BACK, "a +b>a", ""),
           S("IMPORT_IN_PROGRESS add:b IMPORT_COMPLETE"));
    w.life.items.p[1].imported = w.life.items.p[2].imported = true;
    run(&w);
    eq_str(str_trim(buf_str(&w.trace)),
           S("IMPORT_IN_PROGRESS add:b add:c IMPORT_ROLLBACK_IN_PROGRESS retain:c retain:b "
             "IMPORT_ROLLBACK_COMPLETE"));
    World mixed = {.life = life_of(LIFE_UPDATE, LIFE_ROLL_BACK, "+a +b>a"),
                   .trace = {.a = test_arena()},
                   .fail = "b"};
    mixed.life.items.p[0].imported = true;
    run(&mixed);
    ok(str_find(buf_str(&mixed.trace), S("remove:b retain:a")) > 0);
}

TEST(life_deletes_all_that_it_can_by_force)
{
    World w = {.life = life_of(LIFE_DELETE, LIFE_ROLL_BACK, "-a -b>a -c>b"),
               .trace = {.a = test_arena()},
               .fail = "clean:b"};
    w.life.force = true;
    run(&w);
    eq_str(str_trim(buf_str(&w.trace)),
           S("DELETE_IN_PROGRESS remove:c remove:b remove:a DELETE_COMPLETE"));
}

TEST(life_deletes_in_reverse_and_says_what_stays)
{
    eq_str(trace(LIFE_DELETE, LIFE_ROLL_BACK, "-a -b>a !-c>a -d>b,c", ""),
           S("DELETE_IN_PROGRESS remove:d retain:c remove:b remove:a DELETE_COMPLETE"));
    eq_str(trace(LIFE_DELETE, LIFE_ROLL_BACK, "-a -b>a -c", "clean:b"),
           S("DELETE_IN_PROGRESS remove:c remove:b DELETE_FAILED"));
    eq_str(trace(LIFE_DELETE, LIFE_ROLL_BACK, "", ""), S("DELETE_IN_PROGRESS DELETE_COMPLETE"));
}

TEST(life_takes_no_notice_of_what_is_over)
{
    World w = {.life = life_of(LIFE_CREATE, LIFE_ROLL_BACK, "+a +b>a"),
               .trace = {.a = test_arena()},
               .fail = ""};
    ok(step(&w, (LifeEvent){.kind = LIFE_BEGINS}));
    ok(!step(&w, (LifeEvent){.kind = LIFE_ITEM_DONE, .item = 1}));
    ok(step(&w, (LifeEvent){.kind = LIFE_ITEM_DONE, .item = 0}));
    ok(!step(&w, (LifeEvent){.kind = LIFE_ITEM_FAILED, .item = 0}));
    ok(step(&w, (LifeEvent){.kind = LIFE_STOPPED, .reason = S("User Initiated")}));
    ok(!step(&w, (LifeEvent){.kind = LIFE_STOPPED}));
}

/* ---- properties ---- */

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* A resource is there between its adding and its removal; what it needs must be, too. */
static void holds(World *w, LifeCommand c)
{
    const LifeItem *item = &w->life.items.p[c.item];
    for (int64_t k = 0; c.what == LIFE_DO_ADD && k < item->needs.n; k++)
        ok(w->there[item->needs.p[k]]);
    for (int64_t i = 0; c.what == LIFE_DO_REMOVE && i < w->life.items.n; i++)
        for (int64_t k = 0; k < w->life.items.p[i].needs.n; k++)
            ok(w->life.items.p[i].needs.p[k] != c.item || !w->there[i]);
}

static void random_graph(World *w, uint64_t *seed, LifeAction action)
{
    int n = 1 + (int)(next(seed) % 40);
    for (int i = 0; i < n; i++) {
        LifeItem item = {.name = str_printf(test_arena(), "r%d", i), .action = action};
        for (int k = 0; k < i; k++)
            if (next(seed) % 8 == 0) {
                *vec_push(test_arena(), &item.needs) = k;
                *vec_push(test_arena(), &item.old_needs) = k;
            }
        *vec_push(test_arena(), &w->life.items) = item;
    }
}

/* Ends a random one of those that run; fails forward with probability 1/fail. */
static void random_end(World *w, uint64_t *seed, uint64_t fail)
{
    int64_t k = (int64_t)(next(seed) % (uint64_t)w->running.n);
    LifeCommand c = w->running.p[k];
    bool failed = fail && c.what != LIFE_DO_REMOVE && next(seed) % fail == 0;
    holds(w, c);
    w->running.p[k] = w->running.p[--w->running.n];
    if (c.what == LIFE_DO_ADD && !failed) w->there[c.item] = true;
    if (c.what == LIFE_DO_REMOVE) w->there[c.item] = false;
    ok(step(w, (LifeEvent){.kind = failed ? LIFE_ITEM_FAILED : LIFE_ITEM_DONE, .item = c.item}));
}

TEST(life_of_random_graphs_ends_and_respects_the_order)
{
    uint64_t seed = 4;
    for (int round = 0; round < 300; round++) {
        bool remove = round % 3 == 2;
        World w = {.trace = {.a = test_arena()}, .fail = ""};
        w.life.operation = remove ? LIFE_DELETE : LIFE_CREATE;
        random_graph(&w, &seed, remove ? LIFE_DROP : LIFE_ADD);
        for (int64_t i = 0; remove && i < w.life.items.n; i++) w.there[i] = true;
        ok(step(&w, (LifeEvent){.kind = LIFE_BEGINS}));
        while (w.running.n) random_end(&w, &seed, round % 3 == 1 ? 10 : 0);
        ok(w.life.phase == LIFE_ENDED);
        bool all = round % 3 == 0;
        for (int64_t i = 0; i < w.life.items.n; i++)
            ok(w.there[i] == (all || (round % 3 == 1 && !w.life.back)));
    }
}
