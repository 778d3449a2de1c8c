// SPDX-License-Identifier: Apache-2.0

	.section .text.el2_fault_program, "ax", %progbits
	.balign 4
	.global el2_fault_program
el2_fault_program:
	udf	#0
