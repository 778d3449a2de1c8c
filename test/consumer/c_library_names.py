# SPDX-License-Identifier: Apache-2.0
"""The functions of C17 and of POSIX that doc/libc.md tells of, by header."""

# ISO/IEC 9899:2018, clause 7: all functions. Macros are not among them.
C17 = {
    "complex.h": """
        cacos casin catan ccos csin ctan cacosh casinh catanh ccosh csinh ctanh cexp clog cabs cpow
        csqrt carg cimag conj cproj creal
    """,
    "ctype.h": """
        isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit
        tolower toupper
    """,
    "fenv.h": """
        feclearexcept fegetexceptflag feraiseexcept fesetexceptflag fetestexcept fegetround fesetround
        fegetenv feholdexcept fesetenv feupdateenv
    """,
    "inttypes.h": """
        imaxabs imaxdiv strtoimax strtoumax wcstoimax wcstoumax
    """,
    "locale.h": """
        setlocale localeconv
    """,
    "math.h": """
        acos asin atan atan2 cos sin tan acosh asinh atanh cosh sinh tanh exp exp2 expm1 frexp ilogb
        ldexp log log10 log1p log2 logb modf scalbn scalbln cbrt fabs hypot pow sqrt erf erfc lgamma
        tgamma ceil floor nearbyint rint lrint llrint round lround llround trunc fmod remainder remquo
        copysign nan nextafter nexttoward fdim fmax fmin fma
    """,
    "setjmp.h": """
        longjmp
    """,
    "signal.h": """
        signal raise
    """,
    "stdio.h": """
        remove rename tmpfile tmpnam fclose fflush fopen freopen setbuf setvbuf fprintf fscanf printf
        scanf snprintf sprintf sscanf vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf fgetc
        fgets fputc fputs getc getchar putc putchar puts ungetc fread fwrite fseek ftell rewind clearerr
        feof ferror perror fgetpos fsetpos
    """,
    "stdlib.h": """
        atof atoi atol atoll strtod strtof strtold strtol strtoll strtoul strtoull rand srand
        aligned_alloc calloc free malloc realloc abort atexit at_quick_exit exit _Exit getenv quick_exit
        system bsearch qsort abs labs llabs div ldiv lldiv mblen mbtowc wctomb mbstowcs wcstombs
    """,
    "string.h": """
        memcpy memmove strcpy strncpy strcat strncat memcmp strcmp strcoll strncmp strxfrm memchr strchr
        strcspn strpbrk strrchr strspn strstr strtok memset strerror strlen
    """,
    "threads.h": """
        call_once cnd_broadcast cnd_destroy cnd_init cnd_signal cnd_timedwait cnd_wait mtx_destroy
        mtx_init mtx_lock mtx_timedlock mtx_trylock mtx_unlock thrd_create thrd_current thrd_detach
        thrd_equal thrd_exit thrd_join thrd_sleep thrd_yield tss_create tss_delete tss_get tss_set
    """,
    "time.h": """
        clock difftime mktime time asctime ctime gmtime localtime strftime timespec_get
    """,
    "uchar.h": """
        mbrtoc16 c16rtomb mbrtoc32 c32rtomb
    """,
    "wchar.h": """
        wcstod wcstof wcstol wcstoll wcstoul wcstoull wcscpy wcsncpy wmemcpy wmemmove wcscat wcsncat
        wcscmp wcscoll wcsncmp wcsxfrm wmemcmp wcschr wcscspn wcspbrk wcsrchr wcsspn wcsstr wcstok
        wmemchr wcslen wmemset btowc wctob mbsinit mbrlen mbrtowc wcrtomb mbsrtowcs wcsrtombs wcstold
        wcsftime fwprintf fwscanf swprintf swscanf vfwprintf vfwscanf vswprintf vswscanf vwprintf
        vwscanf wprintf wscanf fgetwc fgetws fputwc fputws fwide getwc getwchar putwc putwchar ungetwc
    """,
    "wctype.h": """
        iswalnum iswalpha iswblank iswcntrl iswdigit iswgraph iswlower iswprint iswpunct iswspace
        iswupper iswxdigit iswctype wctype towlower towupper towctrans wctrans
    """,
}

# The functions of these headers have variants for float and long double, with the suffixes f and l.
FLOATING = ("math.h", "complex.h")
THREE_TYPES = ("", "f", "l")

# POSIX.1-2017: the functions that it adds to C17's headers, and those of its own headers. Those that the library has
# as macros are not among them. For threads, semaphores,
# sockets and mappings, which the library does not have, a few represent all.
POSIX = {
    "ctype.h": """
        isalnum_l isalpha_l isblank_l iscntrl_l isdigit_l isgraph_l islower_l isprint_l ispunct_l
        isspace_l isupper_l isxdigit_l tolower_l toupper_l isascii toascii
    """,
    "dirent.h": """
        alphasort closedir dirfd fdopendir opendir readdir readdir_r rewinddir scandir seekdir telldir
    """,
    "dlfcn.h": """
        dlclose dlerror dlopen dlsym
    """,
    "fcntl.h": """
        creat fcntl open openat posix_fadvise posix_fallocate
    """,
    "fnmatch.h": """
        fnmatch
    """,
    "ftw.h": """
        ftw nftw
    """,
    "glob.h": """
        glob globfree
    """,
    "grp.h": """
        getgrgid getgrnam getgrgid_r getgrnam_r
    """,
    "iconv.h": """
        iconv iconv_close iconv_open
    """,
    "langinfo.h": """
        nl_langinfo nl_langinfo_l
    """,
    "libgen.h": """
        dirname
    """,
    "locale.h": """
        duplocale freelocale newlocale uselocale
    """,
    "math.h": """
        j0 j1 jn y0 y1 yn
    """,
    "monetary.h": """
        strfmon strfmon_l
    """,
    "poll.h": """
        poll
    """,
    "pthread.h": """
        pthread_create pthread_join pthread_mutex_lock pthread_once pthread_cond_wait pthread_key_create
        pthread_self
    """,
    "pwd.h": """
        getpwnam getpwuid getpwnam_r getpwuid_r
    """,
    "regex.h": """
        regcomp regerror regexec regfree
    """,
    "sched.h": """
        sched_yield
    """,
    "search.h": """
        hcreate hdestroy hsearch insque lfind lsearch remque tdelete tfind tsearch twalk
    """,
    "semaphore.h": """
        sem_init sem_post sem_wait sem_destroy
    """,
    "signal.h": """
        kill killpg psignal pthread_kill pthread_sigmask sigaction sigaltstack
        sigpending sigprocmask sigsuspend sigwait
    """,
    "spawn.h": """
        posix_spawn posix_spawnp
    """,
    "stdio.h": """
        ctermid dprintf fdopen fileno flockfile fmemopen fseeko ftello ftrylockfile funlockfile
        getc_unlocked getchar_unlocked getdelim getline open_memstream pclose popen putc_unlocked
        putchar_unlocked renameat tempnam vdprintf
    """,
    "stdlib.h": """
        a64l drand48 erand48 getsubopt grantpt initstate jrand48 l64a lcong48 lrand48 mkdtemp mkstemp
        mrand48 nrand48 posix_memalign posix_openpt ptsname putenv rand_r random realpath seed48 setenv
        setstate srand48 srandom unlockpt unsetenv
    """,
    "string.h": """
        memccpy stpcpy stpncpy strcoll_l strdup strerror_l strerror_r strndup strnlen strsignal strtok_r
        strxfrm_l
    """,
    "strings.h": """
        ffs strcasecmp strcasecmp_l strncasecmp strncasecmp_l
    """,
    "sys/mman.h": """
        mmap mprotect munmap
    """,
    "sys/resource.h": """
        getrlimit getrusage setrlimit
    """,
    "sys/select.h": """
        pselect select
    """,
    "sys/socket.h": """
        accept bind connect listen recv send socket
    """,
    "sys/stat.h": """
        chmod fchmod fchmodat fstat fstatat futimens lstat mkdir mkdirat mkfifo mknod stat umask
        utimensat
    """,
    "sys/time.h": """
        getitimer gettimeofday setitimer utimes
    """,
    "sys/times.h": """
        times
    """,
    "sys/uio.h": """
        readv writev
    """,
    "sys/utsname.h": """
        uname
    """,
    "sys/wait.h": """
        wait waitpid
    """,
    "syslog.h": """
        closelog openlog syslog
    """,
    "termios.h": """
        cfgetispeed cfgetospeed cfsetispeed cfsetospeed tcdrain tcflow tcflush tcgetattr tcsendbreak
        tcsetattr
    """,
    "time.h": """
        asctime_r clock_getres clock_gettime clock_nanosleep clock_settime ctime_r gmtime_r localtime_r
        nanosleep strftime_l strptime timer_create timer_settime tzset
    """,
    "unistd.h": """
        _exit access alarm chdir chown close confstr dup dup2 execl execv execve execvp fchdir fchown
        fork fpathconf fsync ftruncate getcwd getegid getentropy geteuid getgid gethostname getlogin
        getopt getpgid getpid getppid getuid isatty link lseek pathconf pause pipe pread pwrite read
        readlink rmdir setsid setuid sleep swab symlink sync sysconf truncate ttyname ttyname_r unlink
        usleep write
    """,
    "utime.h": """
        utime
    """,
    "wchar.h": """
        mbsnrtowcs wcpcpy wcpncpy wcscasecmp wcscoll_l wcsdup wcsncasecmp wcsnlen wcsnrtombs wcsxfrm_l
        wcwidth wcswidth open_wmemstream
    """,
    "wctype.h": """
        iswalnum_l iswalpha_l iswctype_l towlower_l towupper_l wctype_l towctrans_l wctrans_l
    """,
    "wordexp.h": """
        wordexp wordfree
    """,
}
