// SPDX-License-Identifier: Apache-2.0

// What C++ has beyond C, and needs somebody for: constructors before main, virtual functions, new and delete,
// function-local statics, handlers that are found by their names.

#include <vmbase/console.h>
#include <vmbase/exceptions.h>
#include <vmbase/heap.h>
#include <vmbase/main.h>
#include <vmbase/tracker.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

VMBASE_HEAP(256 * 1024);
VMBASE_TABLE_POOL(tables, 2);

namespace
{

int tests;

void check(bool passed, const char *name)
{
	vmbase_println("%sok %d - %s", passed ? "" : "not ", ++tests, name);
}

size_t live_blocks()
{
	struct vmbase_heap_statistics statistics;

	return vmbase_heap_statistics(&statistics) == VMBASE_OK ? statistics.live_blocks : SIZE_MAX;
}

// Before main, with the heap.
class Text
{
      public:
	explicit Text(const char *text) : text_(new char[strlen(text) + 1])
	{
		strcpy(text_, text);
	}
	Text(const Text &) = delete;
	Text &operator=(const Text &) = delete;
	~Text()
	{
		delete[] text_;
	}
	bool is(const char *text) const
	{
		return strcmp(text_, text) == 0;
	}

      private:
	char *text_;
};

Text global("made before main");

class Shape
{
      public:
	Shape() = default;
	Shape(const Shape &) = delete;
	Shape &operator=(const Shape &) = delete;
	virtual ~Shape()
	{
		destroyed++;
	}
	virtual int area() const = 0;
	static int destroyed;
};
int Shape::destroyed;

class Square : public Shape
{
      public:
	explicit Square(int side) : side_(side)
	{
	}
	int area() const override
	{
		return side_ * side_;
	}

      private:
	int side_;
};

class Aligned : public Shape
{
      public:
	int area() const override
	{
		return static_cast<int>(sizeof(bytes_));
	}

      private:
	alignas(256) unsigned char bytes_[256] = {};
};

int constructed;

struct Counted {
	Counted()
	{
		constructed++;
	}
	~Counted()
	{
		constructed--;
	}
};

const Counted &counted()
{
	static Counted object;

	return object;
}

template <typename Function> int twice(Function function)
{
	return function(1) + function(2);
}

thread_local int of_this_thread = 42;
int faults;

void run(uint64_t, uint64_t, uint64_t, uint64_t)
{
	check(global.is("made before main"), "a constructor has run before main");

	const size_t before = live_blocks();
	Shape *shapes[] = { new Square(3), new Aligned, new Square(4) };
	int area = 0;

	check(live_blocks() == before + 3, "new allocates from the heap");
	check(reinterpret_cast<uintptr_t>(shapes[1]) % 256 == 0, "new aligns");
	for (Shape *shape : shapes) {
		area += shape->area();
	}
	check(area == 9 + 256 + 16, "virtual functions are called");
	for (Shape *shape : shapes) {
		delete shape;
	}
	check(Shape::destroyed == 3 && live_blocks() == before, "delete destroys, and frees");

	check(constructed == 0, "a function's static is not made before");
	check(&counted() == &counted() && constructed == 1, "it is made once, at the first call");
	check(twice([area](int n) { return area * n; }) == 3 * area, "templates and lambdas");
	check(of_this_thread++ == 42, "thread-local variables");

	errno = 0;
	void *const none = malloc(SIZE_MAX / 2);

	check(none == nullptr && errno == ENOMEM, "errno");
	__asm__ volatile("brk #1");
	check(faults == 1, "a handler is found");
	check(tables.allocate(tables.context) != nullptr, "a table pool");
	vmbase_println("1..%d", tests);
}

} // namespace

void sync_exception_current(struct vmbase_exception_frame *frame)
{
	faults++;
	frame->elr += 4;
}

VMBASE_MAIN(run);
