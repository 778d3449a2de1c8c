// SPDX-License-Identifier: Apache-2.0

// A program at EL2 that installs no vectors and faults.

	.section .text.el2_fault_program, "ax", %progbits
	.balign 4
	.global el2_fault_program
el2_fault_program:
	udf	#0
