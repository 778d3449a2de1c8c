// SPDX-License-Identifier: Apache-2.0

// The interface of second.c.

#ifndef SECOND_H
#define SECOND_H

// Returns the text that the guest prints.
const char *greeting(void);

#endif
