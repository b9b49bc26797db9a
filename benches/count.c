/* Counts the instructions a command executes in user space until it becomes
 * another program (its first execve that succeeds) or ends.
 *
 *     count COMMAND [ARGUMENT]...
 *
 * The command gets exactly our environment, which valgrind would change: an
 * LD_PRELOAD is a reason for airlock-exec to ask a person. Its output goes to
 * standard error; the count alone goes to standard output. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "count: %s: %s\n", what, strerror(errno));
    exit(2);
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "usage: count COMMAND [ARGUMENT]...\n");
        return 2;
    }
    /* Both on one processor: waking another for each instruction takes five times as long. */
    int processor = sched_getcpu();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor == -1 ? 0 : processor, &one);
    if (sched_setaffinity(0, sizeof one, &one) == -1)
        fail("sched_setaffinity");
    pid_t child = fork();
    if (child == -1)
        fail("fork");
    if (child == 0) {
        dup2(2, 1);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execvp(arguments[1], arguments + 1);
        fail(arguments[1]);
    }
    int status;
    if (waitpid(child, &status, 0) == -1)
        fail("waitpid");
    if (!WIFSTOPPED(status))
        return 2;
    if (ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) == -1)
        fail("ptrace");
    unsigned long long executed = 0;
    int signal = 0;
    while (ptrace(PTRACE_SINGLESTEP, child, 0, signal) == 0) {
        if (waitpid(child, &status, 0) == -1)
            fail("waitpid");
        if (!WIFSTOPPED(status)) {
            fprintf(stderr, "count: it ended and became no other program\n");
            printf("%llu\n", executed);
            return 1;
        }
        executed++;
        if (status >> 16 == PTRACE_EVENT_EXEC) {
            printf("%llu\n", executed);
            return 0;
        }
        signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    }
    fail("ptrace");
}
