/* Times programs that read a file on standard input, in turn, and prints medians.
 *
 *     timed RUNS INPUT NAME COMMAND... [, NAME COMMAND...]...
 *
 * The first is the one that the others are compared with. hyperfine cannot give a file
 * to standard input in the version that Debian 12 has. */
#include "timing.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

extern char **environ;

enum { most = 16, warmup = 20 };

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

int main(int count, char **words) {
    int runs = count > 4 ? atoi(words[1]) : 0;
    if (runs < 1) {
        fprintf(stderr, "usage: timed RUNS INPUT NAME COMMAND... [, NAME COMMAND...]...\n");
        return 1;
    }
    char **commands[most];
    double *times[most];
    int known = commands_of(count, words, 3, most, commands);
    for (int each = 0; each < known; each++)
        times[each] = calloc((size_t)runs, sizeof(double));
    for (int run = -warmup; run < runs; run++)
        for (int each = 0; each < known; each++) {
            double took = once(words[2], commands[each] + 1);
            if (run >= 0)
                times[each][run] = took;
        }
    double bare = 0;
    for (int each = 0; each < known; each++) {
        double time = median(times[each], runs);
        if (each == 0)
            bare = time;
        printf("  %-36s %9.3f ms %7.2f\n", commands[each][0], time, time / bare);
    }
    return 0;
}
