// SPDX-License-Identifier: Apache-2.0

// Ordinary C code that uses the compiler's helper functions and the C library's conversions gets correct
// results.

#include "../support/tap.h"

#include <vmbase/main.h>

#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// picolibc's I is an imaginary constant.
#pragma clang diagnostic ignored "-Wgnu-imaginary-constant"

// volatile: the compiler must not compute the results.
static volatile uint64_t high = 5;
static volatile uint64_t low = 7;
static volatile int shift = 70;
static volatile long double third = 1.0L / 3.0L;
static volatile double complex turn = 3.0 + 4.0 * I;

static void divide(void)
{
	// 5 * 2^64 + 7 = 11 * quotient + remainder,.
	const unsigned __int128 number = ((unsigned __int128)high << 64) | low;
	const __int128 negative = -(__int128)number;

	tap_ok((uint64_t)(number / 11) == UINT64_C(8384883669867978007) && (uint64_t)(number / 11 >> 64) == 0 &&
		       (uint64_t)(number % 11) == 10,
	       "unsigned 128-bit division");
	tap_ok(negative / 11 == -(__int128)(number / 11) && negative % 11 == -(__int128)(number % 11),
	       "signed 128-bit division");
	tap_ok((uint64_t)((unsigned __int128)low << shift >> 64) == 7U << 6 && (uint64_t)(number >> shift) == 0,
	       "128-bit shifts");
	tap_ok((double)number == 92233720368547758087.0 && (unsigned __int128)(double)number >> 64 == 5,
	       "128-bit integers as floating point");
}

static void calculate(void)
{
	const double complex product = turn * turn;
	const double complex quotient = 1.0 / turn;
	const long double one = third * 3.0L;

	tap_ok(fabsl(one - 1.0L) < 1e-30L && (double)third == 1.0 / 3.0 && third > 0.25L, "long double");
	tap_ok(fabsl(sqrtl(third * 27.0L) - 3.0L) < 1e-14L, "long double functions");
	tap_ok(creal(product) == -7.0 && cimag(product) == 24.0, "a complex product");
	tap_ok(fabs(creal(quotient) - 0.12) < 1e-15 && fabs(cimag(quotient) + 0.16) < 1e-15,
	       "a complex quotient");
	tap_ok(cabs(turn) == 5.0 && fabs(creal(cexp(turn * 0.0)) - 1.0) < 1e-15, "complex functions");
	tap_ok(fabs(sin(M_PI / 6.0) - 0.5) < 1e-15 && pow(2.0, 0.5) == sqrt(2.0), "double functions");
}

static void convert(void)
{
	int integer = 0;
	unsigned int hexadecimal = 0;
	float single = 0;
	double number = 0;
	char word[8] = "";
	char *end;

	tap_ok(sscanf("-12 0xbeef 0.5 2.5e3 word", "%d %x %f %lf %7s", &integer, &hexadecimal, &single, &number,
		      word) == 5 &&
		       integer == -12 && hexadecimal == 0xbeef && single == 0.5F && number == 2500.0 &&
		       strcmp(word, "word") == 0,
	       "sscanf");
	tap_ok(strtod("-1.25e-2x", &end) == -0.0125 && *end == 'x' && strtof("0x1p-3", NULL) == 0.125F,
	       "strtod, strtof");
	tap_ok(fabsl(strtold("0.1", NULL) - 0.1L) < 1e-30L, "strtold");
	tap_ok(strtoull("18446744073709551615", NULL, 10) == UINT64_MAX && atoi("42") == 42, "strtoull, atoi");
}

static void print(void)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "%.3f %g %e %a %5.1f|%d", 3.14159, 1e100, 12345.678, 0.5, -2.25, 7);
	vmbase_println("# %s", text);
	tap_ok(strcmp(text, "3.142 1e+100 1.234568e+04 0x1p-1  -2.2|7") == 0, "snprintf of floating point");
	// Each number must be the same after it is printed and read back.
	for (int i = 0; i < 1000; i++) {
		const double number = ldexp((double)rand() / 3.0, i - 500);

		(void)snprintf(text, sizeof(text), "%.17g", number);
		if (strtod(text, NULL) != number) {
			vmbase_println("# not the same: %s", text);
			tap_ok(false, "a number is printed and read back");
			return;
		}
	}
	tap_ok(true, "a number is printed and read back");
}

static void tell_time(void)
{
	struct tm day = { .tm_year = 124, .tm_mon = 1, .tm_mday = 29, .tm_hour = 12 };
	const time_t seconds = mktime(&day);
	char text[64];

	tap_ok(seconds == 1709208000 && day.tm_wday == 4 && day.tm_yday == 59, "mktime");
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a", gmtime(&seconds));
	tap_ok(strcmp(text, "2024-02-29 12:00:00 Thu") == 0, "strftime, gmtime");
	tap_ok(strcmp(asctime(&day), "Thu Feb 29 12:00:00 2024\n") == 0, "asctime");
	tap_ok(difftime(seconds + 60, seconds) == 60.0, "difftime");
}

static void guest(void)
{
	divide();
	calculate();
	convert();
	print();
	tell_time();
	tap_done();
}

VMBASE_MAIN(guest);
