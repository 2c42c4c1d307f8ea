/* child_test.c - real process trees: how they end, what is recorded, that nothing stays, that each starts once. */
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child_files.h"
#include "world.h"

enum { PATIENCE_MS = 60 * 1000 };

/* One child in a fresh folder. */
typedef struct Nest {
    Folder *folder;
    Loop *loop;
    Str argv[3], env[2];
    ChildSpec spec;
    ChildExit exit;
    int ends;
} Nest;

static Str in_nest(const Nest *n, const char *name)
{
    return str_printf(test_arena(), "%.*s/%s", STR(folder_path(n->folder)), name);
}

static void nest_open(Nest *n, const char *script)
{
    Error err;
    *n = (Nest){.folder = fresh_folder(),
                .argv = {S("sh"), S("-c"), str_from(script)},
                .env = {S("PATH=/usr/bin:/bin"), S("X=42")}};
    n->spec = (ChildSpec){.id = 7,
                          .folder = n->folder,
                          .dir = S("run/child"),
                          .argv = n->argv,
                          .argv_n = 3,
                          .env = n->env,
                          .env_n = 2,
                          .cwd = folder_path(n->folder),
                          .stdout_path = in_nest(n, "out"),
                          .stderr_path = in_nest(n, "err"),
                          .orphan_grace_ms = PATIENCE_MS};
    check(loop_open(&n->loop, &err));
}

/* Nothing of the tree may be left. */
static void nest_close(Nest *n)
{
    eq_int(process_kill_marked(child_mark(test_arena(), in_nest(n, "run/child"))), 0);
    loop_close(n->loop);
    folder_gone(n->folder);
}

static void nest_start(Nest *n)
{
    Error err = {0};
    if (!child_start(n->loop, &n->spec, &err)) test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void nest_wait(Nest *n)
{
    SysEvent events[LOOP_EVENTS_MAX];
    Millis until = loop_now(n->loop) + PATIENCE_MS;
    while (!n->ends && loop_now(n->loop) < until) {
        int count = loop_wait(n->loop, until, events);
        for (int i = 0; i < count; i++) {
            if (events[i].kind != SYS_CHILD_ENDED) continue;
            eq_int(events[i].child_id, 7);
            n->exit = events[i].exit;
            n->ends++;
        }
    }
    eq_int(n->ends, 1);
}

/* The program tells that it is so far: it opens this pipe, which until then blocks us. */
static void nest_expect_sign(Nest *n)
{
    int fd;
    char c;
    FILE *in = fopen(in_nest(n, "sign").p, "r");
    ok(in != NULL);
    fd = fileno(in);
    ok(read(fd, &c, 1) == 1);
    fclose(in);
}

static void nest_make_sign(Nest *n)
{
    ok(!mkfifo(in_nest(n, "sign").p, 0600));
}

static Str nest_get(Nest *n, const char *name)
{
    Error err = {0};
    Str out;
    return file_slurp(n->folder, str_from(name), 1 << 20, test_arena(), &out, &err)
               ? out
               : error_name(err.code);
}

/* Runs each test with a PID namespace and without. */
static void both_ways(void (*test)(void))
{
    test();
    setenv("MAYFLY_KEEPER_PLAIN", "1", 1);
    test();
    unsetenv("MAYFLY_KEEPER_PLAIN");
}

/* --- ends --- */

static void exit_codes(void)
{
    struct {
        const char *script;
        int code, signal;
    } cases[] = {{"exit 0", 0, 0},
                 {"exit 7", 7, 0},
                 {"kill -9 $$", 0, 9},
                 {"kill -TERM $$", 0, 15},
                 {"nosuch", 127, 0}};
    for (int i = 0; i < countof(cases); i++) {
        Nest n;
        nest_open(&n, cases[i].script);
        Millis before = loop_now(n.loop);
        nest_start(&n);
        nest_wait(&n);
        eq_int(n.exit.code, cases[i].code);
        eq_int(n.exit.signal, cases[i].signal);
        eq_int(n.exit.cause, CHILD_BY_ITSELF);
        ok(!n.exit.lost && n.exit.started_at >= before && n.exit.ended_at >= n.exit.started_at);
        ok(n.exit.memory_max_bytes > 100000);
        ChildExit again = {0};
        ok(child_find(n.loop, n.folder, n.spec.dir, 7, &again) == CHILD_ENDED &&
           again.code == cases[i].code);
        nest_close(&n);
    }
}

TEST(child_reports_how_the_program_ended)
{
    both_ways(exit_codes);
}

static void expect_refusal(Nest *n, int code, const char *reason)
{
    nest_start(n);
    nest_wait(n);
    eq_int(n->exit.code, code);
    if (str_find(nest_get(n, "err"), str_from(reason)) < 0)
        test_fail(__FILE__, __LINE__, "no \"%s\" in \"%.*s\"", reason, STR(nest_get(n, "err")));
    nest_close(n);
}

TEST(child_that_cannot_run_says_why)
{
    Nest n;
    nest_open(&n, "");
    n.argv[0] = S("no-such-program");
    expect_refusal(&n, 127, "cannot run \"no-such-program\"");
    nest_open(&n, "");
    n.argv[0] = S("/etc/passwd");
    expect_refusal(&n, 126, "cannot run \"/etc/passwd\": Permission denied");
    nest_open(&n, "");
    n.spec.cwd = S("/nowhere");
    expect_refusal(&n, 127, "cannot enter \"/nowhere\"");
    Error err = {0};
    nest_open(&n, "\xff");
    ok(!child_start(n.loop, &n.spec, &err) && err.code == ERR_VALIDATION);
    nest_close(&n);
}

TEST(child_has_its_own_environment_folder_and_files)
{
    Nest n;
    Error err = {0};
    int fd;
    nest_open(&n, "pwd; echo \"$X$HOME\"; cat; echo oops >&2; ls /proc/self/fd | wc -l; ulimit -c");
    ok(file_open(n.folder, S("out"), FILE_CREATE, &fd, &err) &&
       file_write(fd, S("before\n"), &err));
    file_close(fd);
    nest_start(&n);
    nest_wait(&n);
    eq_str(nest_get(&n, "out"),
           str_printf(test_arena(), "before\n%.*s\n42\n4\n0\n", STR(folder_path(n.folder))));
    eq_str(nest_get(&n, "err"), S("oops\n"));
    nest_close(&n);
}

/* Its own mounts, or those of this test. */
static bool shares_mounts(Nest *n)
{
    char ours[64] = {0};
    ok(readlink("/proc/self/ns/mnt", ours, sizeof ours - 1) > 0);
    return str_eq(str_trim(nest_get(n, "own/mounts")), str_from(ours));
}

static void nest_hide(Nest *n, const Str *kept, int64_t kept_n)
{
    Error err = {0};
    ok(folder_make(n->folder, S("own/deep"), &err) && folder_make(n->folder, S("run"), &err) &&
       file_replace_durably(n->folder, S("secret"), S("of others\n"), &err));
    n->spec.cwd = in_nest(n, "own/deep");
    n->spec.stdout_path = in_nest(n, "own/out");
    n->spec.stderr_path = in_nest(n, "own/err");
    n->spec.hidden = folder_path(n->folder);
    n->spec.kept = kept;
    n->spec.kept_n = kept_n;
}

TEST(child_sees_only_what_it_may)
{
    Nest n;
    const Str kept[] = {S("own"), S("run")};
    nest_open(
        &n, "readlink /proc/self/ns/mnt >../mounts; echo mine >file; ls ../..;"
            "touch ../../new || echo sealed; umount -l ../.. || echo locked;"
            "unshare -Urm umount -l \"$PWD\"/../.. || echo still locked;"
            "cat ../../secret /proc/1/fd/*/../../secret /proc/1/root\"$PWD\"/../../secret; exit 6");
    nest_hide(&n, kept, 2);
    nest_start(&n);
    nest_wait(&n);
    eq_int(n.exit.code, 6);
    eq_str(nest_get(&n, "own/deep/file"), S("mine\n"));
    if (shares_mounts(&n))
        test_skip("no mount namespaces here");
    else
        eq_str(nest_get(&n, "own/out"), S("own\nrun\nsealed\nlocked\nstill locked\n"));
    eq_str(nest_get(&n, "run/child/keeper.log"), error_name(ERR_NOT_FOUND));
    nest_close(&n);
}

TEST(child_runs_unhidden_when_hiding_fails)
{
    Nest n;
    const Str kept[] = {S("own"), S("missing")};
    nest_open(&n, "readlink /proc/self/ns/mnt >../mounts; cat ../../secret");
    nest_hide(&n, kept, 2);
    nest_start(&n);
    nest_wait(&n);
    eq_int(n.exit.code, 0);
    eq_str(nest_get(&n, "own/out"), S("of others\n"));
    if (shares_mounts(&n))
        test_skip("no mount namespaces here");
    else
        ok(str_find(nest_get(&n, "run/child/keeper.log"), S("could not hide")) > 0);
    nest_close(&n);
}

static void daemon_ends(void)
{
    Nest n;
    nest_open(
        &n,
        "(setsid sleep 1000 & setsid sh -c 'sleep 2000 & sleep 3000' &) ; echo x >sign; exit 3");
    nest_make_sign(&n);
    nest_start(&n);
    nest_expect_sign(&n);
    nest_wait(&n);
    eq_int(n.exit.code, 3);
    nest_close(&n); /* looks for leftovers */
}

TEST(child_takes_its_daemons_with_it)
{
    both_ways(daemon_ends);
}

static void term_then_kill(void)
{
    Nest n;
    nest_open(&n, "trap 'echo x >sign' TERM; echo x >sign; while :; do sleep 1000 & wait; done");
    nest_make_sign(&n);
    nest_start(&n);
    nest_expect_sign(&n);
    child_signal(n.loop, 7, CHILD_INTERRUPT);
    nest_expect_sign(&n); /* it does not mind */
    child_signal(n.loop, 7, CHILD_KILL);
    child_signal(n.loop, 99, CHILD_KILL);
    nest_wait(&n);
    eq_int(n.exit.signal, 9);
    eq_int(n.exit.cause, CHILD_BY_KILL);
    child_signal(n.loop, 7, CHILD_KILL);
    nest_close(&n);
}

TEST(child_that_ignores_term_is_killed)
{
    both_ways(term_then_kill);
}

static void obeys_term(void)
{
    Nest n;
    nest_open(&n, "trap 'exit 5' TERM; echo x >sign; sleep 1000 & wait");
    nest_make_sign(&n);
    nest_start(&n);
    nest_expect_sign(&n);
    child_signal(n.loop, 7, CHILD_INTERRUPT);
    nest_wait(&n);
    eq_int(n.exit.code, 5);
    eq_int(n.exit.cause, CHILD_BY_ITSELF);
    nest_close(&n);
}

TEST(child_may_end_in_order)
{
    both_ways(obeys_term);
}

TEST(child_signalled_at_once_is_not_forgotten)
{
    Nest n;
    nest_open(&n, "sleep 1000");
    nest_start(&n);
    child_signal(n.loop, 7, CHILD_INTERRUPT);
    child_signal(n.loop, 7, CHILD_KILL);
    nest_wait(&n);
    ok(n.exit.signal == SIGKILL || n.exit.signal == SIGTERM);
    nest_close(&n);
}

static void limits(void)
{
    Nest n;
    nest_open(&n, "sleep 1000 & sleep 2000");
    n.spec.duration_ms_max = 50;
    nest_start(&n);
    nest_wait(&n);
    eq_int(n.exit.signal, 9);
    eq_int(n.exit.cause, CHILD_BY_DEADLINE);
    nest_close(&n);
    nest_open(&n, "(tail /dev/zero) ; sleep 1000");
    n.spec.memory_bytes_max = 100 * 1024 * 1024;
    nest_start(&n);
    nest_wait(&n);
    eq_int(n.exit.signal, 9);
    eq_int(n.exit.cause, CHILD_BY_MEMORY);
    ok(n.exit.memory_max_bytes > n.spec.memory_bytes_max);
    nest_close(&n);
}

TEST(child_is_held_to_its_limits)
{
    both_ways(limits);
}

/* --- exactly once --- */

TEST(child_started_twice_runs_once)
{
    Nest n;
    nest_open(&n, "echo ran");
    nest_start(&n);
    nest_start(&n);
    nest_wait(&n);
    n.ends = 0;
    nest_start(&n); /* long ended: told again, not run again */
    nest_wait(&n);
    eq_str(nest_get(&n, "out"), S("ran\n"));
    nest_close(&n);
}

TEST(child_started_by_two_processes_runs_once)
{
    for (int i = 0; i < 10; i++) {
        Nest n;
        nest_open(&n, "echo ran; sleep 0.01");
        Folder *folder = n.folder;
        loop_close(n.loop);   /* its threads would not survive the fork */
        pid_t other = fork(); /* tidy: another server */
        Error err;
        check(loop_open(&n.loop, &err));
        n.folder = folder;
        nest_start(&n);
        nest_wait(&n);
        if (!other) _exit(n.ends == 1 && !n.exit.lost && n.exit.code == 0 ? 0 : 1);
        int status;
        ok(waitpid(other, &status, 0) == other && status == 0);
        ok(!n.exit.lost);
        eq_str(nest_get(&n, "out"), S("ran\n"));
        nest_close(&n);
    }
}

TEST(child_that_never_started_is_known_as_such)
{
    Nest n;
    ChildExit exit;
    nest_open(&n, "echo ran");
    ok(child_find(n.loop, n.folder, n.spec.dir, 7, &exit) == CHILD_NEVER_STARTED);
    nest_start(&n);
    ok(child_find(n.loop, n.folder, n.spec.dir, 7, &exit) == CHILD_RUNNING);
    nest_wait(&n);
    eq_str(nest_get(&n, "out"), S("ran\n"));
    nest_close(&n);
}

/* --- owners --- */

/* A server that starts the child of `n` and is then killed. Afterwards `n` has a loop again,
 * without the child. */
static void start_by_another(Nest *n)
{
    nest_make_sign(n);
    loop_close(n->loop);
    pid_t other = fork(); /* tidy: another server */
    Error err;
    check(loop_open(&n->loop, &err));
    if (!other) {
        SysEvent events[LOOP_EVENTS_MAX];
        nest_start(n);
        for (;;) loop_wait(n->loop, INT64_MAX, events);
    }
    nest_expect_sign(n);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
}

static void await_keeper(Nest *n)
{
    ProcessId keeper;
    Millis at;
    ok(child_read_started(n->folder, n->spec.dir, &keeper, &at));
    struct pollfd p = {.fd = process_open(&keeper), .events = POLLIN};
    if (p.fd >= 0) ok(poll(&p, 1, PATIENCE_MS) == 1);
    if (p.fd >= 0) close(p.fd);
}

static void orphaned(void)
{
    Nest n;
    nest_open(&n, "echo x >sign; sleep 1000 & sleep 2000");
    n.spec.orphan_grace_ms = 100;
    start_by_another(&n);
    await_keeper(&n);
    eq_int(process_kill_marked(child_mark(test_arena(), in_nest(&n, "run/child"))), 0);
    eq_int(child_find(n.loop, n.folder, n.spec.dir, 7, &n.exit), CHILD_ENDED);
    eq_int(n.exit.cause, CHILD_BY_ORPHANING);
    eq_int(n.exit.signal, 9);
    nest_close(&n);
}

TEST(child_without_owner_ends_after_its_grace)
{
    both_ways(orphaned);
}

static void adopted(void)
{
    Nest n;
    nest_open(&n, "echo x >sign; read line <go; exit 9");
    ok(!mkfifo(in_nest(&n, "go").p, 0600));
    n.spec.orphan_grace_ms = 30 * 1000;
    start_by_another(&n);
    eq_int(child_find(n.loop, n.folder, n.spec.dir, 7, &n.exit), CHILD_RUNNING);
    FILE *go = fopen(in_nest(&n, "go").p, "w");
    ok(fputs("go\n", go) >= 0);
    fclose(go);
    nest_wait(&n);
    eq_int(n.exit.code, 9);
    eq_int(n.exit.cause, CHILD_BY_ITSELF);
    nest_close(&n);
}

TEST(child_is_adopted_by_the_next_owner)
{
    both_ways(adopted);
}

TEST(child_that_ended_meanwhile_tells_its_result)
{
    Nest n;
    nest_open(&n, "echo x >sign; exit 4");
    start_by_another(&n);
    await_keeper(&n);
    eq_int(child_find(n.loop, n.folder, n.spec.dir, 7, &n.exit), CHILD_ENDED);
    eq_int(n.exit.code, 4);
    nest_close(&n);
}

/* --- keepers that die --- */

static pid_t keeper_of(Nest *n)
{
    ProcessId keeper = {0};
    Millis at;
    ok(child_read_started(n->folder, n->spec.dir, &keeper, &at));
    return (pid_t)keeper.pid;
}

static void keeper_killed(void)
{
    Nest n;
    nest_open(&n, "echo x >sign; setsid sleep 1000 & setsid sleep 2000");
    nest_make_sign(&n);
    nest_start(&n);
    nest_expect_sign(&n);
    kill(keeper_of(&n), SIGKILL);
    nest_wait(&n);
    ok(n.exit.lost && n.exit.started_at > 0 && n.exit.ended_at >= n.exit.started_at);
    eq_int(child_find(n.loop, n.folder, n.spec.dir, 7, &n.exit), CHILD_ENDED);
    ok(n.exit.lost);
    nest_close(&n);
}

TEST(child_with_killed_keeper_is_lost_and_swept)
{
    both_ways(keeper_killed);
}

static void keeper_hangs(void)
{
    Nest n;
    nest_open(&n, "echo x >sign; setsid sleep 1000 & setsid sleep 2000");
    nest_make_sign(&n);
    nest_start(&n);
    nest_expect_sign(&n);
    kill(keeper_of(&n), SIGSTOP);
    child_signal(n.loop, 7, CHILD_KILL);
    child_signal(n.loop, 7, CHILD_KILL); /* asked twice: with force */
    nest_wait(&n);
    ok(!n.exit.lost);
    eq_int(n.exit.signal, 9);
    eq_int(n.exit.cause, CHILD_BY_KILL);
    eq_int(child_find(n.loop, n.folder, n.spec.dir, 7, &n.exit), CHILD_ENDED);
    eq_int(n.exit.cause, CHILD_BY_KILL);
    nest_close(&n);
}

TEST(child_with_stuck_keeper_can_be_killed)
{
    both_ways(keeper_hangs);
}

TEST(child_of_the_boot_before_is_lost)
{
    Nest n;
    Error err = {0};
    nest_open(&n, "true");
    ProcessId self;
    ok(process_identify(getpid(), &self)); /* a pid and start time that are in use today */
    self.boot[0] = self.boot[0] == '0' ? '1' : '0';
    ok(folder_make(n.folder, n.spec.dir, &err));
    Json started = process_to_json(test_arena(), &self, 12345);
    ok(file_replace_durably(n.folder, S("run/child/started"), json_to_str(test_arena(), &started),
                            &err));
    eq_int(child_find(n.loop, n.folder, n.spec.dir, 7, &n.exit), CHILD_ENDED);
    ok(n.exit.lost);
    eq_int(n.exit.started_at, 12345);
    nest_close(&n);
}
