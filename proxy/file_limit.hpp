// How many files this process may have open, and what that leaves for clients.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bearward::proxy {

/// Raises the soft limit (RLIMIT_NOFILE) to the hard one. Once, at the start.
void raise_file_limit() noexcept;

/// The soft limit as it is now.
[[nodiscard]] std::uint64_t file_limit() noexcept;

/// How many connections fit: each may need a descriptor towards its client and one
/// towards its upstream, and the process needs some of its own. At least 1.
[[nodiscard]] std::size_t connections_within(std::uint64_t files, std::size_t workers, std::size_t listeners) noexcept;

} // namespace bearward::proxy
