// SPDX-License-Identifier: Apache-2.0

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MEMORY_MIB_DEFAULT = 64,
	MEMORY_MIB_MIN = 8, // the image and the tree start up to four MiB into it
	MEMORY_MIB_MAX = 8192,
	TIMEOUT_S_DEFAULT = 30,
	TIMEOUT_S_MAX = 3600,
	GRANULE_DEFAULT = 4096,
	GRANULE_MAX = 65536,
	TRNG_VERSION_1_0 = 0x10000,
};

// A set of words, each with the value of an enumeration; the last has no name.
struct choice {
	const char *name;
	int value;
};

static const struct choice hypervisors[] = {
	{ "kvm", HYPERVISOR_KVM },
	{ "pkvm", HYPERVISOR_PKVM },
	{ "geniezone", HYPERVISOR_GENIEZONE },
	{ "gunyah", HYPERVISOR_GUNYAH },
	{ "unknown", HYPERVISOR_UNKNOWN },
	{ "none", HYPERVISOR_NONE },
	{ NULL, 0 },
};

static const struct choice guards[] = {
	{ "enforce", GUARD_ENFORCE },
	{ "refuse-enroll", GUARD_REFUSE_ENROLL },
	{ "refuse-map", GUARD_REFUSE_MAP },
	{ "refuse-unmap", GUARD_REFUSE_UNMAP },
	{ "not-required", GUARD_NOT_REQUIRED },
	{ "map-alone", GUARD_MAP_ALONE },
	{ "absent", GUARD_ABSENT },
	{ NULL, 0 },
};

static const struct choice shares[] = {
	{ "accept", SHARE_ACCEPT },
	{ "refuse", SHARE_REFUSE },
	{ "absent", SHARE_ABSENT },
	{ NULL, 0 },
};

static const struct choice trngs[] = {
	{ "ok", TRNG_OK },       { "none", TRNG_NONE }, { "fail", TRNG_FAIL },
	{ "stuck", TRNG_STUCK }, { "zero", TRNG_ZERO }, { NULL, 0 },
};

static const struct choice els[] = {
	{ "res1", GUEST_EL2 },
	{ "e2h0", GUEST_EL2_E2H0 },
	{ NULL, 0 },
};

static const struct choice strays[] = {
	{ "report", STRAY_REPORT },
	{ "abort", STRAY_ABORT },
	{ "serror", STRAY_SERROR },
	{ NULL, 0 },
};

static const struct choice quirks[] = {
	{ "android13", true },
	{ NULL, 0 },
};

static void print_manual(void)
{
	fputs("usage: vmm [OPTION]... IMAGE\n"
	      "\n"
	      "Runs a raw image with KVM, in a VMM's machine as machine.c has it. By default that is\n"
	      "crosvm's with --bios: RAM at 0x80000000, the image at 0x80200000, four 8250 UARTs from\n"
	      "0x3f8, a real-time clock at 0x2000, a watchdog at 0x3000, and the test device of\n"
	      "test_device.h at 0x800.\n"
	      "\n"
	      "  --machine NAME      another machine; --machine help lists them\n"
	      "  --protected         a protected VM: the host's KVM has to be pKVM\n"
	      "  --cpus N            1 to 8 CPUs; all but the first wait for CPU_ON (1)\n"
	      "  --memory MIB        RAM, 8 to 8192 MiB (64)\n"
	      "  --dtb FILE          a device tree in place of the one that the machine's VMM makes\n"
	      "  --no-console        that one has no UART and no stdout-path\n"
	      "  --timeout SECONDS   gives the guest up after so long, 1 to 3600 (30)\n"
	      "  --el2 res1|e2h0     the guest begins at EL2, of which HCR_EL2.E2H is RES1, or 0 at first:\n"
	      "                      the host needs nested virtualization\n"
	      "  --x0 ADDRESS        x0 at the entry, in place of the device tree's address\n"
	      "  --stray report|abort|serror\n"
	      "                      what an access to nothing is: a line, and a read gives 0; an\n"
	      "                      external abort; an SError, and a read gives all ones\n"
	      "  --abort-uart N      the Nth access to the first UART is an external abort\n"
	      "  --crash             the VMM itself loses its TPIDR_EL0 at the first exit, and dies\n"
	      "\n"
	      "Without the options below the guest sees the hypercalls of the host's KVM. They\n"
	      "need KVM's SMCCC filter, which Linux has from 6.4 on, and not for protected VMs.\n"
	      "SMCCC_VERSION, SMCCC_ARCH_FEATURES and PSCI are always KVM's.\n"
	      "\n"
	      "  --hypervisor kvm|pkvm|geniezone|gunyah|unknown|none\n"
	      "                      answers the vendor hypervisor's calls as this one does\n"
	      "  --guard enforce|refuse-enroll|refuse-map|refuse-unmap|not-required|map-alone|absent\n"
	      "                      pkvm's and geniezone's MMIO guard (enforce: from ENROLL on,\n"
	      "                      an access to what is not mapped is an external abort;\n"
	      "                      map-alone: from reset on, and there is MMIO_GUARD_MAP only,\n"
	      "                      which pkvm's bitmap of features tells of)\n"
	      "  --share accept|refuse|absent\n"
	      "                      pkvm's and geniezone's MEM_SHARE and MEM_UNSHARE (accept:\n"
	      "                      the test device reads no granule that is not shared)\n"
	      "  --granule BYTES     what HYP_MEMINFO and MMIO_GUARD_INFO return (4096); unless\n"
	      "                      it is a power of two from 4096 to 65536, the guard and\n"
	      "                      sharing go by 4096\n"
	      "  --quirks android13  MMIO_GUARD_MAP leaves rubbish in the upper half of x0, and\n"
	      "                      MMIO_GUARD_UNMAP returns NOT_SUPPORTED when it succeeds\n"
	      "  --trng ok|none|fail|empty:N|stuck|zero|version:MAJOR.MINOR\n"
	      "                      the TRNG is sound; is absent; fails each RND; has no\n"
	      "                      entropy N times; gives the same words, or zeros, each time;\n"
	      "                      or is of this version\n"
	      "  --count             takes both groups of calls, to count them, and answers as\n"
	      "                      KVM does where no option says otherwise\n"
	      "\n"
	      "--guard, --share, --granule and --quirks imply --hypervisor pkvm.\n"
	      "\n"
	      "Standard output has what the guest's serial line N, 1 to 4, sends as\n"
	      "\"serialN| text\", and the VMM's reports as \"vmm: text\". Exit status: 0 the guest\n"
	      "powered off, 1 the VMM or the host's KVM failed, 2 the guest reset, 3 the VMM gave\n"
	      "it up.\n",
	      stdout);
}

__attribute__((noreturn)) static void refuse(const char *what, const char *text)
{
	fprintf(stderr, "vmm: %s: %s (--help is the manual)\n", what, text);
	exit(EXIT_FAILURE);
}

// A whole number, decimal or after 0x.
static uint64_t parse_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	char *rest = NULL;

	errno = 0;
	unsigned long long value = strtoull(text, &rest, 0);
	if (errno != 0 || *text < '0' || *text > '9' || *rest != '\0' || value < min || value > max) {
		refuse(option, text);
	}
	return value;
}

static int parse_choice(const char *option, const char *text, const struct choice *choices)
{
	for (const struct choice *choice = choices; choice->name != NULL; choice++) {
		if (strcmp(choice->name, text) == 0) {
			return choice->value;
		}
	}
	refuse(option, text);
}

// "1.2" as TRNG_VERSION returns it: 15 bits of major version above 16 of minor.
static uint32_t parse_version(const char *text)
{
	char *dot = NULL;
	unsigned long major = strtoul(text, &dot, 10);

	if (*text < '0' || *text > '9' || *dot != '.' || major > INT16_MAX) {
		refuse("--trng version", text);
	}
	return (uint32_t)major << 16 | (uint32_t)parse_number("--trng version", dot + 1, 0, UINT16_MAX);
}

// Some kinds of TRNG have a parameter, after a colon.
static void parse_trng(struct trng_options *trng, const char *text)
{
	static const char empty[] = "empty:";
	static const char version[] = "version:";

	if (strncmp(text, empty, strlen(empty)) == 0) {
		trng->mode = TRNG_OK;
		trng->empty = (unsigned int)parse_number("--trng empty", text + strlen(empty), 0, UINT32_MAX);
	} else if (strncmp(text, version, strlen(version)) == 0) {
		trng->mode = TRNG_OK;
		trng->version = parse_version(text + strlen(version));
	} else {
		trng->mode = (enum trng_mode)parse_choice("--trng", text, trngs);
	}
}

enum {
	OPTION_ABORT_UART = 1,
	OPTION_COUNT,
	OPTION_CPUS,
	OPTION_CRASH,
	OPTION_DTB,
	OPTION_EL2,
	OPTION_GRANULE,
	OPTION_GUARD,
	OPTION_HELP,
	OPTION_HYPERVISOR,
	OPTION_MACHINE,
	OPTION_MEMORY,
	OPTION_NO_CONSOLE,
	OPTION_PROTECTED,
	OPTION_QUIRKS,
	OPTION_SHARE,
	OPTION_STRAY,
	OPTION_TIMEOUT,
	OPTION_TRNG,
	OPTION_X0,
};

static const struct option long_options[] = {
	{ "abort-uart", required_argument, NULL, OPTION_ABORT_UART },
	{ "count", no_argument, NULL, OPTION_COUNT },
	{ "cpus", required_argument, NULL, OPTION_CPUS },
	{ "crash", no_argument, NULL, OPTION_CRASH },
	{ "dtb", required_argument, NULL, OPTION_DTB },
	{ "el2", required_argument, NULL, OPTION_EL2 },
	{ "granule", required_argument, NULL, OPTION_GRANULE },
	{ "guard", required_argument, NULL, OPTION_GUARD },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "hypervisor", required_argument, NULL, OPTION_HYPERVISOR },
	{ "machine", required_argument, NULL, OPTION_MACHINE },
	{ "memory", required_argument, NULL, OPTION_MEMORY },
	{ "no-console", no_argument, NULL, OPTION_NO_CONSOLE },
	{ "protected", no_argument, NULL, OPTION_PROTECTED },
	{ "quirks", required_argument, NULL, OPTION_QUIRKS },
	{ "share", required_argument, NULL, OPTION_SHARE },
	{ "stray", required_argument, NULL, OPTION_STRAY },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "trng", required_argument, NULL, OPTION_TRNG },
	{ "x0", required_argument, NULL, OPTION_X0 },
	{ NULL, 0, NULL, 0 },
};

static void print_name(const char *name)
{
	puts(name);
}

static const struct machine *parse_machine(const char *text)
{
	const struct machine *machine = machine_find(text);

	if (strcmp(text, "help") == 0) {
		machine_list(print_name);
		exit(EXIT_SUCCESS);
	}
	if (machine == NULL) {
		refuse("--machine", text);
	}
	return machine;
}

// Options of the machine. False: it is none of them.
static bool parse_machine_option(struct options *options, int option, const char *text)
{
	switch (option) {
	case OPTION_ABORT_UART:
		options->abort_uart = parse_number("--abort-uart", text, 1, UINT64_MAX);
		return true;
	case OPTION_CPUS:
		options->cpus = (unsigned int)parse_number("--cpus", text, 1, OPTIONS_CPUS_MAX);
		return true;
	case OPTION_CRASH:
		options->crash = true;
		return true;
	case OPTION_DTB:
		options->dtb = text;
		return true;
	case OPTION_EL2:
		options->el = (enum guest_el)parse_choice("--el2", text, els);
		return true;
	case OPTION_MACHINE:
		options->machine = parse_machine(text);
		return true;
	case OPTION_NO_CONSOLE:
		options->no_console = true;
		return true;
	case OPTION_MEMORY:
		options->memory_mib =
			(unsigned int)parse_number("--memory", text, MEMORY_MIB_MIN, MEMORY_MIB_MAX);
		return true;
	case OPTION_PROTECTED:
		options->protected_vm = true;
		return true;
	case OPTION_STRAY:
		options->stray = (enum stray_mode)parse_choice("--stray", text, strays);
		return true;
	case OPTION_TIMEOUT:
		options->timeout_s = (unsigned int)parse_number("--timeout", text, 1, TIMEOUT_S_MAX);
		return true;
	case OPTION_X0:
		options->x0 = parse_number("--x0", text, 0, UINT64_MAX);
		options->has_x0 = true;
		return true;
	default:
		return false;
	}
}

// Options of the emulated hypervisor. False: it is none of them, or one that implies none.
static bool parse_hypervisor_option(struct options *options, int option, const char *text)
{
	switch (option) {
	case OPTION_GRANULE:
		options->granule = parse_number("--granule", text, 0, UINT64_MAX);
		return true;
	case OPTION_GUARD:
		options->guard = (enum guard_mode)parse_choice("--guard", text, guards);
		return true;
	case OPTION_QUIRKS:
		options->android13_quirks = parse_choice("--quirks", text, quirks);
		return true;
	case OPTION_SHARE:
		options->share = (enum share_mode)parse_choice("--share", text, shares);
		return true;
	default:
		return false;
	}
}

bool options_has_pkvm_calls(const struct options *options)
{
	return options->hypervisor == HYPERVISOR_PKVM || options->hypervisor == HYPERVISOR_GENIEZONE;
}

static bool is_sound_granule(uint64_t granule)
{
	return granule >= GRANULE_DEFAULT && granule <= GRANULE_MAX && (granule & (granule - 1)) == 0;
}

// What the options imply for others that were not given.
static void settle_defaults(struct options *options, bool needs_pkvm)
{
	if (needs_pkvm && options->hypervisor == HYPERVISOR_HOST) {
		options->hypervisor = HYPERVISOR_PKVM;
	}
	if (needs_pkvm && !options_has_pkvm_calls(options)) {
		refuse("--hypervisor", "--guard, --share, --granule and --quirks are for pkvm and geniezone");
	}
	options->tracking_granule = is_sound_granule(options->granule) ? options->granule : GRANULE_DEFAULT;
	if (options->count && options->hypervisor == HYPERVISOR_HOST) {
		options->hypervisor = HYPERVISOR_KVM;
	}
	if (options->count && options->trng.mode == TRNG_HOST) {
		options->trng.mode = TRNG_OK;
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	bool needs_pkvm = false;
	int option = 0;

	*options = (struct options){
		.machine = machine_find("crosvm-bios"),
		.cpus = 1,
		.memory_mib = MEMORY_MIB_DEFAULT,
		.timeout_s = TIMEOUT_S_DEFAULT,
		.granule = GRANULE_DEFAULT,
		.trng.version = TRNG_VERSION_1_0,
	};
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == OPTION_HELP) {
			print_manual();
			exit(EXIT_SUCCESS);
		}
		if (option == OPTION_HYPERVISOR) {
			options->hypervisor =
				(enum hypervisor)parse_choice("--hypervisor", optarg, hypervisors);
		} else if (option == OPTION_TRNG) {
			parse_trng(&options->trng, optarg);
		} else if (option == OPTION_COUNT) {
			options->count = true;
		} else if (parse_hypervisor_option(options, option, optarg)) {
			needs_pkvm = true;
		} else if (!parse_machine_option(options, option, optarg)) {
			exit(EXIT_FAILURE); // getopt_long() has said why
		}
	}
	if (optind + 1 != argc) {
		refuse("IMAGE", optind < argc ? "more than one" : "missing");
	}
	options->image = argv[optind];
	settle_defaults(options, needs_pkvm);
}
