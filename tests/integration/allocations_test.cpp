// How often a request asks the heap: counted by standing in for malloc and its
// relatives, since Asio's frames and OpenSSL don't pass through operator new.
#include "tests/support/messages.hpp"
#include "tests/support/raw_socket.hpp"
#include "tests/support/running_proxy.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <string>

// The sanitizers stand there themselves.
#if defined(__GLIBC__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

namespace {

std::atomic<bool> counting{false};
std::atomic<std::uint64_t> allocations{0};
thread_local bool not_of_the_proxy = false;

void count() noexcept {
    if (counting.load(std::memory_order_relaxed) && !not_of_the_proxy) {
        allocations.fetch_add(1, std::memory_order_relaxed);
    }
}

} // namespace

extern "C" {
// glibc's own names for them.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
    count();
    return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
    count();
    return __libc_calloc(number, size);
}
void* realloc(void* block, std::size_t size) {
    count();
    return __libc_realloc(block, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    count();
    return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    count();
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
    count();
    *block = __libc_memalign(alignment, size);
    return *block == nullptr ? ENOMEM : 0;
}
}

namespace bearward::test {
namespace {

/// Answers every request; its thread is not counted.
void answer(raw_socket& peer, std::size_t) {
    not_of_the_proxy = true;
    while (peer.has_more()) {
        (void)peer.receive_until("\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
    }
}

/// Allocations of the proxy's threads for each of many requests on one connection.
double allocations_a_request(const std::string& request, const proxy_options& options = {}) {
    constexpr int warm_up = 100;
    constexpr int requests = 10'000;
    not_of_the_proxy = true;
    scripted_upstream app(answer);
    running_proxy proxy(app.port(), options);
    auto client = proxy.connect();
    for (int number = -warm_up; number < requests; ++number) {
        if (number == 0) {
            allocations = 0;
            counting = true;
        }
        client.send(request);
        if (read_response(client).status() != 200) {
            ADD_FAILURE() << "request " << number << " got no 200";
            break;
        }
    }
    counting = false;
    not_of_the_proxy = false;
    return static_cast<double>(allocations.load()) / requests;
}

TEST(allocations, the_counter_counts) {
    allocations = 0;
    counting = true;
    std::free(std::malloc(100)); // NOLINT: malloc is the subject
    counting = false;
    EXPECT_GE(allocations.load(), 1U);
}

TEST(allocations, a_request_with_a_known_token_takes_two_at_most) {
    EXPECT_LE(allocations_a_request("GET /tenants/acme/widgets?page=2 HTTP/1.1\r\nHost: api.test\r\nUser-Agent: test\r\nAccept: */*\r\n" +
                                    authorized() + "\r\n"),
              2.0);
}

TEST(allocations, a_public_request_takes_two_at_most) {
    EXPECT_LE(allocations_a_request("GET /public HTTP/1.1\r\nHost: api.test\r\nUser-Agent: test\r\n\r\n"), 2.0);
}

TEST(allocations, a_request_whose_trace_is_not_sampled_takes_no_more) {
    proxy_options options;
    options.more = "tracing: {endpoint: \"http://127.0.0.1:1/v1/traces\", sample_ratio: 0}\n";
    EXPECT_LE(allocations_a_request("GET /public HTTP/1.1\r\nHost: api.test\r\nUser-Agent: test\r\n\r\n", options), 2.0);
}

} // namespace
} // namespace bearward::test

#endif
