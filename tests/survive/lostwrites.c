/* Keeps a diary of what a process writes to the files under LOSTWRITES_DIR, and of when it syncs them, so that a test can
 * make the disk as it would be after a loss of power: without what was never synced.
 *
 *   cc -shared -fPIC -O2 -o lostwrites.so lostwrites.c
 *   LD_PRELOAD=lostwrites.so LOSTWRITES_DIR=/data LOSTWRITES_LOG=/tmp/diary hongyan serve …
 *
 * Syncs by io_uring are noted, too: of the ring that writes to an eventfd, one at a time, when its event is read.
 *
 * A record: kind (1 write, 2 truncate, 3 sync begins, 4 synced), length of the path, offset, size or thread, length of the
 * data, path, data; host order. A write is noted after it was done, a sync before it begins, and after it returned and before
 * its caller learns of it: what another thread writes meanwhile is not on the disk by that. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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

enum { RING = 0 }; /* stands for a thread: there is no thread of this number */
static struct io_uring_sqe *mapped, *sqes;
static int mapped_ring = -1, ring = -1, event = -1, syncing = -1;
static unsigned mask, asked;

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    REAL(mmap);
    void *p = real(at, n, protection, flags, fd, offset);
    if (p != MAP_FAILED && fd >= 0 && offset == (off_t)IORING_OFF_SQES) mapped = p, mapped_ring = fd;
    return p;
}
long syscall(long number, ...) {
    static long (*real)(long, ...);
    if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_io_uring_enter && a[0] == ring && a[1] == 1 && sqes[asked & mask].opcode == IORING_OP_FSYNC) {
        syncing = sqes[asked & mask].fd;
        note(SYNC_BEGINS, syncing, RING, 0, 0);
    }
    long k = real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (number == SYS_io_uring_setup && k >= 0) mask = ((struct io_uring_params *)a[1])->sq_entries - 1;
    if (number == SYS_io_uring_register && k >= 0 && a[1] == IORING_REGISTER_EVENTFD && a[0] == mapped_ring)
        ring = mapped_ring, sqes = mapped, event = *(int *)a[2], asked = 0;
    if (number == SYS_io_uring_enter && a[0] == ring && k > 0) asked += k;
    return k;
}
ssize_t read(int fd, void *d, size_t n) {
    REAL(read);
    ssize_t k = real(fd, d, n);
    if (k > 0 && fd == event && syncing >= 0) {
        note(SYNCED, syncing, RING, 0, 0);
        syncing = -1;
    }
    return k;
}
