/* main.c - the program's door: the keeper of a child first (nothing may delay it), a worker, else a command of cli/. */
#include "cli/cli.h"
#include "sys/child.h"
#include "sys/worker.h"

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "keep")) return child_keeper_main(argv[2]);
    if (argc > 2 && !strcmp(argv[1], "worker")) return worker_main(argc, argv);
    return cli_main(argc, argv);
}
