/* What runs inside the oracle: init, and TOMOYO's policy loader.
 *
 * As init it reads the number of a batch from the serial line, carries out /batch/NUMBER (a command a
 * line) and writes /answer/NUMBER (a line a command), then says the number back. tests/oracle/kernel.py
 * is the other end and describes the commands. Words are separated by single spaces and written as
 * TOMOYO writes names (\ooo, \\), so any byte can stand in one.
 *
 * Accesses are made by this very process: its domain's profile is switched to 3 for the length of one
 * system call and back to 0. What a granted access did is undone afterwards.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define TOMOYO "/sys/kernel/security/tomoyo/"
#define MOST_WORDS 64
#define SELF_FD 100   /* self_domain, open across executions */
#define ANSWER_FD 101 /* where the programs of a chain say their domain: program.c */

static FILE *answer;
static int domain_fd = -1;
static int exception_fd = -1;
static char *word[MOST_WORDS];
static size_t length[MOST_WORDS];
static int words;

static void die(const char *what)
{
	fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void write_line(int fd, const char *text)
{
	/* One write for the whole line: the kernel acts when it sees the line's end. */
	char line[20000];
	int size = snprintf(line, sizeof(line), "%s\n", text);

	if (size >= (int)sizeof(line))
		die("a line too long");
	if (write(fd, line, size) < 0 && errno != EINVAL)
		die(text);
}

static void enforce(int on)
{
	write_line(domain_fd, "<kernel> /sbin/init");
	write_line(domain_fd, on ? "use_profile 3" : "use_profile 0");
}

/* errno of a system call made under the enforcing profile, 0 if it went well */
#define UNDER_POLICY(call) ({ enforce(1); errno = 0; int e_ = (call) < 0 ? errno : 0; enforce(0); e_; })

static void split(char *line)
{
	char *to = line;

	words = 0;
	word[words++] = to;
	for (char *from = line; *from; from++) {
		if (*from == ' ') {
			*to++ = '\0';
			if (words == MOST_WORDS)
				die("a command of too many words");
			length[words - 1] = to - word[words - 1] - 1;
			word[words++] = to;
		} else if (*from == '\\' && from[1] == '\\') {
			*to++ = *++from;
		} else if (*from == '\\') {
			*to++ = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	length[words - 1] = to - word[words - 1];
	for (int i = words; i < MOST_WORDS; i++)
		word[i] = "";
}

static long number(int at)
{
	return strtol(word[at], NULL, 0);
}

static void show(const char *name)
{
	char path[100];
	char *text = NULL;
	size_t size = 0, room = 0;
	ssize_t got;

	snprintf(path, sizeof(path), TOMOYO "%s", name);
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		die(path);
	do {
		if (room - size < 65536)
			text = realloc(text, room += 1 << 20);
		got = read(fd, text + size, 65536);
		size += got > 0 ? got : 0;
	} while (got > 0);
	close(fd);
	fprintf(answer, "=%zu\n", size);
	fwrite(text, 1, size, answer);
	fputc('\n', answer);
	free(text);
}

/* chain START PROGRAM...: be in domain START ("" for init's own), execute one after another. */
static void chain(char **programs, char **envp)
{
	int ends[2];
	char said[65536];
	size_t size = 0;
	ssize_t got;

	if (pipe(ends))
		die("pipe");
	pid_t child = vfork(); /* cheap here: nothing to copy; self_domain was opened by the parent */
	if (child == 0) {
		dup2(ends[1], ANSWER_FD);
		close(ends[0]);
		close(ends[1]);
		if (word[1][0]) {
			if (pwrite(SELF_FD, word[1], strlen(word[1]), 0) < 0) {
				dprintf(ANSWER_FD, "|?%d", errno);
				_exit(0);
			}
		}
		execve(programs[0], programs, envp);
		dprintf(ANSWER_FD, "|!%d", errno);
		_exit(0);
	}
	close(ends[1]);
	while (size < sizeof(said) - 1 && (got = read(ends[0], said + size, sizeof(said) - 1 - size)) > 0)
		size += got;
	close(ends[0]);
	waitpid(child, NULL, 0);
	said[size] = '\0';
	fprintf(answer, "%s\n", said);
}

static int in_child(int (*act)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(act());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int enter_chroot(void)
{
	return UNDER_POLICY(chroot(word[2]));
}

static int socket_type(const char *protocol)
{
	return !strcmp(protocol, "stream") ? SOCK_STREAM : !strcmp(protocol, "dgram") ? SOCK_DGRAM :
	       !strcmp(protocol, "raw") ? SOCK_RAW : SOCK_SEQPACKET;
}

static int use_socket(int fd, const char *operation, struct sockaddr *address, socklen_t size)
{
	int error;

	if (fd < 0)
		return 200 + (errno & 31); /* no such socket here: neither granted nor denied */
	if (!strcmp(operation, "bind"))
		error = UNDER_POLICY(bind(fd, address, size));
	else if (!strcmp(operation, "connect"))
		error = UNDER_POLICY(connect(fd, address, size));
	else if (!strcmp(operation, "send"))
		error = UNDER_POLICY(sendto(fd, "x", 1, MSG_DONTWAIT, address, size));
	else if (bind(fd, address, size))
		error = 200 + (errno & 31);
	else
		error = UNDER_POLICY(listen(fd, 1));
	close(fd);
	return error;
}

/* access inet PROTOCOL OPERATION ADDRESS PORT */
static int use_inet(void)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(number(5)) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(number(5)) };
	int type = socket_type(word[2]);
	int protocol = type == SOCK_RAW ? number(5) : 0;

	if (strchr(word[4], ':')) {
		inet_pton(AF_INET6, word[4], &v6.sin6_addr);
		return use_socket(socket(AF_INET6, type | SOCK_NONBLOCK, protocol), word[3],
				  (struct sockaddr *)&v6, sizeof(v6));
	}
	inet_pton(AF_INET, word[4], &v4.sin_addr);
	return use_socket(socket(AF_INET, type | SOCK_NONBLOCK, protocol), word[3],
			  (struct sockaddr *)&v4, sizeof(v4));
}

/* access unix PROTOCOL OPERATION ADDRESS */
static int use_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = length[4] < sizeof(address.sun_path) ? length[4] : sizeof(address.sun_path);

	memcpy(address.sun_path, word[4], size);
	int error = use_socket(socket(AF_UNIX, socket_type(word[2]) | SOCK_NONBLOCK, 0), word[3],
			       (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + size);
	if (address.sun_path[0])
		unlink(address.sun_path);
	return error;
}

static int change_mode(const char *path, mode_t mode)
{
	struct stat before;

	if (stat(path, &before))
		die(path);
	int error = UNDER_POLICY(chmod(path, mode));
	chmod(path, before.st_mode);
	return error;
}

static int change_owner(const char *path, int user, int group)
{
	struct stat before;

	if (stat(path, &before))
		die(path);
	int error = UNDER_POLICY(chown(path, user, group));
	if (chown(path, before.st_uid, before.st_gid) || chmod(path, before.st_mode))
		die(path);
	return error;
}

static int control(const char *path, unsigned long command)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		die(path);
	int error = UNDER_POLICY(syscall(SYS_ioctl, fd, command, 0));
	close(fd);
	return error;
}

static int open_file(const char *path, int flags)
{
	int fd = -1;
	int error = UNDER_POLICY(fd = open(path, flags));

	if (fd >= 0)
		close(fd);
	return error;
}

static int unmount(const char *path)
{
	if (mount("none", path, "tmpfs", 0, NULL))
		die("mount");
	int error = UNDER_POLICY(umount(path));
	if (error)
		umount(path);
	return error;
}

static int restored(int error, const char *path, mode_t mode)
{
	if (!error && mknod(path, mode, 0) && errno != EEXIST)
		die(path);
	if (!error)
		chmod(path, mode & 07777);
	return error;
}

static int removed(int error, const char *path)
{
	if (!error && remove(path))
		die(path);
	return error;
}

static int under_other_ids(void)
{
	/* access as RUID EUID SUID RGID EGID SGID PATH FLAGS */
	int error = 0;

	if (setresgid(number(5), number(6), number(7)) || setresuid(number(2), number(3), number(4)))
		die("setresuid");
	error = open_file(word[8], number(9));
	if (setresuid(0, 0, 0) || setresgid(0, 0, 0))
		die("setresuid 0");
	return error;
}

/* access OPERATION WORD...: the errno of one access under the policy in force. */
static int make_access(void)
{
	const char *what = word[1], *path = word[2];
	struct stat status;

	if (!strcmp(what, "open"))
		return open_file(path, number(3));
	if (!strcmp(what, "as"))
		return under_other_ids();
	if (!strcmp(what, "getattr"))
		return UNDER_POLICY(lstat(path, &status));
	if (!strcmp(what, "unlink"))
		return restored(UNDER_POLICY(unlink(path)), path, S_IFREG | 0666);
	if (!strcmp(what, "truncate"))
		return UNDER_POLICY(truncate(path, 0));
	if (!strcmp(what, "rmdir")) {
		int error = UNDER_POLICY(rmdir(path));
		if (!error && mkdir(path, 0755))
			die(path);
		return error;
	}
	if (!strcmp(what, "mkdir"))
		return removed(UNDER_POLICY(mkdir(path, number(3))), path);
	if (!strcmp(what, "create"))
		return removed(UNDER_POLICY(mknod(path, S_IFREG | number(3), 0)), path);
	if (!strcmp(what, "mkfifo"))
		return removed(UNDER_POLICY(mknod(path, S_IFIFO | number(3), 0)), path);
	if (!strcmp(what, "mksock"))
		return removed(UNDER_POLICY(mknod(path, S_IFSOCK | number(3), 0)), path);
	if (!strcmp(what, "mkblock"))
		return removed(UNDER_POLICY(mknod(path, S_IFBLK | number(3), makedev(number(4), number(5)))), path);
	if (!strcmp(what, "mkchar"))
		return removed(UNDER_POLICY(mknod(path, S_IFCHR | number(3), makedev(number(4), number(5)))), path);
	if (!strcmp(what, "symlink"))
		return removed(UNDER_POLICY(symlink(word[3], path)), path);
	if (!strcmp(what, "link"))
		return removed(UNDER_POLICY(link(path, word[3])), word[3]);
	if (!strcmp(what, "rename")) {
		int error = UNDER_POLICY(rename(path, word[3]));
		if (!error && rename(word[3], path))
			die(path);
		return error;
	}
	if (!strcmp(what, "chmod"))
		return change_mode(path, number(3));
	if (!strcmp(what, "chown"))
		return change_owner(path, number(3), -1);
	if (!strcmp(what, "chgrp"))
		return change_owner(path, -1, number(3));
	if (!strcmp(what, "ioctl"))
		return control(path, strtoul(word[3], NULL, 0));
	if (!strcmp(what, "chroot"))
		return in_child(enter_chroot);
	if (!strcmp(what, "mount")) {
		int error = UNDER_POLICY(mount(path, word[3], word[4], number(5), NULL));
		if (!error)
			umount(word[3]);
		return error;
	}
	if (!strcmp(what, "unmount"))
		return unmount(path);
	if (!strcmp(what, "pivot_root"))
		return UNDER_POLICY(syscall(SYS_pivot_root, path, word[3]));
	if (!strcmp(what, "inet"))
		return use_inet();
	if (!strcmp(what, "unix"))
		return use_unix();
	errno = ENOSYS;
	die(what);
	return 0;
}

static void make_fixture(void)
{
	/* fixture KIND PATH MODE UID GID: a file, dir, character device or program to act on */
	const char *path = word[2];
	mode_t mode = number(3);
	int bad = 0;

	if (!strcmp(word[1], "dir"))
		bad = mkdir(path, mode);
	else if (!strcmp(word[1], "file"))
		bad = mknod(path, S_IFREG | mode, 0);
	else if (!strcmp(word[1], "char"))
		bad = mknod(path, S_IFCHR | mode, makedev(1, 3));
	else
		bad = link("/t/.program", path);
	if ((bad && errno != EEXIST) || (strcmp(word[1], "program") && (chmod(path, mode) || chown(path, number(4), number(5)))))
		die(path);
	if (strcmp(word[1], "program") && chmod(path, mode))
		die(path);
}

static void tell_attributes(void)
{
	struct stat s;

	if (lstat(word[1], &s))
		fprintf(answer, "%d\n", -errno);
	else
		fprintf(answer, "%lu %u %u %u %u %u %u %u\n", (unsigned long)s.st_ino, s.st_mode, s.st_uid, s.st_gid,
			major(s.st_dev), minor(s.st_dev), major(s.st_rdev), minor(s.st_rdev));
}

static void carry_out(char *line)
{
	static char *environment[MOST_WORDS];

	if (!strncmp(line, "domain ", 7)) {
		write_line(domain_fd, line + 7);
		return;
	}
	if (!strncmp(line, "exception ", 10)) {
		write_line(exception_fd, line + 10);
		return;
	}
	if (!strncmp(line, "profile ", 8)) {
		int fd = open(TOMOYO "profile", O_WRONLY);
		write_line(fd, line + 8);
		close(fd);
		return;
	}
	if (!strncmp(line, "show ", 5)) {
		show(line + 5);
		return;
	}
	split(line);
	if (!strcmp(word[0], "access")) {
		fprintf(answer, "%d\n", make_access());
	} else if (!strcmp(word[0], "chain")) {
		word[words] = NULL;
		chain(word + 2, environment);
	} else if (!strcmp(word[0], "environment")) {
		for (int i = 0; environment[i]; i++)
			free(environment[i]);
		for (int i = 1; i <= words; i++)
			environment[i - 1] = i < words ? strdup(word[i]) : NULL;
	} else if (!strcmp(word[0], "fixture")) {
		make_fixture();
	} else if (!strcmp(word[0], "attributes")) {
		tell_attributes();
	} else {
		errno = ENOSYS;
		die(word[0]);
	}
}

static void copy_program(void)
{
	char block[65536];
	ssize_t got;
	int from = open("/sbin/program", O_RDONLY);
	int to = open("/t/.program", O_WRONLY | O_CREAT, 0755);

	while ((got = read(from, block, sizeof(block))) > 0)
		if (write(to, block, got) != got)
			die("copy");
	close(from);
	close(to);
}

static void batch(const char *name)
{
	char path[100];
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	snprintf(path, sizeof(path), "/batch/%s", name);
	FILE *commands = fopen(path, "r");
	if (!commands)
		die(path);
	snprintf(path, sizeof(path), "/answer/%s", name);
	answer = fopen(path, "w");
	if (!answer)
		die(path);
	while ((size = getline(&line, &room, commands)) > 0) {
		line[size - 1] = '\0';
		carry_out(line);
	}
	fclose(commands);
	if (fclose(answer))
		die(path);
	free(line);
}

static int load_policy(void)
{
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	int fd = open(TOMOYO "profile", O_WRONLY);
	write_line(fd, "PROFILE_VERSION=20150505");
	write_line(fd, "0-COMMENT=disabled");
	close(fd);
	fd = open(TOMOYO "manager", O_WRONLY);
	write_line(fd, "<kernel> /sbin/init");
	write_line(fd, "manage_by_non_root");
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	char name[32];
	size_t size = 0;

	if (argc && !strcmp(argv[0], "/sbin/tomoyo-init"))
		return load_policy();
	if (mount("tmpfs", "/t", "tmpfs", 0, NULL) && errno != EBUSY)
		die("/t");
	umask(0);
	copy_program();
	domain_fd = open(TOMOYO "domain_policy", O_WRONLY | O_CLOEXEC);
	exception_fd = open(TOMOYO "exception_policy", O_WRONLY | O_CLOEXEC);
	int self = open(TOMOYO "self_domain", O_RDWR);
	if (domain_fd < 0 || exception_fd < 0 || dup2(self, SELF_FD) < 0)
		die(TOMOYO);
	close(self);
	int serial = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;
	if (serial < 0 || tcgetattr(serial, &raw))
		die("/dev/ttyS0");
	cfmakeraw(&raw);
	tcsetattr(serial, TCSANOW, &raw);
	if (write(serial, "ready\n", 6) != 6)
		die("ready");
	while (read(serial, name + size, 1) == 1) {
		if (name[size] != '\n') {
			size += size < sizeof(name) - 2;
			continue;
		}
		name[size] = '\0';
		batch(name);
		name[size] = '\n';
		if (write(serial, name, size + 1) < 0)
			die("answer");
		size = 0;
	}
	die("the serial line ended");
	return 0;
}
