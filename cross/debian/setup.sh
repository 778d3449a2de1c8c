# SPDX-License-Identifier: Apache-2.0

# Functions that install the tools and configure a build. example/run and test/run source this file.

# run COMMAND...: prints a command and runs it.
run() {
	printf '+ %s\n' "$*"
	"$@"
}

# need TOOL PACKAGE: if TOOL, a command or an absolute path, is missing, adds Debian's PACKAGE to the list.
missing_tools=
missing_packages=
need() {
	case $1 in
	/*) [ -e "$1" ] && return ;;
	*) command -v "$1" >/dev/null && return ;;
	esac
	missing_tools="$missing_tools $1"
	case " $missing_packages " in
	*" $2 "*) ;;
	*) missing_packages="$missing_packages $2" ;;
	esac
}

need_to_build_and_run() {
	need python3 python3
	need meson meson
	need ninja ninja-build
	need clang clang
	need ld.lld lld
	need llvm-ar llvm
	need llvm-objcopy llvm
	need qemu-system-aarch64 qemu-system-arm
	# On systems without this package Meson builds picolibc from the wrap.
	if command -v apt-get >/dev/null; then
		need /usr/lib/picolibc/aarch64-linux-gnu/lib/libc.a picolibc-aarch64-linux-gnu
		# The compiler's helpers, libgcc.a.
		need "$(clang --target=aarch64-linux-gnu -print-libgcc-file-name 2>/dev/null)" gcc-aarch64-linux-gnu
	fi
}

need_to_test() {
	need git git
	need make make
	need gdb-multiarch gdb-multiarch
	need llvm-symbolizer llvm
	# gcc by name: cc may be clang, without the sanitizers that host tests link with.
	need gcc gcc
	need /usr/include/stdio.h libc6-dev
	need pkg-config pkg-config
	need /usr/include/cmocka.h libcmocka-dev
	need /usr/include/libfdt.h libfdt-dev
	need dtc device-tree-compiler
	need doxygen doxygen
	need clang-format clang-format
	need clang-tidy clang-tidy
	need flake8 flake8
	# Fuzzers are linked with this library.
	need "$(clang --print-runtime-dir 2>/dev/null)/libclang_rt.fuzzer-$(uname -m).a" libclang-rt-dev
	need clang-19 clang-19
	need ld.lld-19 lld-19
	need llvm-ar-19 llvm-19
	# The VMM in test/kvm is a Linux program for arm64.
	if [ "$(uname -m)" != aarch64 ] && command -v apt-get >/dev/null; then
		need /usr/aarch64-linux-gnu/lib/libc.a libc6-dev-arm64-cross
	fi
	# libFuzzer, and the runtime for coverage, for this machine. The tests with clang 19 need neither.
	need "$(clang -print-resource-dir 2>/dev/null)/lib/linux/libclang_rt.fuzzer-$(uname -m).a" libclang-rt-dev
}

# Installs the missing packages. On systems without apt, lists what is missing and exits.
install_missing() {
	[ -z "$missing_tools" ] && return
	if ! command -v apt-get >/dev/null; then
		echo "install these first:$missing_tools" >&2
		echo "(Debian's packages:$missing_packages)" >&2
		exit 1
	fi
	echo "installing:$missing_packages"
	sudo=
	[ "$(id -u)" -eq 0 ] || sudo=sudo
	run $sudo apt-get update
	# shellcheck disable=SC2086 # one word a package
	run $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $missing_packages
}

# Fetches libfdt for the guests, once. On systems without apt Meson builds libfdt.
fetch_libfdt() {
	if [ ! -f build/libfdt/lib/libfdt.a ] && command -v apt-get >/dev/null; then
		run cross/debian/fetch_libfdt.py
	fi
}

# setup BUILD SOURCE OPTION...: configures a build directory unless it is already configured.
setup() {
	build=$1
	source=$2
	shift 2
	[ -f "$build/build.ninja" ] || run meson setup "$build" "$source" "$@"
}
