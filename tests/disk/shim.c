/* A disk and a clock that can fail, for one process: loaded by LD_PRELOAD, it stands between the program and the C
 * library. See mod.rs beside it, which reads what is written here.
 *
 * SHIM_FOLDER   the state folder; nothing else is touched. Files that end in -shm are left out: they are memory.
 * SHIM_JOURNAL  every change to that folder is written there before it is made, every fsync after it was done.
 * SHIM_CUT      at the record of this number the process ends by SIGKILL, as if the power had failed.
 * SHIM_TROUBLE  a file with the number of an error, such as 28 for a full disk; while it is there, no change succeeds.
 * SHIM_CLOCK    a file with eight bytes: by how many seconds CLOCK_REALTIME is wrong.
 *
 * A record: kind (1 byte), file (4), offset or size (8), length (4), that many bytes. Little-endian, as the machine is. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FDS 4096
#define FILES 256
#define FOLDER (-1)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder, *trouble;
static size_t folder_length;
static int journal = -1;
static long cut = -1, records;
static volatile int64_t *wrong_by;
/* Which file a descriptor is open on: 0 for none of ours, FOLDER for the folder itself. */
static int32_t of_fd[FDS];
/* The name of each file, empty once it has none; a file's number is its place here, counted from 1. */
static char names[FILES][128];
static int32_t files;

__attribute__((constructor)) static void begin(void) {
  const char *path;
  folder = getenv("SHIM_FOLDER");
  folder_length = folder ? strlen(folder) : 0;
  trouble = getenv("SHIM_TROUBLE");
  if ((path = getenv("SHIM_JOURNAL"))) {
    /* Far above what the program opens, and closed in what it starts. */
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    journal = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 900);
    syscall(SYS_close, fd);
    if (journal < 0) abort();
  }
  if ((path = getenv("SHIM_CUT"))) cut = atol(path);
  if ((path = getenv("SHIM_CLOCK"))) {
    int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    void *map = mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) abort();
    wrong_by = map;
    syscall(SYS_close, fd);
  }
}

/* The part of a path inside the folder: "" for the folder, NULL for anything that is not ours. */
static const char *inside(const char *path) {
  if (!folder || !path || strncmp(path, folder, folder_length) != 0) return NULL;
  path += folder_length;
  if (*path == '\0') return path;
  if (*path != '/') return NULL;
  path++;
  size_t length = strlen(path);
  if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return NULL;
  return length < sizeof names[0] ? path : NULL;
}

static int32_t number_of(const char *name) {
  for (int32_t file = 0; file < files; file++)
    if (strcmp(names[file], name) == 0) return file + 1;
  return 0;
}

static int32_t file_of(int fd) { return fd >= 0 && fd < FDS ? of_fd[fd] : 0; }

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t done = syscall(SYS_write, journal, at, length);
    if (done <= 0) abort();
    at += done;
    length -= done;
  }
}

/* Writes a record; under the lock. */
static void record(char kind, int32_t file, int64_t number, const void *bytes, uint32_t length) {
  if (journal < 0) return;
  char head[17];
  memcpy(head, &kind, 1);
  memcpy(head + 1, &file, 4);
  memcpy(head + 5, &number, 8);
  memcpy(head + 13, &length, 4);
  put(head, sizeof head);
  put(bytes, length);
  if (++records == cut) syscall(SYS_kill, getpid(), SIGKILL);
}

/* The error that the disk has now, or 0. */
static int ill(void) {
  if (!trouble) return 0;
  int fd = syscall(SYS_openat, AT_FDCWD, trouble, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  char text[16] = "";
  ssize_t length = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  return length > 0 ? atoi(text) : 0;
}

#define REFUSE_IF_ILL(is_ours)        \
  do {                                \
    int error = (is_ours) ? ill() : 0; \
    if (error) {                      \
      errno = error;                  \
      return -1;                      \
    }                                 \
  } while (0)

static int opened(int at, const char *path, int flags, mode_t mode) {
  const char *name = at == AT_FDCWD || (path && *path == '/') ? inside(path) : NULL;
  if (!name) return syscall(SYS_openat, at, path, flags, mode);
  struct stat found;
  int is_new = *name && stat(path, &found) != 0;
  /* A full disk still opens what is there; a read-only one opens nothing to write. */
  if ((flags & (O_WRONLY | O_RDWR)) && *name) {
    int error = ill();
    if (error && (error == EROFS || is_new)) {
      errno = error;
      return -1;
    }
  }
  pthread_mutex_lock(&lock);
  int fd = syscall(SYS_openat, at, path, flags, mode);
  if (fd >= 0 && fd < FDS) {
    int32_t file = *name ? number_of(name) : FOLDER;
    if (file == 0) {
      if (files == FILES) abort();
      strcpy(names[files], name);
      file = ++files;
      record(is_new ? 'C' : 'O', file, 0, name, strlen(name));
    }
    if (file != FOLDER && (flags & O_TRUNC)) record('T', file, 0, "", 0);
    of_fd[fd] = file;
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

#define MODE_OF(flags)                              \
  mode_t mode = 0;                                  \
  if (flags & (O_CREAT | __O_TMPFILE)) {            \
    va_list rest;                                   \
    va_start(rest, flags);                          \
    mode = va_arg(rest, mode_t);                    \
    va_end(rest);                                   \
  }

int open(const char *path, int flags, ...) {
  MODE_OF(flags)
  return opened(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE_OF(flags)
  return opened(AT_FDCWD, path, flags, mode);
}
int openat(int at, const char *path, int flags, ...) {
  MODE_OF(flags)
  return opened(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
  MODE_OF(flags)
  return opened(at, path, flags, mode);
}

int close(int fd) {
  if (file_of(fd)) {
    pthread_mutex_lock(&lock);
    of_fd[fd] = 0;
    pthread_mutex_unlock(&lock);
  }
  return syscall(SYS_close, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  int32_t file = file_of(fd);
  if (!file) return syscall(SYS_pwrite64, fd, bytes, length, offset);
  REFUSE_IF_ILL(1);
  pthread_mutex_lock(&lock);
  record('W', file, offset, bytes, length);
  ssize_t done = syscall(SYS_pwrite64, fd, bytes, length, offset);
  pthread_mutex_unlock(&lock);
  return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t write(int fd, const void *bytes, size_t length) {
  int32_t file = file_of(fd);
  if (!file) return syscall(SYS_write, fd, bytes, length);
  REFUSE_IF_ILL(1);
  pthread_mutex_lock(&lock);
  record('W', file, syscall(SYS_lseek, fd, 0, SEEK_CUR), bytes, length);
  ssize_t done = syscall(SYS_write, fd, bytes, length);
  pthread_mutex_unlock(&lock);
  return done;
}

int ftruncate64(int fd, off64_t size) {
  int32_t file = file_of(fd);
  if (!file) return syscall(SYS_ftruncate, fd, size);
  REFUSE_IF_ILL(1);
  pthread_mutex_lock(&lock);
  record('T', file, size, "", 0);
  int done = syscall(SYS_ftruncate, fd, size);
  pthread_mutex_unlock(&lock);
  return done;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(long call, int fd) {
  int32_t file = file_of(fd);
  if (!file) return syscall(call, fd);
  REFUSE_IF_ILL(1);
  pthread_mutex_lock(&lock);
  /* A record of its own for the moment before, at which the power may fail too. The real fsync is not needed: what the
   * disk would hold is made from these records alone. */
  record('B', file, 0, "", 0);
  record('S', file, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return 0;
}
int fsync(int fd) { return synced(SYS_fsync, fd); }
int fdatasync(int fd) { return synced(SYS_fdatasync, fd); }

int rename(const char *from, const char *to) {
  const char *old = inside(from), *new = inside(to);
  if (!old || !new) return syscall(SYS_rename, from, to);
  REFUSE_IF_ILL(1);
  pthread_mutex_lock(&lock);
  char both[256];
  size_t length = strlen(old) + 1 + strlen(new);
  memcpy(both, old, strlen(old) + 1);
  memcpy(both + strlen(old) + 1, new, strlen(new));
  record('R', 0, 0, both, length);
  int done = syscall(SYS_rename, from, to);
  int32_t file = number_of(old), gone = number_of(new);
  if (done == 0) {
    if (gone) names[gone - 1][0] = '\0';
    if (file) memcpy(names[file - 1], new, strlen(new) + 1);
  }
  pthread_mutex_unlock(&lock);
  return done;
}

int unlink(const char *path) {
  const char *name = inside(path);
  if (!name) return syscall(SYS_unlink, path);
  REFUSE_IF_ILL(1);
  pthread_mutex_lock(&lock);
  struct stat found;
  int done = -1;
  if (stat(path, &found) == 0) {
    record('U', 0, 0, name, strlen(name));
    done = syscall(SYS_unlink, path);
    int32_t file = number_of(name);
    if (file) names[file - 1][0] = '\0';
  } else {
    done = syscall(SYS_unlink, path);
  }
  pthread_mutex_unlock(&lock);
  return done;
}

int clock_gettime(clockid_t which, struct timespec *time) {
  int done = syscall(SYS_clock_gettime, which, time);
  if (done == 0 && wrong_by && which == CLOCK_REALTIME) time->tv_sec += *wrong_by;
  return done;
}
