// SPDX-License-Identifier: Apache-2.0

// Calls a pure virtual function, in the one way that compiles.

#include <vmbase/main.h>

namespace
{

class Base
{
      public:
	Base()
	{
		call();
	}
	Base(const Base &) = delete;
	Base &operator=(const Base &) = delete;
	virtual void missing() = 0;

      protected:
	~Base() = default;

      private:
	__attribute__((noinline)) void call()
	{
		missing();
	}
};

class Derived final : public Base
{
      public:
	void missing() override
	{
	}
};

void run()
{
	Derived derived;

	derived.missing();
}

} // namespace

VMBASE_MAIN(run);
