// SPDX-License-Identifier: Apache-2.0

// The flattened device tree: what the VMM says about the machine (Devicetree Specification, release v0.4; the
// bindings are those of Linux, Documentation/devicetree/bindings).
//
// A tree is somebody else's word. vmbase_fdt_open() looks at all of it once and refuses one that is damaged;
// every later function says what is wrong with what it reads, and none reads a byte outside the blob, whatever
// is in it. None allocates, none calls itself, and all loops end with the blob. While it is in use the blob
// must not change other than by the functions below.
//
// All functions may be called from anywhere, on any CPU, before main too, where the blob is mapped. They take
// at most 1.5 KiB of stack. "Linear" is in the bytes of the structure block.
//
// They are a library of their own that needs libfdt. Where Meson has found none it says so, and a guest that
// calls one of them does not link.

#ifndef VMBASE_FDT_H
#define VMBASE_FDT_H

#include <vmbase/error.h>
#include <vmbase/range.h>
#include <vmbase/smccc.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A tree that has been opened. Its members are not for the owner.
struct vmbase_fdt {
	const unsigned char *blob;
	uint32_t size_bytes;
	uint32_t structure; // offsets from the blob's beginning, and sizes
	uint32_t structure_bytes;
	uint32_t strings;
	uint32_t strings_bytes;
	uint32_t reservations;
	uint32_t chosen; // nodes that are asked for often
	uint32_t reserved_memory;
	uint32_t memory;
	uint32_t psci;
};

// Opens the tree at `blob`, of which no more than max_bytes may be read: what is mapped there, or the largest
// that a VMM gives, 2 MiB. Linear.
//
// A tree that Linux reads is read, however odd it is: the root may have a name, properties may come after nodes
// or have no name (they are passed over), and what follows the root's end does not matter.
//
// VMBASE_ERROR_NOT_FOUND     blob is NULL, or there is no tree
// VMBASE_ERROR_UNALIGNED     the blob is not aligned to 8, or the structure block not to 4
// VMBASE_ERROR_UNSUPPORTED   the format's version is not 16, 17, or one compatible with 17
// VMBASE_ERROR_OUT_OF_RANGE  it says that it is larger than max_bytes, or one of its blocks is not inside of
//                            it, or the memory reservation block does not end
// VMBASE_ERROR_CORRUPT       the structure block does not begin with the root, or has a tag that does not
//                            exist, or ends before the root does
enum vmbase_error vmbase_fdt_open(struct vmbase_fdt *fdt, const void *blob, size_t max_bytes);

// The blob's bytes, as its header says: what a copy takes, and what must not be used for something else.
static inline size_t vmbase_fdt_size_bytes(const struct vmbase_fdt *fdt)
{
	return fdt->size_bytes;
}

// Nodes and properties
//
// What a guest reads that knows the binding of its device. The functions further below know the usual ones.

// The most nodes that may lie within each other, the root included. Deeper ones are passed over.
#define VMBASE_FDT_DEPTH 16

// A node: where it and those that it lies in begin. Its members are not for the owner, who copies it as he
// likes. It is valid until the tree is changed. The initialiser is the root.
struct vmbase_fdt_node {
	uint32_t depth;
	uint32_t offsets[VMBASE_FDT_DEPTH];
};
#define VMBASE_FDT_ROOT                                                                                        \
	{                                                                                                      \
		0,                                                                                             \
		{                                                                                              \
			0                                                                                      \
		}                                                                                              \
	}

// Goes on to the next node as they are written down: to the first one inside, or else to the next beside, or
// further out. False after the last; then *node is as it was.
bool vmbase_fdt_next_node(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node);

// Goes on to the next node that is compatible, beginning behind *node. False, and *node as it was, if there is
// none. Linear.
bool vmbase_fdt_next_compatible(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node,
				const char *compatible);

// Finds a node by its path, such as "/soc/serial@1000", or by its alias, such as "serial0"; an alias may go on
// as a path. "@1000" may be left out. The path ends at a NUL or, as in stdout-path, at a ':'. Linear.
//
// VMBASE_ERROR_NOT_FOUND  there is no such node, or no such alias
// VMBASE_ERROR_CORRUPT    the alias is no absolute path
enum vmbase_error vmbase_fdt_find(const struct vmbase_fdt *fdt, const char *path, struct vmbase_fdt_node *node);

// Finds a node by its phandle. Linear.
//
// VMBASE_ERROR_NOT_FOUND  no node has it
enum vmbase_error vmbase_fdt_find_phandle(const struct vmbase_fdt *fdt, uint32_t phandle,
					  struct vmbase_fdt_node *node);

// A node's name with its unit address: "serial@1000"; that of the root is empty, or whatever the VMM calls it.
const char *vmbase_fdt_node_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node);

// Whether the node's property `compatible` lists this one.
bool vmbase_fdt_is_compatible(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
			      const char *compatible);

// Whether neither the node nor one that it lies in has a `status` other than "okay".
bool vmbase_fdt_is_enabled(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node);

// A property's value, big-endian and aligned to 4, with its size in *size_bytes; NULL if there is none.
const void *vmbase_fdt_property(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				const char *name, size_t *size_bytes);

// A property that is a number of 32 bits, or a string; of a list of numbers or strings the first.
//
// VMBASE_ERROR_NOT_FOUND  there is no such property
// VMBASE_ERROR_CORRUPT    it has less than 32 bits, or no NUL
enum vmbase_error vmbase_fdt_u32(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				 const char *name, uint32_t *value);
enum vmbase_error vmbase_fdt_string(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				    const char *name, const char **value);

// The index-th range of a node's `reg`, from 0 on, in the CPU's addresses: translated by the `ranges` of each
// node that it lies in. A bus has addresses and sizes of one or two cells.
//
// VMBASE_ERROR_NOT_FOUND     there is no such entry
// VMBASE_ERROR_UNSUPPORTED   a bus has other cells than that, or no `ranges`: the CPU has no address for it
// VMBASE_ERROR_OUT_OF_RANGE  the range is empty, wraps around, or lies in none of the `ranges`
// VMBASE_ERROR_CORRUPT       `reg` ends inside of the entry
enum vmbase_error vmbase_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				 uint32_t index, struct vmbase_range *range);

// Lists
//
// Where there may be several of a thing, a call gives the next. The iterator, all zero, stands before the
// first:
//
//     struct vmbase_fdt_iterator iterator = { 0 };
//     while ((error = vmbase_fdt_next_memory(&fdt, &iterator, &ram)) != VMBASE_ERROR_NOT_FOUND) { … }
//
// VMBASE_ERROR_NOT_FOUND says that there are no more. Another error is of one thing in the list, which goes on
// behind it.

struct vmbase_fdt_iterator {
	struct vmbase_fdt_node node;
	uint32_t index;
};

// RAM
//
// One entry that cannot be read does not hide the others: the list gives an error in its place, and goes on
// with the next call. vmbase_fdt_memory() and vmbase_fdt_free_memory() use what is sound, and
// vmbase_fdt_check_memory() says whether that is all.

// The next range of RAM, of a node in the root with the device_type "memory" (Devicetree Specification, /memory
// node). Empty ranges are left out. They come as they are written down, may touch or overlap, and include what
// is reserved. Linear.
//
// VMBASE_ERROR_UNSUPPORTED   the root has addresses or sizes of more than two cells
// VMBASE_ERROR_OUT_OF_RANGE  the range wraps around
// VMBASE_ERROR_CORRUPT       the node's `reg` ends inside of an entry
enum vmbase_error vmbase_fdt_next_memory(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					 struct vmbase_range *ram);

struct vmbase_fdt_reservation {
	struct vmbase_range range;
	bool is_no_map;              // nobody may even map it as ordinary memory
	bool is_restricted_dma_pool; // the memory that devices see, and shared from the start
};

// The next range that is not to be used: of the memory reservation block, and then of /reserved-memory
// (reserved-memory/reserved-memory.yaml), whose addresses are the CPU's as they are written down. Empty ones
// are left out, and those that have no address yet. A range that would wrap around ends at the last address.
// The tree itself need not be among them. Linear.
//
// VMBASE_ERROR_UNSUPPORTED  /reserved-memory has addresses or sizes of more than two cells
// VMBASE_ERROR_CORRUPT      the node's `reg` ends inside of an entry
enum vmbase_error vmbase_fdt_next_reserved(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					   struct vmbase_fdt_reservation *reservation);

// The lowest range at or above `address` that is RAM, as large as it can be, and the same without what is
// reserved. All of them, in order, are what calls give that go on from the end of the one before. The tree and
// the image, which need not be reserved, are for the caller to keep out. It takes a few walks of the tree, and
// no more than 512.
//
// VMBASE_ERROR_NOT_FOUND    there is no more
// VMBASE_ERROR_UNSUPPORTED  there are too many ranges, in too unlucky an order
enum vmbase_error vmbase_fdt_memory(const struct vmbase_fdt *fdt, uintptr_t address,
				    struct vmbase_range *range);
enum vmbase_error vmbase_fdt_free_memory(const struct vmbase_fdt *fdt, uintptr_t address,
					 struct vmbase_range *range);

// Whether all that the tree says of RAM and of reservations can be read. Linear.
//
// VMBASE_ERROR_CORRUPT  a node of the root is called memory, and has no device_type
// or the first error that vmbase_fdt_next_memory() gives, or vmbase_fdt_next_reserved().
enum vmbase_error vmbase_fdt_check_memory(const struct vmbase_fdt *fdt);

// The console
enum vmbase_fdt_uart {
	VMBASE_FDT_UART_PL011,
	VMBASE_FDT_UART_8250,
	VMBASE_FDT_UART_SBSA, // a PL011's data and flag registers, and nothing to set up
};

struct vmbase_fdt_console {
	enum vmbase_fdt_uart uart;
	struct vmbase_range registers;
	uint8_t register_shift; // the n-th register is at n << register_shift
	uint8_t access_bytes;   // the width that registers are accessed by: 1, 2 or 4
	const char *options;    // what follows the ':' in stdout-path, such as "115200n8"; or ""
};

// The UART that the console is on: what /chosen's stdout-path (or linux,stdout-path) names, or else, also where
// that is no UART of these, the first one in the tree. Those that are disabled or that the CPU has no address
// for are passed over. Linear.
//
// A PL011 is "arm,pl011", an SBSA UART "arm,sbsa-uart". An 8250 is "ns16550a", "ns16550", "ns16450", "ns8250"
// or "snps,dw-apb-uart".
//
// VMBASE_ERROR_NOT_FOUND  there is none
enum vmbase_error vmbase_fdt_console(const struct vmbase_fdt *fdt, struct vmbase_fdt_console *console);

// /chosen
//
// VMBASE_ERROR_NOT_FOUND     there is no such property
// VMBASE_ERROR_CORRUPT       it is not of the size or form that it must be
// VMBASE_ERROR_OUT_OF_RANGE  (initrd) its range is empty or ends before it begins

// The command line.
enum vmbase_error vmbase_fdt_bootargs(const struct vmbase_fdt *fdt, const char **bootargs);

// The initial RAM disk, of linux,initrd-start and linux,initrd-end, each of 32 or 64 bits.
enum vmbase_error vmbase_fdt_initrd(const struct vmbase_fdt *fdt, struct vmbase_range *initrd);

// Random bytes from the VMM.
enum vmbase_error vmbase_fdt_rng_seed(const struct vmbase_fdt *fdt, const void **seed, size_t *size_bytes);

// Takes the property rng-seed out of the tree: its bytes are overwritten. `blob` is the tree, at an address
// where it can be written.
//
// VMBASE_ERROR_NOT_FOUND  there is none
enum vmbase_error vmbase_fdt_wipe_rng_seed(const struct vmbase_fdt *fdt, void *blob);

// Feeds rng-seed to vmbase_entropy_seed() of <vmbase/entropy.h>, and takes it out of the tree, also where it is
// not used. Platform `generic` does so before main.
//
// VMBASE_ERROR_NOT_FOUND         there is none
// VMBASE_ERROR_INVALID_ARGUMENT  it has less than VMBASE_ENTROPY_SEED_BYTES bytes
// VMBASE_ERROR_DENIED            the VM is a protected one: who wrote the tree is whom secrets are kept from
enum vmbase_error vmbase_fdt_feed_entropy(const struct vmbase_fdt *fdt, void *blob);

// Devices

// How PSCI is called: what vmbase_smccc_conduit should be. Its node is the first that is enabled and compatible
// with PSCI, wherever it lies (arm/psci.yaml).
//
// VMBASE_ERROR_NOT_FOUND    there is no node of PSCI
// VMBASE_ERROR_UNSUPPORTED  it is PSCI 0.1 alone, which has other function IDs than <vmbase/psci.h>, and can
//                           neither power off nor reset
// VMBASE_ERROR_CORRUPT      its method is neither "hvc" nor "smc"
enum vmbase_error vmbase_fdt_psci_conduit(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit);

struct vmbase_fdt_gic {
	unsigned int version; // 2 or 3
	struct vmbase_range distributor;
	struct vmbase_range cpu_interface;  // version 2
	struct vmbase_range redistributors; // version 3: the first region
	uint32_t redistributor_regions;     // version 3: regions 1, 2, … are vmbase_fdt_reg()'s 2, 3, …
	struct vmbase_fdt_node node;
};

// The interrupt controller.
//
// VMBASE_ERROR_NOT_FOUND  there is no GIC of version 2 or 3, or it lacks one of its ranges
// or what vmbase_fdt_reg() gives.
enum vmbase_error vmbase_fdt_gic(const struct vmbase_fdt *fdt, struct vmbase_fdt_gic *gic);

struct vmbase_fdt_interrupt {
	uint32_t intid; // the GIC's number: 16 to 31 private to a CPU, 32 to 1019 shared
	bool is_edge_triggered;
};

// The index-th of a node's `interrupts`, from 0 on, which go to the GIC.
//
// VMBASE_ERROR_NOT_FOUND     there is no such entry
// VMBASE_ERROR_UNSUPPORTED   they go to another interrupt controller, or through an interrupt-map
// VMBASE_ERROR_OUT_OF_RANGE  the GIC can have no interrupt of this number
// VMBASE_ERROR_CORRUPT       there is no interrupt parent, or the property ends inside of the entry
enum vmbase_error vmbase_fdt_interrupt(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				       uint32_t index, struct vmbase_fdt_interrupt *interrupt);

struct vmbase_fdt_timer {
	struct vmbase_fdt_interrupt physical_el1; // the non-secure one: CNTP_EL0
	struct vmbase_fdt_interrupt virtual_el1;  // CNTV_EL0
};

// The generic timer's interrupts, by interrupt-names or else by their order (timer/arm,arch_timer.yaml).
//
// VMBASE_ERROR_NOT_FOUND  there is no node of it that is enabled, or it has names and not these
// or what vmbase_fdt_interrupt() gives.
enum vmbase_error vmbase_fdt_timer(const struct vmbase_fdt *fdt, struct vmbase_fdt_timer *timer);

struct vmbase_fdt_virtio_mmio {
	struct vmbase_range registers;
	struct vmbase_fdt_interrupt interrupt;
};

// The next virtio-mmio transport that is enabled (virtio/mmio.yaml). Linear.
//
// VMBASE_ERROR_CORRUPT  it has no registers, or no interrupt
// or what else vmbase_fdt_reg() and vmbase_fdt_interrupt() give.
enum vmbase_error vmbase_fdt_next_virtio_mmio(const struct vmbase_fdt *fdt,
					      struct vmbase_fdt_iterator *iterator,
					      struct vmbase_fdt_virtio_mmio *virtio);

struct vmbase_fdt_pci_host {
	struct vmbase_range configuration;
	bool is_ecam; // 4 KiB of configuration space a function; else (CAM) 256 bytes
	uint8_t first_bus;
	uint8_t last_bus;
	struct vmbase_fdt_node node;
};

// The next host bridge of PCI that is enabled (pci/host-generic-pci.yaml). The configuration space is as large
// as its buses need, or there is an error. Linear.
//
// VMBASE_ERROR_OUT_OF_RANGE  the configuration space is too small, or the buses are none
// VMBASE_ERROR_CORRUPT       it has no configuration space, or bus-range is no pair
// or what else vmbase_fdt_reg() gives.
enum vmbase_error vmbase_fdt_next_pci_host(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					   struct vmbase_fdt_pci_host *host);

enum vmbase_fdt_pci_space {
	VMBASE_FDT_PCI_IO = 1,
	VMBASE_FDT_PCI_MEMORY_32 = 2,
	VMBASE_FDT_PCI_MEMORY_64 = 3,
};

struct vmbase_fdt_pci_window {
	enum vmbase_fdt_pci_space space;
	bool is_prefetchable;
	uint64_t bus_address; // what is written into a BAR for the window's beginning
	struct vmbase_range range;
};

// The index-th window of a host bridge, from 0 on: of its `ranges`.
//
// VMBASE_ERROR_NOT_FOUND     there is no such entry
// VMBASE_ERROR_UNSUPPORTED   it is one of configuration space, or the bridge's cells are not PCI's
// VMBASE_ERROR_OUT_OF_RANGE  the window is empty, or wraps around on either side
// VMBASE_ERROR_CORRUPT       `ranges` ends inside of the entry
// or what else vmbase_fdt_reg() gives.
enum vmbase_error vmbase_fdt_pci_window(const struct vmbase_fdt *fdt, const struct vmbase_fdt_pci_host *host,
					uint32_t index, struct vmbase_fdt_pci_window *window);

// Changes
//
// What a guest does that starts another program with a tree of its own: it copies the tree into a buffer with
// room, changes the copy, and packs it. A change moves what lies behind it, so that nodes and pointers into the
// copy that were found before it are not valid after it. Each change is linear in the bytes of the copy.
//
// After an error the copy is a tree as before, but for VMBASE_ERROR_NO_MEMORY it may hold a name more that no
// property has.

// A tree that is being changed. Its owner reads it by `fdt`, and leaves the members alone.
struct vmbase_fdt_editor {
	struct vmbase_fdt fdt;
	unsigned char *buffer;
};

// Copies a tree to `buffer`, whose size_bytes it may grow to. The buffer may be where the tree is. A tree that
// a VMM left room in needs no more than what is used of it.
//
// VMBASE_ERROR_UNALIGNED  buffer is no multiple of 8
// VMBASE_ERROR_NO_MEMORY  the tree does not fit
// VMBASE_ERROR_CORRUPT    the tree is of version 16, and no FDT_END follows its root
enum vmbase_error vmbase_fdt_edit(struct vmbase_fdt_editor *editor, const struct vmbase_fdt *fdt, void *buffer,
				  size_t size_bytes);

// Adds a node without properties, as the first in the node at the path `parent`.
//
// VMBASE_ERROR_INVALID_ARGUMENT  the name is empty, or has a '/' or ':'
// VMBASE_ERROR_NOT_FOUND         there is no such parent
// VMBASE_ERROR_BUSY              the parent has a node that vmbase_fdt_find() would find by the name
// VMBASE_ERROR_UNSUPPORTED       the node would be deeper than VMBASE_FDT_DEPTH
// VMBASE_ERROR_NO_MEMORY         the buffer is full
enum vmbase_error vmbase_fdt_add_node(struct vmbase_fdt_editor *editor, const char *parent, const char *name);

// Sets a property of the node at `path`, whether it has one of that name or not: to bytes as they are, to a
// big-endian number, or to a string with its NUL. The value may not lie in the copy itself.
//
// VMBASE_ERROR_INVALID_ARGUMENT  the name is empty
// VMBASE_ERROR_NOT_FOUND         there is no such node
// VMBASE_ERROR_NO_MEMORY         the buffer is full
enum vmbase_error vmbase_fdt_set_bytes(struct vmbase_fdt_editor *editor, const char *path, const char *name,
				       const void *value, size_t size_bytes);
enum vmbase_error vmbase_fdt_set_u32(struct vmbase_fdt_editor *editor, const char *path, const char *name,
				     uint32_t value);
enum vmbase_error vmbase_fdt_set_u64(struct vmbase_fdt_editor *editor, const char *path, const char *name,
				     uint64_t value);
enum vmbase_error vmbase_fdt_set_string(struct vmbase_fdt_editor *editor, const char *path, const char *name,
					const char *value);

// Adds a range to the memory reservation block.
//
// VMBASE_ERROR_OUT_OF_RANGE  the range is empty
// VMBASE_ERROR_NO_MEMORY     the buffer is full
enum vmbase_error vmbase_fdt_add_reservation(struct vmbase_fdt_editor *editor, struct vmbase_range range);

// Gives up the room that is left: vmbase_fdt_size_bytes(&editor->fdt) is then what the tree needs. Another
// change needs another vmbase_fdt_edit().
enum vmbase_error vmbase_fdt_pack(struct vmbase_fdt_editor *editor);

#ifdef __cplusplus
}
#endif

#endif
