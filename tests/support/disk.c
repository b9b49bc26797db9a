/* Has the disk of one process fail: no fsync or fdatasync of the path succeeds that a
 * file says, "ERRNO PATH". With "-MILLISECONDS PATH" it only takes that long. Loaded with LD_PRELOAD; the file is named by DISK_FAULT. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fault_of(int descriptor)
{
    char wanted[4096] = "", link[64], found[4096];
    int error = 0;
    const char *name = getenv("DISK_FAULT");
    FILE *file = name ? fopen(name, "re") : NULL;
    if (!file)
        return 0;
    if (fscanf(file, "%d %4095[^\n]", &error, wanted) != 2)
        error = 0;
    fclose(file);
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, found, sizeof found - 1);
    if (length < 0)
        return 0;
    found[length] = 0;
    return strcmp(found, wanted) == 0 ? error : 0;
}

static int sync_or_fail(long call, int descriptor)
{
    int error = fault_of(descriptor);
    if (error < 0)
        usleep(-error * 1000);
    if (error <= 0)
        return (int)syscall(call, descriptor);
    errno = error;
    return -1;
}

int fdatasync(int descriptor) { return sync_or_fail(SYS_fdatasync, descriptor); }
int fsync(int descriptor) { return sync_or_fail(SYS_fsync, descriptor); }
