/* A program of a chain: says the domain that it runs in, then becomes the next program.
 *
 * Without a C library, because what costs time in user-mode Linux is each page that a program touches.
 * init.c hands down the two descriptors.
 */
#define SELF_FD 100   /* self_domain, open for reading */
#define ANSWER_FD 101 /* where to say it */

static long call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

#define WRITE(text, size) call(1, ANSWER_FD, (long)(text), (size), 0)

__attribute__((used)) static void start(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);
	char **envp = argv + argc + 1;
	char said[4200];
	long size;

	said[0] = '|';
	size = call(17 /* pread64 */, SELF_FD, (long)(said + 1), 4096, 0);
	WRITE(said, 1 + (size > 0 ? size : 0));
	if (argc > 1) {
		long error = -call(59 /* execve */, (long)argv[1], (long)(argv + 1), (long)envp, 0);

		said[1] = '!';
		said[2] = '0' + error / 10;
		said[3] = '0' + error % 10;
		WRITE(said, 4);
	}
	call(231 /* exit_group */, 0, 0, 0, 0);
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
