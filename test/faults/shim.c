// Preloaded into a process (LD_PRELOAD) to make its disk fail: fsync and pwrite64 on files whose paths
// end in a given name. Everything is chosen by environment variables:
//   SHIM_NAMES    endings of paths, with colons between: "engine.db-wal:engine.db"
//   SHIM_LOG      file that gets a line for each call met ("seen") and for each one changed ("done")
//   SHIM_ARMED    nothing is counted or changed while this file does not exist (default: always armed)
//   SHIM_CALL     "fsync" (fdatasync included) or "pwrite64"
//   SHIM_DO       "eio", "enospc", "kill" (before the call), "half" (half of a write, then kill), "lie"
//                 (fsync answers 0 and does nothing)
//   SHIM_AT       the first call that is changed, from 1; SHIM_FOR: how many are (default 1, 0: all)
//   SHIM_DURABLE  "1": after each honest fsync, FILE.durable is what a power cut would leave of FILE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t (*pwrite_call)(int, const void *, size_t, off64_t);
typedef int (*sync_call)(int);

static long met;

static void *next_of(const char *name) { return dlsym(RTLD_NEXT, name); }

static const char *setting(const char *name, const char *fallback) {
  const char *value = getenv(name);
  return value == NULL ? fallback : value;
}

static int is(const char *name, const char *value) { return strcmp(setting(name, ""), value) == 0; }

static int ends_in(const char *path, const char *name, size_t length) {
  size_t all = strlen(path);
  return length > 0 && all >= length && strncmp(path + all - length, name, length) == 0;
}

/* Whether the descriptor is one of the files concerned; answers with its path. */
static int concerns(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return 0;
  path[length] = 0;
  const char *name = setting("SHIM_NAMES", "");
  while (*name != 0) {
    size_t end = strcspn(name, ":");
    if (ends_in(path, name, end)) return 1;
    name += end + (name[end] == ':');
  }
  return 0;
}

static void log_line(const char *line) {
  int fd = open(setting("SHIM_LOG", "/dev/null"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write(fd, line, strlen(line)) < 0) abort();
  close(fd);
}

/* Counts a call; answers whether it is one of those to change. */
static int meets(const char *call) {
  const char *armed = getenv("SHIM_ARMED");
  if (armed != NULL && access(armed, F_OK) != 0) return 0;
  if (!is("SHIM_CALL", call)) return 0;
  log_line("seen\n");
  met += 1;
  long first = atol(setting("SHIM_AT", "1"));
  long count = atol(setting("SHIM_FOR", "1"));
  if (met < first || (count > 0 && met >= first + count)) return 0;
  log_line("done\n");
  return 1;
}

static int fail(void) {
  errno = is("SHIM_DO", "enospc") ? ENOSPC : EIO;
  return -1;
}

static void die(void) { kill(getpid(), SIGKILL); }

/* Copies a file as it is now to FILE.durable, in one step. */
static void keep(int fd, const char *path) {
  char draft[4200], kept[4200], page[65536];
  snprintf(draft, sizeof draft, "%s.durable.new", path);
  snprintf(kept, sizeof kept, "%s.durable", path);
  int copy = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  off64_t at = 0;
  ssize_t got;
  while ((got = pread64(fd, page, sizeof page, at)) > 0) {
    if (write(copy, page, (size_t)got) != got) abort();
    at += got;
  }
  if (got < 0 || close(copy) != 0 || rename(draft, kept) != 0) abort();
}

static int sync_file(int fd, const char *name) {
  char path[4096];
  if (!concerns(fd, path, sizeof path)) return ((sync_call)next_of(name))(fd);
  if (meets("fsync")) {
    if (is("SHIM_DO", "lie")) return 0;
    if (is("SHIM_DO", "kill")) die();
    return fail();
  }
  int result = ((sync_call)next_of(name))(fd);
  if (result == 0 && is("SHIM_DURABLE", "1")) keep(fd, path);
  return result;
}

int fsync(int fd) { return sync_file(fd, "fsync"); }

int fdatasync(int fd) { return sync_file(fd, "fdatasync"); }

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  pwrite_call write_at = (pwrite_call)next_of("pwrite64");
  char path[4096];
  if (!concerns(fd, path, sizeof path) || !meets("pwrite64")) return write_at(fd, data, size, at);
  if (is("SHIM_DO", "kill")) die();
  if (is("SHIM_DO", "half")) {
    write_at(fd, data, size / 2, at);
    die();
  }
  return fail();
}
