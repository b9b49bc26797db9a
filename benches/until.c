/* Times commands until the program that they start begins, in turn, and prints medians.
 *
 *     until RUNS NAME COMMAND... [, NAME COMMAND...]...
 *
 * Each command must end by running what benches/started.c makes, which prints when it
 * began. Behind NAME: milliseconds until then, until the command ended, and what the
 * first of the two is of that of the first command. */
#define _GNU_SOURCE
#include "timing.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { most = 8, warmup = 5, rest_ms = 15 };

struct took {
    double until;
    double whole;
};

static struct took once(char **command) {
    char said[64] = "";
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        perror("pipe2");
        exit(1);
    }
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    double began = now();
    pid_t child;
    int status;
    if (posix_spawn(&child, command[0], &files, NULL, command, environ) != 0) {
        perror(command[0]);
        exit(1);
    }
    waitpid(child, &status, 0);
    struct took took = {.whole = now() - began};
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    ssize_t length = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    if (status != 0 || length <= 0) {
        fprintf(stderr, "%s ended with %#x and said nothing of a start\n", command[0],
                (unsigned)status);
        exit(1);
    }
    took.until = strtod(said, NULL) / 1e6 - began;
    /* What it left to do behind it is not to disturb the next. */
    nanosleep(&(struct timespec){.tv_nsec = rest_ms * 1000000L}, NULL);
    return took;
}

int main(int count, char **words) {
    int runs = count > 3 ? atoi(words[1]) : 0;
    if (runs < 1) {
        fprintf(stderr, "usage: until RUNS NAME COMMAND... [, NAME COMMAND...]...\n");
        return 1;
    }
    char **commands[most];
    double *until[most], *whole[most];
    int known = commands_of(count, words, 2, most, commands);
    for (int each = 0; each < known; each++) {
        until[each] = calloc((size_t)runs, sizeof(double));
        whole[each] = calloc((size_t)runs, sizeof(double));
    }
    for (int run = -warmup; run < runs; run++) {
        for (int each = 0; each < known; each++) {
            struct took took = once(commands[each] + 1);
            if (run >= 0) {
                until[each][run] = took.until;
                whole[each][run] = took.whole;
            }
        }
    }
    double first = 0;
    for (int each = 0; each < known; each++) {
        double time = median(until[each], runs);
        first = each == 0 ? time : first;
        printf("%s %.2f %.2f %.2f\n", commands[each][0], time, median(whole[each], runs),
               time / first);
    }
    return 0;
}
