/* hide.h - inside sys/: takes a folder out of a program's sight, but for some folders in it. */
#pragma once
#include "base/str.h"

/* In a mount namespace of our own whose mounts are private: an empty folder takes the place of the
 * absolute path, and the `kept` ones below it (existing folders, relative) are shown in it. false:
 * everything is as before. */
bool hide_folder(Str folder, const Str *kept, int64_t n);

/* `folder` is seen as /opt, read only, unless a path of `programs` leads there. */
bool show_as_opt(Str folder, const Str *programs, int64_t n);

/* This process, and what it will become by exec, can neither undo that nor go around it: it loses
 * the capabilities to mount, trace, load modules and open files by number. Root keeps those for
 * owners, modes, users, ports and the like. */
void hide_for_good(void);
