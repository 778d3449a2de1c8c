// SPDX-License-Identifier: Apache-2.0

// All ways to read the console. input_test.py sends the input.

#include <vmbase/console.h>
#include <vmbase/main.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void print_result(const char *function, const char *text)
{
	vmbase_println("%s: %s", function, text);
}

static void read_stdin(void)
{
	char text[64];
	int numbers[2] = { 0, 0 };

	vmbase_println("getchar: %d, %d", getchar(), getchar());
	print_result("fgets",
		     fgets(text, sizeof(text), stdin) == NULL || strcmp(text, "a line\n") != 0 ? "?" : text);
	vmbase_println("ungetc: %d, %d", ungetc('!', stdin), getchar());
	vmbase_println("scanf: %d", scanf("%d %d", &numbers[0], &numbers[1]));
	vmbase_println("numbers: %d, %d", numbers[0], numbers[1]);
	vmbase_println("rest of the line: %d", getchar());
	vmbase_println("end: %d, %d", getchar(), feof(stdin) != 0);
	clearerr(stdin);
	vmbase_println("after the end: %d", getchar());
}

// Reads until the text has `size` characters or is a whole line. The host decides how many characters one
// read() returns.
static size_t read_some(char *text, size_t size)
{
	size_t done = 0;

	do {
		ssize_t now = read(STDIN_FILENO, text + done, size - done);

		if (now <= 0) {
			vmbase_println("read: %zd", now);
			break;
		}
		done += (size_t)now;
	} while (done < size && text[done - 1] != '\n');
	return done;
}

static void read_descriptor(void)
{
	char text[64];
	size_t size;

	size = read_some(text, sizeof(text));
	vmbase_println("line: %zu, %.*s", size, (int)size - 1, text);
	size = read_some(text, 2);
	vmbase_println("part: %zu, %.*s", size, (int)size, text);
	size = read_some(text, sizeof(text));
	vmbase_println("rest: %zu, %.*s", size, (int)size - 1, text);
	// The end of the input in the middle of a line.
	size = read_some(text, 3);
	vmbase_println("before the end: %zu, %.*s", size, (int)size, text);
	vmbase_println("end: %zd", read(STDIN_FILENO, text, sizeof(text)));
}

static void read_bytes(void)
{
	for (int i = 0; i < 4; i++) {
		int byte;

		do {
			byte = vmbase_console_read_byte();
		} while (byte < 0);
		vmbase_println("byte: %d", byte);
	}
}

static void guest(void)
{
	vmbase_println("nothing yet: %d", vmbase_console_read_byte());
	read_stdin();
	read_descriptor();
	read_bytes();
	vmbase_println("done");
}

VMBASE_MAIN(guest);
