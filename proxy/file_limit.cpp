#include "proxy/file_limit.hpp"

#include "proxy/event/pipe_pool.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace bearward::proxy {
namespace {

/// Logs, the admin listener and its clients, key files that are being read, name
/// look-ups; and of each worker epoll, its timer, its wake-up and its pipes.
constexpr std::uint64_t own_files = 64;
constexpr std::uint64_t files_of_a_worker = 4 + 2 * pipe_pool::most;

} // namespace

void raise_file_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

std::uint64_t file_limit() noexcept {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

std::size_t connections_within(std::uint64_t files, std::size_t workers, std::size_t listeners) noexcept {
    const std::uint64_t own = own_files + workers * (files_of_a_worker + listeners);
    // Under a limit this low half of it serves clients, and what fails is reported.
    const std::uint64_t free = files > 2 * own ? files - own : files / 2;
    return static_cast<std::size_t>(std::max<std::uint64_t>(free / 2, 1));
}

} // namespace bearward::proxy
