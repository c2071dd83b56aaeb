// The servers of one upstream as one worker sees them: which is asked, and what
// happens when it can't be had.
#pragma once

#include "proxy/upstream/ejection.hpp"
#include "proxy/upstream/pool.hpp"

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace bearward::proxy::upstream {

/// Belongs to one worker's thread.
class group {
public:
    /// `pools`: one a server, in their order. `turn`: where round robin begins.
    group(connect_context with, const config::upstream_settings& settings, std::vector<std::shared_ptr<pool>> pools,
          upstream_counters& counts, std::size_t turn);

    /// The server whose turn it is.
    [[nodiscard]] std::size_t choose();
    [[nodiscard]] pool& at(std::size_t server) const noexcept { return *pools_[server]; }
    [[nodiscard]] std::size_t place_of(const pool& server) const noexcept;
    /// A new connection to a server, or any to another one: where a connect fails
    /// nothing was sent, so the next server is asked. When all have just begun to
    /// fail it waits a while for one to come back. `others`: which of their idle ones will do.
    [[nodiscard]] awaitable<std::expected<lease, connect_error>> connect(std::size_t server, pooled others);

    [[nodiscard]] const config::upstream_settings& settings() const noexcept { return settings_; }
    [[nodiscard]] upstream_counters& counts() const noexcept { return counts_; }
    [[nodiscard]] const std::vector<std::shared_ptr<pool>>& pools() const noexcept { return pools_; }

private:
    [[nodiscard]] steady_time last_connected() const noexcept;
    [[nodiscard]] std::optional<std::size_t> choose_other(std::span<const std::size_t> tried);
    [[nodiscard]] awaitable<std::expected<lease, connect_error>> connect_to_any(std::size_t server, pooled others);

    connect_context with_;
    config::upstream_settings settings_;
    std::vector<std::shared_ptr<pool>> pools_;
    upstream_counters& counts_;
    std::vector<candidate> candidates_; ///< scratch
    std::size_t turn_;
    outage outage_;
};

} // namespace bearward::proxy::upstream
