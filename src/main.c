/* main.c - the program's door: the keeper of a child first (nothing may delay it), else a command of cli/. */
#include "cli/cli.h"
#include "sys/child.h"

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "keep")) return child_keeper_main(argv[2]);
    return cli_main(argc, argv);
}
