/* replay.h - recorded scenarios of executions, each with a power cut at every write of its run. */
#pragma once
#include "world.h"

/* Runs each scenario undisturbed, then again and again with a power cut at write k, k + every, ...:
 * the history must be the same. Scenarios are our own machines (states.h) and, where there is such
 * a file, the definitions and inputs of recorded run cases, one JSON object a line. */
must_use bool replay_run(const char *path, int64_t every);
