/* What the programs that time commands share: a clock, a median, commands in turn. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Milliseconds of a clock that nobody sets. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int smaller(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

/* Sorts them. */
static double median(double *times, int count) {
    qsort(times, (size_t)count, sizeof *times, smaller);
    return times[count / 2];
}

/* Splits `NAME COMMAND... [, NAME COMMAND...]...` from the word at that place on, each to
 * end in NULL; returns how many there are. */
static int commands_of(int count, char **words, int at, int most, char ***commands) {
    int known = 0;
    for (; at < count && known < most; at++) {
        commands[known++] = words + at;
        while (at < count && strcmp(words[at], ",") != 0) {
            at++;
        }
        words[at] = NULL;
    }
    return known;
}
