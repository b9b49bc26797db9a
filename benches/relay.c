/*
 * Measures what stands between a terminal and a command.
 *
 *   relay speed COMMAND...   starts the command on a pty of its own, reads all it
 *                            writes; prints bytes per second between the first
 *                            byte and the last, and the processor time in seconds
 *                            that the command and what is around it took
 *   relay echo KEYS COMMAND...
 *                            the command writes `!` and reads on; types so many
 *                            keys, one at a time, and prints p50 and p99 of the
 *                            time until the terminal shows each, in microseconds
 *
 * The reader is the same for every command, so ratios of what it prints say what
 * the wrapper costs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[64 * 1024];

static void fail(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

/* Starts the command as the leader of a session on a new pty. */
static pid_t start(int *master, char **command) {
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    pid_t child = forkpty(master, NULL, NULL, &size);
    if (child == -1) fail("forkpty");
    if (child == 0) {
        execvp(command[0], command);
        fail(command[0]);
    }
    return child;
}

static void finish(pid_t child) {
    int status;
    if (waitpid(child, &status, 0) == -1) fail("waitpid");
    if (status != 0) {
        fprintf(stderr, "relay: the command failed\n");
        exit(1);
    }
}

static void speed(char **command) {
    int master;
    pid_t child = start(&master, command);
    double first = 0, last = 0, bytes = 0;
    for (;;) {
        ssize_t length = read(master, buffer, sizeof buffer);
        if (length <= 0) break;
        last = now();
        if (first == 0) first = last;
        bytes += length;
    }
    finish(child);
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    printf("%.0f %.3f\n", bytes / (last - first), seconds(used.ru_utime) + seconds(used.ru_stime));
}

static int later(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static void expect(int master, char wanted) {
    char byte;
    do {
        if (read(master, &byte, 1) != 1) fail("read");
    } while (byte != wanted);
}

static void echo(int keys, char **command) {
    int master;
    pid_t child = start(&master, command);
    double *times = calloc(keys, sizeof *times);
    struct timespec pause = {.tv_nsec = 1000 * 1000};
    if (!times || keys < 100) fail("at least 100 keys");
    expect(master, '!');
    for (int key = 0; key < keys; key++) {
        nanosleep(&pause, NULL);
        double typed = now();
        if (write(master, "k", 1) != 1) fail("write");
        expect(master, 'k');
        times[key] = (now() - typed) * 1e6;
    }
    if (write(master, "\n\004", 2) != 2) fail("write");
    while (read(master, buffer, sizeof buffer) > 0) continue;
    finish(child);
    qsort(times, keys, sizeof *times, later);
    printf("%.1f %.1f\n", times[keys / 2], times[keys - keys / 100 - 1]);
}

int main(int count, char **words) {
    if (count >= 3 && !strcmp(words[1], "speed")) speed(words + 2);
    else if (count >= 4 && !strcmp(words[1], "echo")) echo(atoi(words[2]), words + 3);
    else return 64;
    return 0;
}
