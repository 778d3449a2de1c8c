// SPDX-License-Identifier: Apache-2.0

// The flattened device tree, in which the VMM describes the machine (Devicetree Specification, release v0.4;
// the bindings are those of Linux, Documentation/devicetree/bindings).
//
//     vmbase_fdt_open(&fdt, (const void *)vmbase_layout_dtb().begin, 2 * 1024 * 1024)
//     vmbase_fdt_bootargs(&fdt, &bootargs)
//
// The tree comes from the host and is not trusted. vmbase_fdt_open() checks the whole tree once and refuses a
// damaged one. Each later function returns an error for a value that is not valid. No function reads a byte
// outside of the blob, allocates memory, or calls itself, and all loops end with the blob. The blob must not
// change while it is in use, except by the functions below.
//
// All functions may be called on any CPU, and before main if the blob is mapped. They use at most 1.5 KiB of
// stack. "Linear" means linear in the bytes of the structure block.
//
// The functions are a library of their own, which needs libfdt. If Meson does not find libfdt, it prints a
// message, and a guest that calls one of the functions does not link.

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

// An open tree. The members are private.
struct vmbase_fdt {
	const unsigned char *blob;
	uint32_t size_bytes;
	uint32_t structure; // offsets from the beginning of the blob, and sizes
	uint32_t structure_bytes;
	uint32_t strings;
	uint32_t strings_bytes;
	uint32_t reservations;
	uint32_t chosen; // nodes that are read often
	uint32_t reserved_memory;
	uint32_t memory;
	uint32_t psci;
};

// Opens the tree at `blob`. At most max_bytes are read: the bytes that are mapped there, or 2 MiB, the largest
// tree of a VMM. Linear.
//
// A tree that Linux reads is accepted: the root may have a name, and the bytes after the end of the root do not
// matter. Properties after nodes and properties without a name are ignored.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if blob is NULL, or if there is no tree
//   VMBASE_ERROR_UNALIGNED     if the blob is not aligned to 8, or the structure block not to 4
//   VMBASE_ERROR_UNSUPPORTED   if the version of the format is not 16, 17, or compatible with 17
//   VMBASE_ERROR_OUT_OF_RANGE  if the tree's size is larger than max_bytes, if one of its blocks is not inside
//                              of the tree, or if the memory reservation block does not end
//   VMBASE_ERROR_CORRUPT       if the structure block does not begin with the root, has an unknown tag, or ends
//                              before the end of the root
enum vmbase_error vmbase_fdt_open(struct vmbase_fdt *fdt, const void *blob, size_t max_bytes);

// Returns the size of the blob, from its header: the bytes that a copy needs and that must stay reserved.
//
// Context: any
static inline size_t vmbase_fdt_size_bytes(const struct vmbase_fdt *fdt)
{
	return fdt->size_bytes;
}

// Nodes and properties
//
// For a guest that knows the binding of its device. The functions in the sections below know the usual
// bindings.

// The largest depth of a node, the root included. Deeper nodes are ignored.
#define VMBASE_FDT_DEPTH 16

// A node: the offsets of the node and of the nodes that contain it. It may be copied, and is valid until the
// tree is changed. The members are private. VMBASE_FDT_ROOT is an initialiser for the root.
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

// Moves *node to the next node in the order of the tree: a node, then the nodes in it. Returns false after the
// last node; *node does not change then.
//
// Context: any
bool vmbase_fdt_next_node(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node);

// Moves *node to the next compatible node after *node. Returns false if there is no such node; *node does not
// change then. Linear.
//
// Context: any
bool vmbase_fdt_next_compatible(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node,
				const char *compatible);

// Finds a node by its path, such as "/soc/serial@1000", or by its alias, such as "serial0". A path may begin
// with an alias. "@1000" may be left out. The path ends at a NUL or, as in stdout-path, at a ':'. Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the node or the alias does not exist
//   VMBASE_ERROR_CORRUPT    if the alias is not an absolute path
enum vmbase_error vmbase_fdt_find(const struct vmbase_fdt *fdt, const char *path, struct vmbase_fdt_node *node);

// Finds a node by its phandle. Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if no node has the phandle
enum vmbase_error vmbase_fdt_find_phandle(const struct vmbase_fdt *fdt, uint32_t phandle,
					  struct vmbase_fdt_node *node);

// Returns the name of a node with its unit address, such as "serial@1000". The name of the root is usually
// empty.
//
// Context: any
const char *vmbase_fdt_node_name(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node);

// Returns whether the property `compatible` of the node has this string.
//
// Context: any
bool vmbase_fdt_is_compatible(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
			      const char *compatible);

// Returns whether the node is enabled: neither the node nor a node that contains it has a `status` other than
// "okay".
//
// Context: any
bool vmbase_fdt_is_enabled(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node);

// Returns the value of a property, big-endian and aligned to 4, and stores its size in *size_bytes. Returns
// NULL if the property does not exist.
//
// Context: any
const void *vmbase_fdt_property(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				const char *name, size_t *size_bytes);

// Read a property that is a number of 32 bits or a string, or the first one of a list.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if the property does not exist
//   VMBASE_ERROR_CORRUPT    if the property has less than 32 bits, or no NUL
enum vmbase_error vmbase_fdt_u32(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				 const char *name, uint32_t *value);
enum vmbase_error vmbase_fdt_string(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				    const char *name, const char **value);

// Reads an entry of a node's `reg`, in the CPU's addresses: the `ranges` of each node that contains the node
// translate it. The first entry has the index 0. The addresses and sizes of a bus have one or two cells.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if the entry does not exist
//   VMBASE_ERROR_UNSUPPORTED   if a bus has another number of cells, or no `ranges`: the CPU has no address for
//                              the entry
//   VMBASE_ERROR_OUT_OF_RANGE  if the range is empty, wraps around, or is not in one of the `ranges`
//   VMBASE_ERROR_CORRUPT       if `reg` ends inside of the entry
enum vmbase_error vmbase_fdt_reg(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				 uint32_t index, struct vmbase_range *range);

// Lists
//
// The functions with an iterator find one entry of a list with each call. An iterator that is all zero is
// before the first entry:
//
//     struct vmbase_fdt_iterator iterator = { 0 };
//     while ((error = vmbase_fdt_next_memory(&fdt, &iterator, &ram)) != VMBASE_ERROR_NOT_FOUND) { … }
//
// VMBASE_ERROR_NOT_FOUND ends the list. Any other error belongs to one entry: the next call continues after
// that entry.

// The position in a list.
struct vmbase_fdt_iterator {
	struct vmbase_fdt_node node;
	uint32_t index;
};

// RAM
//
// An entry that cannot be read does not hide the other entries: the list gives an error in its place.
// vmbase_fdt_memory() and vmbase_fdt_free_memory() ignore such entries; vmbase_fdt_check_memory() reports them.

// Finds the next range of RAM: of a node in the root with the device_type "memory" (Devicetree Specification,
// /memory node). The ranges come in the order of the tree, may touch or overlap, and include the reservations.
// Empty ranges are left out. Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if there are no more ranges
//   VMBASE_ERROR_UNSUPPORTED   if addresses or sizes of the root have more than two cells
//   VMBASE_ERROR_OUT_OF_RANGE  if the range wraps around
//   VMBASE_ERROR_CORRUPT       if `reg` of the node ends inside of an entry
enum vmbase_error vmbase_fdt_next_memory(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					 struct vmbase_range *ram);

// A range that must not be used as RAM.
struct vmbase_fdt_reservation {
	struct vmbase_range range;
	bool is_no_map;              // must not be mapped as Normal memory
	bool is_restricted_dma_pool; // shared from the start, the only memory that devices see
};

// Finds the next reservation: first those of the memory reservation block, then those of /reserved-memory
// (reserved-memory/reserved-memory.yaml), whose addresses are CPU addresses without translation. Reservations
// that are empty or have no address yet are left out. A range that wraps around ends at the last address. The
// tree itself is not always reserved. Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND    if there are no more reservations
//   VMBASE_ERROR_UNSUPPORTED  if addresses or sizes of /reserved-memory have more than two cells
//   VMBASE_ERROR_CORRUPT      if `reg` of the node ends inside of an entry
enum vmbase_error vmbase_fdt_next_reserved(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					   struct vmbase_fdt_reservation *reservation);

// Find the lowest range of RAM, and of RAM without reservations, at or above `address`, as large as possible. A
// loop from the end of each range finds all ranges in ascending order. The caller excludes the tree and the
// image, which are not always reserved. Takes a few walks of the tree, at most 512.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND    if there are no more ranges
//   VMBASE_ERROR_UNSUPPORTED  if there are too many ranges in an unlucky order
enum vmbase_error vmbase_fdt_memory(const struct vmbase_fdt *fdt, uintptr_t address,
				    struct vmbase_range *range);
enum vmbase_error vmbase_fdt_free_memory(const struct vmbase_fdt *fdt, uintptr_t address,
					 struct vmbase_range *range);

// Checks that all ranges of RAM and all reservations can be read. Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_CORRUPT  if a node of the root has the name memory and no device_type
//   the first error of vmbase_fdt_next_memory() or of vmbase_fdt_next_reserved()
enum vmbase_error vmbase_fdt_check_memory(const struct vmbase_fdt *fdt);

// Console

// The kinds of UARTs.
enum vmbase_fdt_uart {
	VMBASE_FDT_UART_PL011,
	VMBASE_FDT_UART_8250,
	VMBASE_FDT_UART_SBSA, // the data and flag registers of a PL011, without initialisation
};

// The UART of the console.
struct vmbase_fdt_console {
	enum vmbase_fdt_uart uart;
	struct vmbase_range registers;
	uint8_t register_shift; // register n is at the offset n << register_shift
	uint8_t access_bytes;   // the size of an access to a register: 1, 2 or 4
	const char *options;    // the text after the ':' in stdout-path, such as "115200n8", or ""
};

// Finds the UART of the console: the one that stdout-path (or linux,stdout-path) of /chosen names, or the first
// UART in the tree if stdout-path names no UART of these kinds. UARTs that are disabled, or that have no CPU
// address, are ignored. Linear.
//
// A PL011 is "arm,pl011", an SBSA UART "arm,sbsa-uart". An 8250 is "ns16550a", "ns16550", "ns16450", "ns8250"
// or "snps,dw-apb-uart".
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there is no UART
enum vmbase_error vmbase_fdt_console(const struct vmbase_fdt *fdt, struct vmbase_fdt_console *console);

// /chosen

// Reads the command line.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there is no command line
//   VMBASE_ERROR_CORRUPT    if the property has no NUL
enum vmbase_error vmbase_fdt_bootargs(const struct vmbase_fdt *fdt, const char **bootargs);

// Reads the range of the initial RAM disk: linux,initrd-start and linux,initrd-end, each of 32 or 64 bits.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if one of the properties does not exist
//   VMBASE_ERROR_CORRUPT       if one of the properties has another size
//   VMBASE_ERROR_OUT_OF_RANGE  if the range is empty or ends before it begins
enum vmbase_error vmbase_fdt_initrd(const struct vmbase_fdt *fdt, struct vmbase_range *initrd);

// Finds rng-seed, the random bytes from the VMM.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there is no rng-seed
enum vmbase_error vmbase_fdt_rng_seed(const struct vmbase_fdt *fdt, const void **seed, size_t *size_bytes);

// Removes the property rng-seed from the tree, and overwrites its bytes. `blob` is the tree at a writable
// address.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there is no rng-seed
enum vmbase_error vmbase_fdt_wipe_rng_seed(const struct vmbase_fdt *fdt, void *blob);

// Passes rng-seed to vmbase_entropy_seed() of <vmbase/entropy.h>, and removes it from the tree, also if it is
// not used. Platform `generic` does so before main.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND         if there is no rng-seed
//   VMBASE_ERROR_INVALID_ARGUMENT  if rng-seed has less than VMBASE_ENTROPY_SEED_BYTES bytes
//   VMBASE_ERROR_DENIED            if the VM is protected: its secrets are kept from the author of the tree.
//                                  Each VM of GenieZone and Gunyah counts as protected
//   the other errors of vmbase_entropy_seed()
enum vmbase_error vmbase_fdt_feed_entropy(const struct vmbase_fdt *fdt, void *blob);

// Devices

// Reads the conduit of PSCI, for vmbase_smccc_conduit, from the first node anywhere in the tree that is enabled
// and compatible with PSCI (arm/psci.yaml).
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND    if there is no node of PSCI
//   VMBASE_ERROR_UNSUPPORTED  if the node is only PSCI 0.1, whose function IDs differ from those of
//                             <vmbase/psci.h>, and which can neither power off nor reset
//   VMBASE_ERROR_CORRUPT      if the method is neither "hvc" nor "smc"
enum vmbase_error vmbase_fdt_psci_conduit(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit);

// The Generic Interrupt Controller (GIC).
struct vmbase_fdt_gic {
	unsigned int version; // 2 or 3
	struct vmbase_range distributor;
	struct vmbase_range cpu_interface;  // version 2
	struct vmbase_range redistributors; // version 3: the first region
	uint32_t redistributor_regions; // version 3: regions 1, 2, … are entries 2, 3, … of vmbase_fdt_reg()
	struct vmbase_fdt_node node;
};

// Finds the interrupt controller.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there is no GIC of version 2 or 3, or if one of its ranges is missing
//   the other errors of vmbase_fdt_reg()
enum vmbase_error vmbase_fdt_gic(const struct vmbase_fdt *fdt, struct vmbase_fdt_gic *gic);

// An interrupt of the GIC.
struct vmbase_fdt_interrupt {
	uint32_t intid; // the number in the GIC: 16 to 31 private to a CPU, 32 to 1019 shared
	bool is_edge_triggered;
};

// Reads an entry of a node's `interrupts`, which go to the GIC. The first entry has the index 0.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if the entry does not exist
//   VMBASE_ERROR_UNSUPPORTED   if the interrupts go to another interrupt controller, or through an
//                              interrupt-map; or if the interrupt is neither an SPI nor a PPI
//   VMBASE_ERROR_OUT_OF_RANGE  if a GIC has no interrupt with this number
//   VMBASE_ERROR_CORRUPT       if there is no interrupt parent, or if the property ends inside of the entry
enum vmbase_error vmbase_fdt_interrupt(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				       uint32_t index, struct vmbase_fdt_interrupt *interrupt);

// The interrupts of the generic timer.
struct vmbase_fdt_timer {
	struct vmbase_fdt_interrupt physical_el1; // the non-secure timer, CNTP_EL0
	struct vmbase_fdt_interrupt virtual_el1;  // CNTV_EL0
};

// Finds the interrupts of the generic timer, by interrupt-names, or without names by their order
// (timer/arm,arch_timer.yaml).
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if no node of the timer is enabled, or if its names do not include these interrupts
//   the other errors of vmbase_fdt_interrupt()
enum vmbase_error vmbase_fdt_timer(const struct vmbase_fdt *fdt, struct vmbase_fdt_timer *timer);

// A virtio-mmio transport.
struct vmbase_fdt_virtio_mmio {
	struct vmbase_range registers;
	struct vmbase_fdt_interrupt interrupt;
};

// Finds the next enabled virtio-mmio transport (virtio/mmio.yaml). Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND  if there are no more transports
//   VMBASE_ERROR_CORRUPT    if the transport has no registers or no interrupt
//   the other errors of vmbase_fdt_reg() and vmbase_fdt_interrupt()
enum vmbase_error vmbase_fdt_next_virtio_mmio(const struct vmbase_fdt *fdt,
					      struct vmbase_fdt_iterator *iterator,
					      struct vmbase_fdt_virtio_mmio *virtio);

// A host bridge of PCI.
struct vmbase_fdt_pci_host {
	struct vmbase_range configuration;
	bool is_ecam; // each function has 4 KiB of configuration space; without ECAM (CAM) 256 bytes
	uint8_t first_bus;
	uint8_t last_bus;
	struct vmbase_fdt_node node;
};

// Finds the next enabled host bridge of PCI (pci/host-generic-pci.yaml). Its configuration space is large
// enough for its buses, or there is an error. Linear.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if there are no more host bridges
//   VMBASE_ERROR_OUT_OF_RANGE  if the configuration space is too small, or if the range of buses is not valid
//   VMBASE_ERROR_CORRUPT       if there is no configuration space, or if bus-range is not a pair
//   the other errors of vmbase_fdt_reg()
enum vmbase_error vmbase_fdt_next_pci_host(const struct vmbase_fdt *fdt, struct vmbase_fdt_iterator *iterator,
					   struct vmbase_fdt_pci_host *host);

// The address spaces of PCI.
enum vmbase_fdt_pci_space {
	VMBASE_FDT_PCI_IO = 1,
	VMBASE_FDT_PCI_MEMORY_32 = 2,
	VMBASE_FDT_PCI_MEMORY_64 = 3,
};

// A window of a host bridge.
struct vmbase_fdt_pci_window {
	enum vmbase_fdt_pci_space space;
	bool is_prefetchable;
	uint64_t bus_address; // the value of a BAR at the beginning of the window
	struct vmbase_range range;
};

// Reads a window of a host bridge, an entry of its `ranges`. The first entry has the index 0.
//
// Context: any
// Errors:
//   VMBASE_ERROR_NOT_FOUND     if the entry does not exist
//   VMBASE_ERROR_UNSUPPORTED   if the entry is configuration space, or if the numbers of cells are not those of
//                              PCI
//   VMBASE_ERROR_OUT_OF_RANGE  if the window is empty, or wraps around on one of its sides
//   VMBASE_ERROR_CORRUPT       if `ranges` ends inside of the entry
//   the other errors of vmbase_fdt_reg()
enum vmbase_error vmbase_fdt_pci_window(const struct vmbase_fdt *fdt, const struct vmbase_fdt_pci_host *host,
					uint32_t index, struct vmbase_fdt_pci_window *window);

// Changes
//
// For a guest that starts another program with its own tree: the guest copies the tree into a larger buffer,
// changes the copy, and packs it. A change moves the rest of the copy: nodes and pointers that were found
// before the change are no longer valid. Each change is linear in the bytes of the copy.
//
// After an error the copy is the same tree as before. After VMBASE_ERROR_NO_MEMORY it may have an unused name.

// A tree that is changed. The functions above read it by the member `fdt`. The members are private otherwise.
struct vmbase_fdt_editor {
	struct vmbase_fdt fdt;
	unsigned char *buffer;
};

// Copies a tree to `buffer` of size_bytes bytes, the limit of the copy's growth. The buffer may be the place of
// the tree itself. Unused room in the tree is not copied.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNALIGNED  if buffer is not a multiple of 8
//   VMBASE_ERROR_NO_MEMORY  if the tree does not fit
//   VMBASE_ERROR_CORRUPT    if the tree has version 16, and no FDT_END follows its root
enum vmbase_error vmbase_fdt_edit(struct vmbase_fdt_editor *editor, const struct vmbase_fdt *fdt, void *buffer,
				  size_t size_bytes);

// Adds a node without properties, as the first node in the node at the path `parent`.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the name is empty, or has a '/' or a ':'
//   VMBASE_ERROR_NOT_FOUND         if the parent does not exist
//   VMBASE_ERROR_BUSY              if the parent has a node that vmbase_fdt_find() finds by this name
//   VMBASE_ERROR_UNSUPPORTED       if the node would be deeper than VMBASE_FDT_DEPTH
//   VMBASE_ERROR_NO_MEMORY         if the buffer is full
//   VMBASE_ERROR_CORRUPT           as vmbase_fdt_find(), or if libfdt finds the copy damaged
enum vmbase_error vmbase_fdt_add_node(struct vmbase_fdt_editor *editor, const char *parent, const char *name);

// Set a new or existing property of the node at `path`: to bytes, to a big-endian number, or to a string with
// its NUL. The value must not be in the copy itself.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if the name is empty
//   VMBASE_ERROR_NOT_FOUND         if the node does not exist
//   VMBASE_ERROR_NO_MEMORY         if the buffer is full
//   VMBASE_ERROR_CORRUPT           as vmbase_fdt_find(), or if libfdt finds the copy damaged
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
// Context: any
// Errors:
//   VMBASE_ERROR_OUT_OF_RANGE  if the range is empty
//   VMBASE_ERROR_NO_MEMORY     if the buffer is full
//   VMBASE_ERROR_CORRUPT       if libfdt finds the copy damaged
enum vmbase_error vmbase_fdt_add_reservation(struct vmbase_fdt_editor *editor, struct vmbase_range range);

// Ends the changes and removes the unused room: vmbase_fdt_size_bytes(&editor->fdt) is then the size of the
// tree. Call vmbase_fdt_edit() before a further change.
//
// Context: any
// Errors:
//   VMBASE_ERROR_CORRUPT  if libfdt finds the copy damaged
enum vmbase_error vmbase_fdt_pack(struct vmbase_fdt_editor *editor);

#ifdef __cplusplus
}
#endif

#endif
