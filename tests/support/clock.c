/* Shifts the clocks of one process by what a file says: "WALL BOOT" in seconds.
 * Loaded with LD_PRELOAD; the file is named by CLOCK_SHIFT. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    long wall = 0, boot = 0;
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    const char *path = getenv("CLOCK_SHIFT");
    FILE *file = path && result == 0 ? fopen(path, "re") : NULL;
    if (file) {
        if (fscanf(file, "%ld %ld", &wall, &boot) != 2)
            wall = boot = 0;
        fclose(file);
    }
    if (clock == CLOCK_REALTIME)
        now->tv_sec += wall;
    if (clock == CLOCK_BOOTTIME)
        now->tv_sec += boot;
    return result;
}
