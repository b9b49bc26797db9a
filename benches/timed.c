/* Times programs that read a file on standard input, in turn, and prints medians.
 *
 *     timed RUNS INPUT NAME COMMAND... [, NAME COMMAND...]...
 *
 * The first is the one that the others are compared with. hyperfine cannot give a file
 * to standard input in the version that Debian 12 has. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { most = 16, warmup = 20 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static double once(const char *input, char **command) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    double began = now();
    pid_t child;
    int status;
    if (posix_spawn(&child, command[0], &files, NULL, command, environ) != 0) {
        perror(command[0]);
        exit(1);
    }
    waitpid(child, &status, 0);
    double took = now() - began;
    posix_spawn_file_actions_destroy(&files);
    if (status != 0) {
        fprintf(stderr, "%s ended with %#x\n", command[0], (unsigned)status);
        exit(1);
    }
    return took;
}

static int smaller(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **words) {
    int runs = count > 4 ? atoi(words[1]) : 0;
    if (runs < 1) {
        fprintf(stderr, "usage: timed RUNS INPUT NAME COMMAND... [, NAME COMMAND...]...\n");
        return 1;
    }
    char **commands[most];
    double *times[most];
    int known = 0;
    for (int at = 3; at < count && known < most; at++) {
        commands[known] = words + at;
        times[known++] = calloc((size_t)runs, sizeof(double));
        while (at < count && strcmp(words[at], ",") != 0)
            at++;
        words[at] = NULL;
    }
    for (int run = -warmup; run < runs; run++)
        for (int each = 0; each < known; each++) {
            double took = once(words[2], commands[each] + 1);
            if (run >= 0)
                times[each][run] = took;
        }
    double bare = 0;
    for (int each = 0; each < known; each++) {
        qsort(times[each], (size_t)runs, sizeof(double), smaller);
        double median = times[each][runs / 2];
        if (each == 0)
            bare = median;
        printf("  %-36s %9.3f ms %7.2f\n", commands[each][0], median, median / bare);
    }
    return 0;
}
