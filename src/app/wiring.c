/* wiring.c - which module a timer's kind belongs to: one row a kind. */
#include "app/turn.h"

const TimerHandler timer_handlers[] = {
    {0},
};
