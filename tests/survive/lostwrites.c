/* Keeps a diary of what a process writes to the files under LOSTWRITES_DIR, and of when it syncs them, so that a test can
 * make the disk as it would be after a loss of power: without what was never synced.
 *
 *   cc -shared -fPIC -O2 -o lostwrites.so lostwrites.c
 *   LD_PRELOAD=lostwrites.so LOSTWRITES_DIR=/data LOSTWRITES_LOG=/tmp/diary hongyan serve …
 *
 * A record: kind (1 write, 2 truncate, 3 sync begins, 4 synced), length of the path, offset, size or thread, length of the
 * data, path, data; host order. A write is noted after it was done, a sync before it begins, and after it returned and before
 * its caller learns of it: what another thread writes meanwhile is not on the disk by that. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE, SYNC_BEGINS, SYNCED };
struct head { uint32_t kind, path; uint64_t at, data; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int diary = -1;
static const char *dir;

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("LOSTWRITES_LOG");
    dir = getenv("LOSTWRITES_DIR");
    if (log && dir) diary = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}
static void note(uint32_t kind, int fd, uint64_t at, const void *data, uint64_t n) {
    char link[40], path[4096];
    if (diary < 0) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t k = readlink(link, path, sizeof path);
    if (k <= 0 || strncmp(path, dir, strlen(dir))) return;
    struct head h = {kind, (uint32_t)k, at, n};
    struct iovec v[3] = {{&h, sizeof h}, {path, (size_t)k}, {(void *)data, n}};
    pthread_mutex_lock(&lock);
    if (writev(diary, v, 3) < 0) abort();
    pthread_mutex_unlock(&lock);
}
#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int fd, const void *d, size_t n, off_t at) {
    REAL(pwrite);
    ssize_t k = real(fd, d, n, at);
    if (k > 0) note(WRITE, fd, at, d, k);
    return k;
}
ssize_t pwrite64(int fd, const void *d, size_t n, off64_t at) {
    REAL(pwrite64);
    ssize_t k = real(fd, d, n, at);
    if (k > 0) note(WRITE, fd, at, d, k);
    return k;
}
int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    int k = real(fd, size);
    if (!k) note(TRUNCATE, fd, size, 0, 0);
    return k;
}
int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    int k = real(fd, size);
    if (!k) note(TRUNCATE, fd, size, 0, 0);
    return k;
}
int fsync(int fd) {
    REAL(fsync);
    note(SYNC_BEGINS, fd, gettid(), 0, 0);
    int k = real(fd);
    if (!k) note(SYNCED, fd, gettid(), 0, 0);
    return k;
}
int fdatasync(int fd) {
    REAL(fdatasync);
    note(SYNC_BEGINS, fd, gettid(), 0, 0);
    int k = real(fd);
    if (!k) note(SYNCED, fd, gettid(), 0, 0);
    return k;
}
