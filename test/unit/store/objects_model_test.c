/* objects_model_test.c - random puts, deletes, settling steps and crashes against a table of what was acknowledged. */
#include "shop.h"

enum { KEYS = 10, STEPS = 120, SEEDS = 4 };

static const char *const keys[KEYS] = {"a",   "a/b", "a/b/c", "a/",    "b",
                                       "b/c", "..",  "x//y",  "d/e/f", "d/e"};

typedef struct Model {
    Shop shop;
    uint64_t chance;
    Str bodies[KEYS]; /* as acknowledged; absent: deleted */
    SettleBatch *batch;
    int64_t worked;
} Model;

static int64_t below(Model *m, int64_t n)
{
    m->chance = m->chance * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(m->chance >> 33) % n;
}

static void look(Model *m, int i)
{
    Str want = str_absent(m->bodies[i]) ? S("NoSuchKey") : m->bodies[i];
    Str got = shop_get(&m->shop, "one", str_from(keys[i]), (Str){0});
    if (!str_eq(got, want))
        test_fail(__FILE__, __LINE__, "%s: %d bytes, want %d", keys[i], (int)got.n, (int)want.n);
}

static void put(Model *m, int i)
{
    static const int64_t sizes[] = {
        0, 1, 100, OBJECT_INLINE_BYTES_MAX, OBJECT_INLINE_BYTES_MAX + 1, 40000};
    Str body = shop_bytes(sizes[below(m, countof(sizes))], (int)below(m, 1 << 20));
    ok(shop_put(&m->shop, "one", str_from(keys[i]), body));
    m->bodies[i] = body;
}

static void delete (Model *m, int i)
{
    ok(shop_delete(&m->shop, "one", str_from(keys[i])) == !str_absent(m->bodies[i]));
    m->bodies[i] = (Str){0};
}

/* One step of the settler: pick, work or mark. */
static void settle_step(Model *m)
{
    if (!m->batch) {
        m->batch = settle_pick(m->shop.o);
        m->worked = 0;
    } else if (!m->worked++) {
        settle_work(m->batch);
    } else {
        shop_mark(&m->shop, m->batch);
        m->batch = NULL;
    }
}

static void crash(Model *m)
{
    if (m->batch) settle_free(m->shop.o, m->batch, false);
    m->batch = NULL;
    shop_crash(&m->shop);
}

static void step(Model *m)
{
    int64_t what = below(m, 100);
    int i = (int)below(m, KEYS);
    if (what < 30)
        put(m, i);
    else if (what < 50)
        delete (m, i);
    else if (what < 90)
        settle_step(m);
    else if (what < 94)
        crash(m);
    look(m, i);
}

/* When all is settled the disk holds the objects and nothing else. */
static void finish(Model *m)
{
    int64_t files = 0;
    while (m->batch) settle_step(m);
    shop_settle(&m->shop);
    for (int i = 0; i < KEYS; i++) {
        look(m, i);
        if (!str_absent(m->bodies[i])) {
            eq_int(shop_find(&m->shop, "one", str_from(keys[i])).place, PLACE_FILE);
            files++;
        }
    }
    eq_int(shop_files_below(&m->shop, S("objects")), files);
    eq_int(shop_names_in(&m->shop, "staging"), 0);
    eq_int(shop_loose_rows(&m->shop), 0);
}

TEST(objects_what_was_acknowledged_is_there_whatever_happens)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Model m = {.shop = shop_open(), .chance = seed};
        for (int i = 0; i < STEPS; i++) step(&m);
        finish(&m);
        shop_close(&m.shop);
    }
}
