// Clients that ask one request after the other until they are told to stop, and
// count what they get.
#pragma once

#include "tests/support/messages.hpp"
#include "tests/support/raw_socket.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bearward::test {

/// What one client got: how often each status, and 0 for a connection that broke.
using outcomes = std::map<int, std::uint64_t>;

class load {
public:
    /// Each client sends `requests` in turn over connections that `connect` makes.
    load(std::size_t clients, std::vector<std::string> requests, std::function<raw_socket()> connect);
    ~load() { static_cast<void>(stop()); }
    load(const load&) = delete;
    load& operator=(const load&) = delete;

    /// How many answers came with status 200, and how many did not.
    [[nodiscard]] std::uint64_t good() const noexcept { return good_.load(); }
    [[nodiscard]] std::uint64_t bad() const noexcept { return bad_.load(); }
    /// Waits until so many more good answers have come. False: they did not.
    [[nodiscard]] bool wait_for(std::uint64_t more) const;
    /// Ends the clients: what each of them got.
    const std::vector<outcomes>& stop();

private:
    void run(outcomes& mine);

    std::vector<std::string> requests_;
    std::function<raw_socket()> connect_;
    std::atomic<bool> stopped_{false};
    std::atomic<std::uint64_t> good_{0};
    std::atomic<std::uint64_t> bad_{0};
    std::vector<outcomes> got_;
    std::vector<std::thread> clients_;
};

} // namespace bearward::test
