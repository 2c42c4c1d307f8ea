/* life.h - lives of the server: opened, run turn by turn, ended in some way, opened again, as a seed wants it. */
#pragma once
#include "world.h"

struct Db;
struct ServerConfig;

/* Before the first life. `inspect` (NULL: nobody) sees the disk after each life, however it ended.
 * What is returned may be changed: so will all servers of this seed be configured. */
struct ServerConfig *life_open(void (*inspect)(void));

/* Runs the server, again and again after each end, until `over` says so between two turns; then
 * stops it cleanly. */
void life_until(bool (*over)(void));
/* Of the server that runs: its database; whether an event is being decided, or a turn not yet
 * committed. */
struct Db *life_db(void);
bool life_deciding(void);
/* From now on nothing fails any more: what is under way must settle. */
void life_calm(void);
void life_power_cut(void); /* between two calls of life_until */
/* Weather that comes by itself: crashes at any moment, a disk that is full for a while. */
void life_weather(void);
