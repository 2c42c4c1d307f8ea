/* sys_child.c - sys/child.h in the simulated world: keepers and programs of the machine, which outlive the server. */
#include "sys/child.h"

#include "acts.h"
#include "disk.h"
#include "memory.h"
#include "mutants.h"
#include "programs.h"
#include "sys_inside.h"

enum {
    PROCS_MAX = 4096,
    PROGRAMS_MAX = 4096,
    PATH_BYTES = 256,
    DIE_MS_MAX = 3000,
    CLAIM_MS_MAX = 30,
    KILL_MS_MAX = 100
};

typedef enum ProcState {
    PROC_SPAWNED, /* its keeper has not claimed the start */
    PROC_RUNNING,
    PROC_ENDED, /* `exit` is recorded */
    PROC_LOST,  /* started, and nobody knows how it ended */
    PROC_NEVER, /* its keeper ended before the claim */
} ProcState;

typedef struct Proc {
    int64_t id;
    char dir[PATH_BYTES], out[PATH_BYTES];
    Node *node; /* the folder that holds what is known of it */
    ProcState state;
    Program *program;
    ChildExit exit;
    bool watched; /* the running server will hear of its end */
    bool daemon_left;
    int64_t orphaned; /* counts the times it lost its owner */
    int64_t grace_ms;
} Proc;

static Proc procs[PROCS_MAX];
static int64_t procs_n;
static Program programs[PROGRAMS_MAX];
static int64_t programs_n;

/* ---- programs ---- */

Program *program_new(bool bootstrap)
{
    const Weather *w = &world.weather;
    check(programs_n < PROGRAMS_MAX);
    Program *p = &programs[programs_n++];
    bool hangs = !bootstrap && chance_in(w->hangs_in);
    *p = (Program){.number = programs_n,
                   .runs_ms = hangs ? INT64_MAX : chance_between(0, chance_in(4) ? 40000 : 1500),
                   .code = chance_in(bootstrap ? w->fails_in * 3 : w->fails_in)
                               ? (int)chance_between(1, 3)
                               : 0,
                   .deaf = chance_in(w->deaf_in),
                   .daemon = chance_in(w->daemon_in),
                   .bootstrap = bootstrap};
    return p;
}

Program *program_get(int64_t number)
{
    check(number >= 1 && number <= programs_n);
    return &programs[number - 1];
}

int64_t programs_count(void)
{
    return programs_n;
}

static Program *program_of(const ChildSpec *spec)
{
    for (int64_t i = spec->argv_n - 1; i >= 0; i--) {
        int64_t at = str_find(spec->argv[i], S("sim-"));
        if (at >= 0) return program_get(strtoll(spec->argv[i].p + at + 4, NULL, 10));
    }
    return NULL;
}

/* ---- the rules that no order of events may break ---- */

/* work/<cluster>/run/<attempt> */
static Str cluster_of(const Proc *p)
{
    Str rest = str_from(p->dir), part, at = {0};
    while (str_cut(&rest, '/', &part))
        if (str_eq(at, S("work")))
            return part;
        else
            at = part;
    return S("?");
}

static void check_start(const Proc *p)
{
    Program *g = p->program;
    Str cluster = cluster_of(p);
    promise(g->starts == 1, "program %" PRId64 " was started %" PRId64 " times", g->number,
            g->starts);
    if (g->bootstrap) return;
    for (int64_t i = 0; i < procs_n; i++) {
        const Proc *o = &procs[i];
        if (o == p || !str_eq(cluster_of(o), cluster)) continue;
        promise(o->state != PROC_RUNNING,
                "programs %" PRId64 " and %" PRId64 " run at once in %.*s", g->number,
                o->program->number, STR(cluster));
    }
    for (int64_t i = 0; i < programs_n; i++)
        promise(programs[i].bootstrap || programs[i].number <= g->number || !programs[i].starts ||
                    !str_eq(str_from(programs[i].cluster), cluster),
                "program %" PRId64 " was started after the later %" PRId64, g->number,
                programs[i].number);
}

static bool is_whole(const Node *conf, const char *name, Str last)
{
    const Node *file = conf ? disk_entry(conf, str_from(name)) : NULL;
    Str text = file ? (Str){file->now.p, file->now.n} : S("");
    return str_ends(text, last) && !memchr(text.p, 0, (size_t)text.n);
}

/* A cluster outlives power cuts, and with it what its programs read. */
static void check_conf(const Proc *p)
{
    Arena a = {0};
    Str cluster = cluster_of(p);
    const Node *conf = disk_find(str_printf(&a, "/sim/data/work/%.*s/conf", STR(cluster)));
    promise(is_whole(conf, "core-site.xml", S("</configuration>\n")) &&
                is_whole(conf, "spark-defaults.conf", S("\n")),
            "program %" PRId64 " starts in %.*s, whose configuration is torn", p->program->number,
            STR(cluster));
    promise(disk_find(str_printf(&a, "/sim/data/work/%.*s/hdfs/tmp", STR(cluster))),
            "program %" PRId64 " starts in %.*s, which has lost a folder", p->program->number,
            STR(cluster));
    arena_free(&a);
}

/* ---- ends ---- */

static void tell(Proc *p)
{
    if (!p->watched) return;
    p->watched = false;
    SysEvent *e = loop_push(SYS_CHILD_ENDED);
    e->child_id = p->id;
    e->exit = p->exit;
}

static void ends(Proc *p, ChildExit exit)
{
    if (p->state != PROC_RUNNING) return;
    p->state = exit.lost ? PROC_LOST : PROC_ENDED;
    exit.started_at = p->program->started_at;
    exit.ended_at = world.now;
    p->exit = exit;
    p->daemon_left = p->program->daemon && mutant(MUTANT_DAEMON_LEFT);
    world_note("program %" PRId64 " ends code %d signal %d lost %d", p->program->number, exit.code,
               exit.signal, exit.lost);
    tell(p);
}

static void exits(void *arg)
{
    Proc *p = arg;
    if (p->state != PROC_RUNNING) return;
    p->program->exited = true;
    ends(p, (ChildExit){.code = mutant(MUTANT_CODE_LOST) ? 0 : p->program->code});
}

static void terminated(void *arg)
{
    ends(arg, (ChildExit){.signal = 15});
}

static void killed(void *arg)
{
    ends(arg, (ChildExit){.signal = 9, .cause = CHILD_BY_KILL});
}

static void keeper_dies(void *arg)
{
    if (!world.calm) ends(arg, (ChildExit){.lost = !mutant(MUTANT_LOST_IS_SUCCESS)});
}

/* ---- starts ---- */

static void write_output(const Proc *p)
{
    Str leaf;
    char line[64];
    Node *folder = disk_parent(str_from(p->out), &leaf);
    if (!folder) return;
    Node *file = disk_entry(folder, leaf);
    if (!file) file = disk_make(folder, leaf, false);
    int n = snprintf(line, sizeof line, "output of program %" PRId64 "\n", p->program->number);
    disk_write(file, file->now.n, (Str){line, n});
}

static void starts(Proc *p)
{
    Program *g = p->program;
    Str leaf;
    p->state = PROC_RUNNING;
    disk_sync_file(p->node);
    disk_sync_folder(p->node);
    disk_sync_folder(disk_parent(str_from(p->dir), &leaf));
    g->starts++;
    g->started_at = world.now;
    snprintf(g->cluster, sizeof g->cluster, "%.*s", STR(cluster_of(p)));
    world.starts++;
    world_note("program %" PRId64 " starts in %s", g->number, g->cluster);
    check_start(p);
    check_conf(p);
    write_output(p);
    if (g->runs_ms != INT64_MAX) world_at(world.now + g->runs_ms, exits, p);
    if (chance_in(world.weather.keeper_dies_in))
        world_at(world.now + chance_below(2000), keeper_dies, p);
}

static void claim(void *arg)
{
    Proc *p = arg;
    if (p->state == PROC_SPAWNED) starts(p);
}

static bool spawn(const ChildSpec *spec, const char *dir, Error *err)
{
    if (!folder_make(spec->folder, spec->dir, err)) return false;
    if (world.full && !world.calm && chance_in(2))
        return error_set(err, ERR_DISK_FULL, "cannot write \"spec.json\"");
    check(procs_n < PROCS_MAX);
    Proc *p = &procs[procs_n++];
    *p = (Proc){.id = spec->id,
                .watched = true,
                .program = program_of(spec),
                .grace_ms = spec->orphan_grace_ms};
    check(p->program);
    snprintf(p->dir, sizeof p->dir, "%s", dir);
    snprintf(p->out, sizeof p->out, "%.*s", STR(spec->stdout_path));
    p->node = disk_find(str_from(dir));
    world_at(world.now + chance_below(CLAIM_MS_MAX), claim, p);
    return true;
}

/* What DIR says. NULL: nothing was ever claimed there. */
static Proc *recorded(const char *dir)
{
    const Node *node = disk_find(str_from(dir));
    for (int64_t i = procs_n - 1; node && i >= 0; i--)
        if (procs[i].node == node && procs[i].state != PROC_NEVER) return &procs[i];
    return NULL;
}

static void absolute(char out[PATH_BYTES], Folder *folder, Str dir)
{
    snprintf(out, PATH_BYTES, "%.*s/%.*s", STR(folder_path(folder)), STR(dir));
}

ChildFind child_find(Loop *loop, Folder *folder, Str dir, int64_t id, ChildExit *exit)
{
    (void)loop;
    char path[PATH_BYTES];
    absolute(path, folder, dir);
    Proc *p = recorded(path);
    if (!p || mutant(MUTANT_FIND_NOTHING)) return CHILD_NEVER_STARTED;
    p->id = id;
    switch (p->state) {
    case PROC_SPAWNED:
    case PROC_RUNNING:
        p->watched = true;
        p->orphaned++;
        return CHILD_RUNNING;
    case PROC_ENDED:
    case PROC_LOST: *exit = p->exit; return CHILD_ENDED;
    case PROC_NEVER: break;
    }
    unreachable();
}

bool child_start(Loop *loop, const ChildSpec *spec, Error *err)
{
    char path[PATH_BYTES];
    ChildExit exit;
    check(spec->argv_n > 0 && spec->dir.n > 0);
    acts_start(spec->id);
    absolute(path, spec->folder, spec->dir);
    world_may_crash(world.weather.crash_in_start);
    bool started = true;
    switch (child_find(loop, spec->folder, spec->dir, spec->id, &exit)) {
    case CHILD_NEVER_STARTED: started = spawn(spec, path, err); break;
    case CHILD_RUNNING: break;
    case CHILD_ENDED:
        *loop_push(SYS_CHILD_ENDED) =
            (SysEvent){.kind = SYS_CHILD_ENDED, .child_id = spec->id, .exit = exit};
        break;
    }
    world_may_crash(world.weather.crash_in_start);
    return started;
}

/* A keeper killed before its claim starts nothing. */
static void signal_one(Proc *p, ChildSignal signal)
{
    if (p->state == PROC_SPAWNED && signal == CHILD_KILL) {
        p->state = PROC_NEVER;
        p->exit = (ChildExit){.signal = 9, .cause = CHILD_BY_KILL, .ended_at = world.now};
        tell(p);
    } else if (signal == CHILD_KILL && !mutant(MUTANT_KILL_ASKS)) {
        world_at(world.now + chance_below(KILL_MS_MAX), killed, p);
    } else if (!p->program->deaf) {
        world_at(world.now + chance_below(DIE_MS_MAX), terminated, p);
    }
}

void child_signal(Loop *loop, int64_t id, ChildSignal signal)
{
    (void)loop;
    for (int64_t i = 0; i < procs_n; i++)
        if (procs[i].id == id && procs[i].watched) acts_signal(id), signal_one(&procs[i], signal);
}

bool child_end(Folder *folder, Str dir)
{
    char path[PATH_BYTES];
    absolute(path, folder, dir);
    Proc *p = recorded(path);
    if (!p || mutant(MUTANT_FIND_NOTHING)) return true;
    if (p->state == PROC_SPAWNED) p->state = PROC_NEVER;
    ends(p, (ChildExit){.signal = 9, .cause = CHILD_BY_KILL});
    return true;
}

/* ---- the machine ---- */

typedef struct Orphan {
    Proc *proc;
    int64_t orphaned;
} Orphan;

static void grace_over(void *arg)
{
    Orphan *o = arg;
    if (o->proc->orphaned == o->orphaned)
        ends(o->proc, (ChildExit){.signal = 9, .cause = CHILD_BY_ORPHANING});
    world_free(o);
}

/* Who has not claimed yet does so in this moment, or sees that nobody wants it any more. */
void procs_server_ended(void)
{
    for (int64_t i = 0; i < procs_n; i++) {
        Proc *p = &procs[i];
        p->watched = false;
        if (p->state == PROC_SPAWNED && chance_in(2))
            starts(p);
        else if (p->state == PROC_SPAWNED)
            p->state = PROC_NEVER;
        if (p->state != PROC_RUNNING) continue;
        Orphan *o = world_alloc(sizeof *o);
        *o = (Orphan){p, ++p->orphaned};
        world_at(world.now + p->grace_ms, grace_over, o);
    }
}

void procs_power_cut(void)
{
    for (int64_t i = 0; i < procs_n; i++) {
        Proc *p = &procs[i];
        p->watched = p->daemon_left = false;
        if (p->state == PROC_SPAWNED) p->state = PROC_NEVER;
        if (p->state == PROC_RUNNING) ends(p, (ChildExit){.lost = true});
    }
}

void procs_open(void)
{
    procs_n = programs_n = 0;
}

void procs_close(void)
{
    procs_n = programs_n = 0;
}

int procs_alive(Str below)
{
    int n = 0;
    for (int64_t i = 0; i < procs_n; i++)
        n += str_starts(str_from(procs[i].dir), below) &&
             (procs[i].state <= PROC_RUNNING || procs[i].daemon_left);
    return n;
}
