/*
 * Reports what a program sees of its surroundings, one fact a line, into the
 * file named by its first argument: what is the same with airlock-exec and
 * without it gives the same report. Process numbers are left out.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;
static FILE *report;
static int report_fd;

static void descriptor(int fd) {
    struct stat found;
    if (fd == report_fd || fstat(fd, &found) == -1) return;
    fprintf(report, "fd %d type %o getfd %d getfl %o", fd, found.st_mode & S_IFMT,
            fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
    if (isatty(fd)) fprintf(report, " terminal");
    else fprintf(report, " dev %lx ino %lu", (long)found.st_dev, (long)found.st_ino);
    if (S_ISREG(found.st_mode)) fprintf(report, " offset %ld", (long)lseek(fd, 0, SEEK_CUR));
    fputc('\n', report);
}

static void descriptors(void) {
    for (int fd = 0; fd < 1024; fd++) descriptor(fd);
    for (int fd = 0; fd < 3; fd++) fprintf(report, "isatty %d %d\n", fd, isatty(fd));
}

static void terminal(void) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios settings;
    struct winsize size;
    fprintf(report, "/dev/tty %s\n", fd == -1 ? strerror(errno) : "opens");
    if (fd == -1) return;
    memset(&settings, 0, sizeof settings);
    tcgetattr(fd, &settings);
    fprintf(report, "termios %x %x %x %x %d", settings.c_iflag, settings.c_oflag,
            settings.c_cflag, settings.c_lflag, settings.c_line);
    for (int i = 0; i < NCCS; i++) fprintf(report, " %d", settings.c_cc[i]);
    fprintf(report, "\nspeed %u %u\n", cfgetispeed(&settings), cfgetospeed(&settings));
    ioctl(fd, TIOCGWINSZ, &size);
    fprintf(report, "size %d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
    fprintf(report, "foreground %d\n", tcgetpgrp(fd) == getpgrp());
    close(fd);
}

static void limits(void) {
    for (int which = 0; which < RLIM_NLIMITS; which++) {
        struct rlimit limit;
        getrlimit(which, &limit);
        fprintf(report, "limit %d %lu %lu\n", which, (long)limit.rlim_cur, (long)limit.rlim_max);
    }
}

/* What execve keeps and fork does not. */
static void kept(void) {
    int reaper = 0;
    for (int which = 0; which < 3; which++) {
        struct itimerval left;
        getitimer(which, &left);
        fprintf(report, "timer %d %s\n", which,
                left.it_value.tv_sec || left.it_value.tv_usec ? "runs" : "off");
    }
    prctl(PR_GET_CHILD_SUBREAPER, &reaper);
    fprintf(report, "subreaper %d\n", reaper);
}

static void lines_of(const char *path, const char *const *names) {
    char line[4096];
    FILE *file = fopen(path, "re");
    if (!file) return;
    while (fgets(line, sizeof line, file))
        for (const char *const *name = names; *name; name++)
            if (!**name || !strncmp(line, *name, strlen(*name))) fputs(line, report);
    fclose(file);
}

static void text(const char *name, const char *bytes) {
    fprintf(report, "%s ", name);
    for (; *bytes; bytes++)
        fprintf(report, *bytes > 32 && *bytes < 127 ? "%c" : "\\%02x", (unsigned char)*bytes);
    fputc('\n', report);
}

int main(int argc, char **argv) {
    static const char *const status[] = {"SigP", "SigB", "SigI", "SigC", "Shd", "Cap", "Uid", "Gid", "Groups", "NoNew",
                                         "Seccomp:", "Cpus_allowed:", "Umask", "Threads", 0};
    static const char *const all[] = {"", 0};
    char directory[4096];
    if (argc < 2) return 64;
    report = fopen(argv[1], "we");
    if (!report) return 65;
    report_fd = fileno(report);
    descriptors();
    terminal();
    limits();
    kept();
    lines_of("/proc/self/status", status);
    lines_of("/proc/self/cgroup", all);
    lines_of("/proc/self/comm", all);
    lines_of("/proc/self/oom_score_adj", all);
    fprintf(report, "nice %d\n", getpriority(PRIO_PROCESS, 0));
    text("cwd", getcwd(directory, sizeof directory) ? directory : strerror(errno));
    for (int i = 0; i < argc; i++) text("argument", argv[i]);
    /* A shell sets `_` to the program it starts, which is the one thing that differs. */
    for (char **variable = environ; *variable; variable++)
        if (strncmp(*variable, "_=", 2)) text("variable", *variable);
    return ferror(report) || fclose(report) ? 66 : 0;
}
