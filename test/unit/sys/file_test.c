/* file_test.c - files on a real disk: contents, durability calls, errors, and that no path leaves the folder. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/path.h"
#include "world.h"

static const char *at(Folder *f, const char *name)
{
    return str_z(test_arena(), str_printf(test_arena(), "%.*s/%s", STR(folder_path(f)), name));
}

static void put(Folder *f, const char *path, Str bytes)
{
    Error err = {0};
    if (!file_replace_durably(f, str_from(path), bytes, &err))
        test_fail(__FILE__, __LINE__, "%s", err.text);
}

static Str get(Folder *f, const char *path)
{
    Error err = {0};
    Str out = {0};
    return file_slurp(f, str_from(path), 1 << 20, test_arena(), &out, &err) ? out
                                                                            : error_name(err.code);
}

TEST(file_replaces_whole_and_leaves_nothing_beside)
{
    Folder *f = fresh_folder();
    Error err = {0};
    StrVec names;
    put(f, "state.json", S("one"));
    put(f, "state.json", S("two, longer"));
    put(f, "state.json", S(""));
    eq_str(get(f, "state.json"), S(""));
    put(f, "state.json", S("last"));
    eq_str(get(f, "state.json"), S("last"));
    ok(folder_list(f, S(""), test_arena(), &names, &err));
    eq_int(names.n, 1);
    ok(!file_replace_durably(f, S("no/such/state"), S("x"), &err));
    eq_int(err.code, ERR_NOT_FOUND);
    folder_gone(f);
}

TEST(file_modes_do_what_they_say)
{
    Folder *f = fresh_folder();
    Error err = {0};
    int fd;
    ok(file_open(f, S("a"), FILE_CREATE, &fd, &err) && file_write(fd, S("abc"), &err) &&
       file_sync(fd, &err));
    file_close(fd);
    ok(!file_open(f, S("a"), FILE_CREATE, &fd, &err) && err.code == ERR_EXISTS);
    ok(file_open(f, S("a"), FILE_APPEND, &fd, &err) && file_write(fd, S("def"), &err));
    file_close(fd);
    eq_str(get(f, "a"), S("abcdef"));
    ok(file_open(f, S("a"), FILE_REPLACE, &fd, &err));
    file_close(fd);
    eq_str(get(f, "a"), S(""));
    ok(!file_open(f, S("b"), FILE_READ, &fd, &err) && err.code == ERR_NOT_FOUND);
    ok(!file_open(f, S("a/b"), FILE_READ, &fd, &err) && err.code == ERR_NOT_FOLDER);
    ok(folder_make(f, S("d"), &err) && !file_open(f, S("d"), FILE_READ, &fd, &err) &&
       err.code == ERR_IS_FOLDER);
    struct stat st;
    ok(!stat(at(f, "a"), &st) && (st.st_mode & 0777) == 0600);
    ok(file_make_executable(f, S("a"), &err) && !access(at(f, "a"), X_OK));
    folder_gone(f);
}

TEST(file_reads_ranges_and_copies)
{
    Folder *f = fresh_folder();
    Error err = {0};
    int from, to;
    int64_t got, size;
    char some[10];
    Buf b = {.a = test_arena()};
    for (int i = 0; i < 100000; i++) buf_printf(&b, "%09d\n", i);
    put(f, "numbers", buf_str(&b));
    ok(file_open(f, S("numbers"), FILE_READ, &from, &err));
    ok(file_read(from, 500000, some, 10, &got, &err) && got == 10 &&
       !memcmp(some, "000050000\n", 10));
    ok(file_read(from, 999995, some, 10, &got, &err) && got == 5);
    ok(file_read(from, 2000000, some, 10, &got, &err) && got == 0);
    FileMode modes[] = {FILE_REPLACE,
                        FILE_APPEND}; /* the kernel copies, and refuses to (by hand) */
    for (int i = 0; i < 2; i++) {
        Str name = str_printf(test_arena(), "copy%d", i);
        ok(file_open(f, name, modes[i], &to, &err) && file_write(to, S("head\n"), &err));
        ok(file_copy_range(from, 10, 999990 - 10, to, &err) &&
           file_copy_range(from, 0, 10, to, &err));
        ok(file_size(to, &size, &err) && size == 5 + 999980 + 10);
        Str copy = get(f, str_z(test_arena(), name));
        ok(str_starts(copy, S("head\n000000001\n")) && str_ends(copy, S("000099998\n000000000\n")));
        ok(!file_copy_range(from, 0, 1000001, to, &err) && err.code == ERR_IO);
        file_close(to);
    }
    file_close(from);
    Str out;
    ok(!file_slurp(f, S("numbers"), 999999, test_arena(), &out, &err) &&
       err.code == ERR_REQUEST_TOO_LARGE);
    folder_gone(f);
}

static void expect_no_way_out(Folder *f)
{
    const char *bad[] = {"..",  "../x", "a/../../x",  "a/..",   "/etc/passwd", "a//b", "./a",
                         "a/.", "a/",   "out/passwd", "passwd", "up/x",        "loop", "proc/exe"};
    for (int i = 0; i < countof(bad); i++) {
        Error err = {0};
        int fd;
        if (file_open(f, str_from(bad[i]), FILE_READ, &fd, &err))
            test_fail(__FILE__, __LINE__, "left by %s", bad[i]);
        else if (err.code != ERR_ACCESS_DENIED && err.code != ERR_NOT_FOLDER)
            test_fail(__FILE__, __LINE__, "%s: %s", bad[i], err.text);
        ok(!file_open(f, str_from(bad[i]), FILE_APPEND, &fd, &err));
    }
    Error err = {0};
    int fd;
    ok(!file_open(f, (Str){"a\0b", 3}, FILE_READ, &fd, &err) && err.code == ERR_ACCESS_DENIED);
    ok(!file_rename(f, S("real"), S("out/x"), &err) && err.code != ERR_NONE);
    ok(!file_rename(f, S("real"), S("../x"), &err) && err.code == ERR_ACCESS_DENIED);
    ok(!file_remove(f, S("out/passwd"), &err) && !folder_make(f, S("out/y"), &err));
    ok(!folder_remove_tree(f, S("out/tmp"), &err) && !folder_remove_tree(f, S(""), &err));
}

TEST(file_paths_do_not_leave_the_folder)
{
    Folder *f = fresh_folder();
    put(f, "real", S("inside"));
    ok(!symlink("/etc", at(f, "out")) && !symlink("/etc/passwd", at(f, "passwd")) &&
       !symlink("..", at(f, "up")));
    ok(!symlink("loop", at(f, "loop")) && !symlink("/proc/self", at(f, "proc")) &&
       !symlink("real", at(f, "link")));
    expect_no_way_out(f);
    eq_str(get(f, "link"), S("inside")); /* a link that stays inside is no harm */
    path_without_openat2(true);
    expect_no_way_out(f);
    eq_str(get(f, "link"), S("AccessDeniedException"));
    eq_str(get(f, "real"), S("inside"));
    path_without_openat2(false);
    folder_gone(f);
}

TEST(file_long_names_are_refused)
{
    Folder *f = fresh_folder();
    Error err = {0};
    int fd;
    char name[6000];
    memset(name, 'x', sizeof name);
    ok(!file_open(f, (Str){name, 256}, FILE_CREATE, &fd, &err) && err.code == ERR_NAME_TOO_LONG);
    ok(!file_rename(f, S("a"), (Str){name, 256}, &err) && err.code == ERR_NAME_TOO_LONG);
    ok(!file_open(f, (Str){name, 6000}, FILE_CREATE, &fd, &err) && err.code == ERR_NAME_TOO_LONG);
    ok(file_open(f, (Str){name, 255}, FILE_CREATE, &fd, &err));
    file_close(fd);
    folder_gone(f);
}

TEST(file_pipes_and_devices_are_no_files)
{
    Folder *f = fresh_folder();
    Error err = {0};
    int fd;
    ok(!mkfifo(at(f, "pipe"), 0600));
    ok(!file_open(f, S("pipe"), FILE_READ, &fd, &err) && err.code == ERR_ACCESS_DENIED);
    ok(!file_open(f, S("pipe"), FILE_REPLACE, &fd, &err));
    folder_gone(f);
}

TEST(file_rename_makes_parents_and_remove_forgives)
{
    Folder *f = fresh_folder();
    Error err = {0};
    FileInfo info;
    bool removed;
    put(f, "a", S("new"));
    ok(file_rename(f, S("a"), S("x/y/b"), &err));
    put(f, "c", S("newer"));
    ok(file_rename(f, S("c"), S("x/y/b"), &err));
    eq_int(err.code, ERR_NONE);
    eq_str(get(f, "x/y/b"), S("newer"));
    ok(!file_rename(f, S("gone"), S("x/y/b"), &err) && err.code == ERR_NOT_FOUND);
    ok(file_info(f, S("x/y"), &info, &err) && info.is_folder);
    ok(file_info(f, S("x/y/b"), &info, &err) && !info.is_folder && info.size == 5 &&
       info.modified_at > 1600000000000);
    ok(folder_sync(f, S("x/y"), &err) && folder_sync(f, S(""), &err));
    ok(folder_remove_if_empty(f, S("x/y"), &removed, &err) && !removed);
    ok(file_remove(f, S("x/y/b"), &err) && file_remove(f, S("x/y/b"), &err) &&
       file_remove(f, S("no/such"), &err));
    ok(folder_remove_if_empty(f, S("x/y"), &removed, &err) && removed);
    ok(!file_remove(f, S("x"), &err));
    folder_gone(f);
}

TEST(folder_lists_in_byte_order)
{
    Folder *f = fresh_folder();
    Error err = {0};
    StrVec names;
    const char *some[] = {"b", "a", "B", "a.b", "\xc3\xa9", "a0"};
    for (int i = 0; i < countof(some); i++) put(f, some[i], S("x"));
    ok(folder_list(f, S(""), test_arena(), &names, &err));
    eq_str(str_join(test_arena(), names.p, names.n, S(" ")), S("B a a.b a0 b \xc3\xa9"));
    ok(!folder_list(f, S("a"), test_arena(), &names, &err) && err.code == ERR_NOT_FOLDER);
    ok(!folder_list(f, S("zz"), test_arena(), &names, &err) && err.code == ERR_NOT_FOUND);
    folder_gone(f);
}

/* 2,000 folders deep: deeper than descriptors or a path reach. */
static void make_deep(Folder *f)
{
    int fd = open(at(f, "tree"), O_DIRECTORY | O_RDONLY);
    for (int i = 0; i < 2000; i++) {
        ok(!mkdirat(fd, "d", 0700));
        int next = openat(fd, "d", O_DIRECTORY | O_RDONLY);
        close(fd);
        fd = next;
    }
    close(fd);
}

TEST(folder_tree_is_removed_and_links_are_not_followed)
{
    Folder *f = fresh_folder();
    Error err = {0};
    FileInfo info;
    put(f, "kept", S("x"));
    ok(folder_make(f, S("keep"), &err) && folder_make(f, S("tree/a/b/c"), &err) &&
       folder_make(f, S("tree/a/b/c"), &err));
    put(f, "keep/kept", S("x"));
    put(f, "tree/a/b/file", S("x"));
    ok(!symlink("../../keep", at(f, "tree/a/link")) && !symlink("../kept", at(f, "tree/link")));
    ok(!chmod(at(f, "tree/a/b"), 0));
    make_deep(f);
    ok(folder_remove_tree(f, S("tree"), &err));
    ok(!file_info(f, S("tree"), &info, &err) && err.code == ERR_NOT_FOUND);
    eq_str(get(f, "keep/kept"), S("x"));
    ok(folder_remove_tree(f, S("tree"), &err));
    ok(!folder_make(f, S("kept/x"), &err) && err.code == ERR_NOT_FOLDER);
    ok(!folder_make(f, S("kept"), &err) && err.code == ERR_NOT_FOLDER);
    folder_gone(f);
}

TEST(folder_lock_is_held_until_the_process_ends)
{
    Folder *f = fresh_folder(), *again;
    Error err = {0};
    ok(folder_lock(f, &err));
    ok(folder_open(folder_path(f), true, &again, &err));
    ok(!folder_lock(again, &err) && err.code == ERR_EXISTS);
    Str pid = str_printf(test_arena(), "process %d", (int)getpid());
    ok(str_find(error_text(&err), pid) > 0);
    folder_close(again);
    ok(!folder_open(S("/nowhere/at/all"), true, &again, &err) && err.code == ERR_NOT_FOUND);
    folder_gone(f);
}
