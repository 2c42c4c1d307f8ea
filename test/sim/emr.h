/* emr.h - clients that run clusters and steps, and remember what each answer promised. */
#pragma once
#include "world.h"

void emr_open(int64_t requests);
void emr_close(void);
bool emr_done(void);
/* From now on they end what still lives, and look at each cluster and step when it has ended;
 * emr_done tells when. */
void emr_verify(void);
