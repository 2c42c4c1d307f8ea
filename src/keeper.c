/* keeper.c - the program mayfly-keeper: `mayfly keep DIR` alone, small and static: one runs beside each child. */
#include "sys/child.h"

int main(int argc, char **argv)
{
    return argc == 3 && !strcmp(argv[1], "keep") ? child_keeper_main(argv[2]) : 2;
}
