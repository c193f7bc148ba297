// Preloaded into a process, it makes its host bad while control files say so. DROVER_CHAOS_DISK names the first, or it
// is /tmp/hang-syncs; its first word says what the disk does:
//   hang, or nothing   no fdatasync or fsync returns while the file is there
//   slow N             they take N milliseconds longer
//   fail               they answer EIO, and nothing is synced
//   full               no file grows: ENOSPC
// DROVER_CHAOS_CLOCK names the second: a number of seconds by which the wall clock is wrong.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))

// What a control file says; 0 when there is none.
static int order(const char *path, char *text, size_t size) {
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return 0;
    ssize_t count = read(file, text, size - 1);
    text[count > 0 ? count : 0] = 0;
    close(file);
    return 1;
}

static const char *disk(void) {
    const char *named = getenv("DROVER_CHAOS_DISK");
    return named ? named : "/tmp/hang-syncs";
}

static int sync_on_it(const char *name, int descriptor) {
    char text[64];
    int millis;
    while (order(disk(), text, sizeof text)) {
        if (strncmp(text, "full", 4) == 0)
            break;
        if (strncmp(text, "fail", 4) == 0) {
            errno = EIO;
            return -1;
        }
        if (sscanf(text, "slow %d", &millis) == 1) {
            usleep(millis * 1000);
            break;
        }
        usleep(5000);
    }
    return REAL(name, int (*)(int))(descriptor);
}

int fdatasync(int descriptor) { return sync_on_it("fdatasync", descriptor); }
int fsync(int descriptor) { return sync_on_it("fsync", descriptor); }

// Whether writing up to `end` would need room that is not there.
static int too_long(int descriptor, off_t end) {
    char text[64];
    struct stat about;
    if (fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode) || end <= about.st_size)
        return 0;
    return order(disk(), text, sizeof text) && strncmp(text, "full", 4) == 0;
}

static ssize_t no_room(void) {
    errno = ENOSPC;
    return -1;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    // What it logs is not on that disk.
    if (descriptor > 2) {
        int flags = fcntl(descriptor, F_GETFL);
        off_t at = lseek(descriptor, 0, flags >= 0 && flags & O_APPEND ? SEEK_END : SEEK_CUR);
        if (at >= 0 && too_long(descriptor, at + (off_t)count))
            return no_room();
    }
    return REAL("write", ssize_t (*)(int, const void *, size_t))(descriptor, bytes, count);
}

static ssize_t write_there(const char *name, int descriptor, const void *bytes, size_t count, off_t at) {
    if (too_long(descriptor, at + (off_t)count))
        return no_room();
    return REAL(name, ssize_t (*)(int, const void *, size_t, off_t))(descriptor, bytes, count, at);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t at) {
    return write_there("pwrite", descriptor, bytes, count, at);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t at) {
    return write_there("pwrite64", descriptor, bytes, count, at);
}

static int grow(const char *name, int descriptor, off_t size) {
    if (too_long(descriptor, size))
        return (int)no_room();
    return REAL(name, int (*)(int, off_t))(descriptor, size);
}

int ftruncate(int descriptor, off_t size) { return grow("ftruncate", descriptor, size); }
int ftruncate64(int descriptor, off_t size) { return grow("ftruncate64", descriptor, size); }

// Asked so often that the file is read ten times a second at most.
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    static volatile long wrong_by;
    static volatile time_t looked;
    if (!real)
        real = REAL("clock_gettime", int (*)(clockid_t, struct timespec *));
    int answer = real(clock, time);
    if (answer != 0 || clock != CLOCK_REALTIME)
        return answer;
    time_t tenth = time->tv_sec * 10 + time->tv_nsec / 100000000;
    if (tenth != looked) {
        char text[64];
        looked = tenth;
        wrong_by = order(getenv("DROVER_CHAOS_CLOCK"), text, sizeof text) ? atol(text) : 0;
    }
    time->tv_sec += wrong_by;
    return 0;
}
