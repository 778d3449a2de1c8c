// SPDX-License-Identifier: Apache-2.0

#include "report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

enum {
	SERIAL_TEXT_MAX = 1024,
};

struct serial {
	char text[SERIAL_TEXT_MAX];
	size_t length;
};

static struct serial serials[SERIAL_LINE_COUNT];

void report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("vmm: ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

static void print_line(unsigned int line, size_t length)
{
	struct serial *serial = &serials[line];

	printf("serial%u| ", line + 1);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)serial->text[i];

		if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
			printf("\\x%02x", byte);
		} else {
			putchar(byte);
		}
	}
	putchar('\n');
	serial->length = 0;
}

void report_serial_byte(unsigned int line, uint8_t byte)
{
	struct serial *serial = &serials[line];
	size_t length = serial->length;

	if (byte == '\n') {
		print_line(line, length > 0 && serial->text[length - 1] == '\r' ? length - 1 : length);
		return;
	}
	serial->text[serial->length++] = (char)byte;
	if (serial->length == SERIAL_TEXT_MAX) {
		print_line(line, serial->length);
	}
}

void report_serial_flush(void)
{
	for (unsigned int line = 0; line < SERIAL_LINE_COUNT; line++) {
		if (serials[line].length > 0) {
			print_line(line, serials[line].length);
		}
	}
}
