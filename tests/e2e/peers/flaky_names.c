/* Preloaded into a proxy: names that end with .flaky are 127.0.0.1, by turns at once, late, and not at all; others are as they are. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char*, const char*, const struct addrinfo*, struct addrinfo**);

int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
    static atomic_uint asked;
    lookup* const real = (lookup*)dlsym(RTLD_NEXT, "getaddrinfo");
    const char* const end = name ? strstr(name, ".flaky") : NULL;
    if (end && end[6] == '\0') {
        switch (atomic_fetch_add(&asked, 1) % 4) {
        case 1: usleep(200 * 1000); break;
        case 2: return EAI_AGAIN;
        case 3: usleep(100 * 1000); return EAI_NONAME;
        default: break;
        }
        name = "127.0.0.1";
    }
    return real(name, service, hints, found);
}
