/*
 * A library for LD_PRELOAD that makes one call of the C library go wrong, counting only calls on files in a folder:
 *
 *   FAULT_FOLDER=/abs/folder FAULT_LOG=log                    appends the name of every such call to the log
 *   FAULT_FOLDER=... FAULT_CALL=pwrite64 FAULT_INDEX=3 FAULT_KIND=28
 *
 * The third pwrite64 then fails with errno 28. FAULT_KIND may also be `short` (half of the bytes are read or written),
 * `end` (a read finds the end of the file), or `kill` (the process dies instead of the call).
 */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum outcome { PROCEED, FAIL, SHORTEN, END };

/* The function of the C library that this library hides. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Whether a descriptor belongs to a file in the folder. */
static atomic_char watched[1 << 16];

static int is_inside(const char *path)
{
	const char *folder = getenv("FAULT_FOLDER");
	char absolute[8192];
	if (!folder)
		return 0;
	if (*path != '/') {
		if (!getcwd(absolute, 4096))
			return 0;
		strcat(absolute, "/");
		strncat(absolute, path, 4000);
		path = absolute;
	}
	return strncmp(path, folder, strlen(folder)) == 0;
}

static int is_watched(int fd)
{
	return fd >= 0 && fd < 1 << 16 && watched[fd];
}

static void watch(int fd, int value)
{
	if (fd >= 0 && fd < 1 << 16)
		watched[fd] = value;
}

static void log_call(const char *call)
{
	const char *path = getenv("FAULT_LOG");
	if (!path)
		return;
	char line[64];
	int length = snprintf(line, sizeof line, "%s\n", call);
	int log = REAL(open64)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (REAL(write)(log, line, length) != length)
		abort();
	REAL(close)(log);
}

/* What shall become of a call on a file in the folder. */
static enum outcome decide(const char *call)
{
	static atomic_int count;
	const char *target = getenv("FAULT_CALL");
	log_call(call);
	if (!target || strcmp(call, target) != 0)
		return PROCEED;
	if (atomic_fetch_add(&count, 1) + 1 != atoi(getenv("FAULT_INDEX")))
		return PROCEED;
	const char *kind = getenv("FAULT_KIND");
	if (!strcmp(kind, "short"))
		return SHORTEN;
	if (!strcmp(kind, "end"))
		return END;
	if (!strcmp(kind, "kill"))
		kill(getpid(), SIGKILL);
	errno = atoi(kind);
	return FAIL;
}

static mode_t read_mode(int flags, va_list list)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
}

int open64(const char *path, int flags, ...)
{
	va_list list;
	va_start(list, flags);
	mode_t mode = read_mode(flags, list);
	va_end(list);
	int inside = is_inside(path);
	if (inside && decide("open64") == FAIL)
		return -1;
	int fd = REAL(open64)(path, flags, mode);
	watch(fd, inside);
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list list;
	va_start(list, flags);
	mode_t mode = read_mode(flags, list);
	va_end(list);
	return open64(path, flags, mode);
}

/* A close that fails has closed the descriptor nevertheless, as on Linux. */
int close(int fd)
{
	enum outcome outcome = is_watched(fd) ? decide("close") : PROCEED;
	int error = errno;
	watch(fd, 0);
	int result = REAL(close)(fd);
	if (outcome != FAIL)
		return result;
	errno = error;
	return -1;
}

#define TRANSFER(name, parameters, arguments, half)            \
	ssize_t name parameters                                    \
	{                                                          \
		switch (is_watched(fd) ? decide(#name) : PROCEED) {    \
		case FAIL:                                             \
			return -1;                                         \
		case END:                                              \
			return 0;                                          \
		case SHORTEN:                                          \
			return size > 1 ? REAL(name) half : REAL(name) arguments; \
		default:                                               \
			return REAL(name) arguments;                       \
		}                                                      \
	}

TRANSFER(read, (int fd, void *to, size_t size), (fd, to, size), (fd, to, size / 2))
TRANSFER(write, (int fd, const void *from, size_t size), (fd, from, size), (fd, from, size / 2))
TRANSFER(pread64, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at), (fd, to, size / 2, at))
TRANSFER(pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at), (fd, from, size / 2, at))

#define ON_DESCRIPTOR(name)                                    \
	int name(int fd)                                           \
	{                                                          \
		return is_watched(fd) && decide(#name) == FAIL ? -1 : REAL(name)(fd); \
	}

ON_DESCRIPTOR(fsync)
ON_DESCRIPTOR(fdatasync)

#define ON_PATH(name, parameters, arguments)                   \
	int name parameters                                        \
	{                                                          \
		return is_inside(path) && decide(#name) == FAIL ? -1 : REAL(name) arguments; \
	}

ON_PATH(rename, (const char *from, const char *path), (from, path))
ON_PATH(unlink, (const char *path), (path))
ON_PATH(rmdir, (const char *path), (path))
ON_PATH(mkdir, (const char *path, mode_t mode), (path, mode))
ON_PATH(statfs64, (const char *path, struct statfs64 *to), (path, to))
ON_PATH(scandir64,
	(const char *path, struct dirent64 ***to, int (*filter)(const struct dirent64 *),
	 int (*compare)(const struct dirent64 **, const struct dirent64 **)),
	(path, to, filter, compare))
