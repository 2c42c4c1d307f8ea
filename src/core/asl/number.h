/* number.h - private to this folder: rounding and Java's seeded random numbers. */
#pragma once
#include "core/asl/expr.h"

int64_t asl_round(double x);
int64_t asl_java_random(int64_t seed,
                        int64_t bound); /* new Random(seed).nextInt(bound); bound > 0 */
