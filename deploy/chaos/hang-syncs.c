// Preloaded into a server: fdatasync and fsync do not return while /tmp/hang-syncs exists, as on a disk that hangs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

static int after_the_hang(const char *name, int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    while (access("/tmp/hang-syncs", F_OK) == 0)
        usleep(5000);
    return real(descriptor);
}

int fdatasync(int descriptor) { return after_the_hang("fdatasync", descriptor); }
int fsync(int descriptor) { return after_the_hang("fsync", descriptor); }
