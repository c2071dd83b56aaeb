// Log lines of this process that could not be written: counted by cause, and said
// once an output works again (proxy/BEHAVIOUR.md 15.6).
#pragma once

#include "policies/word_table.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bearward::proxy {

/// The output failed (a full disk, a closed pipe), took nothing for long, or the
/// access log's queue was full because it did.
enum class log_loss : std::uint8_t { write_failed, stalled, queue_full };

inline constexpr auto log_loss_table = std::to_array<policies::word_row<log_loss>>({
    {log_loss::write_failed, "write_failed"},
    {log_loss::stalled, "stalled"},
    {log_loss::queue_full, "queue_full"},
});
static_assert(policies::is_word_table(log_loss_table));

/// Thread-safe.
class log_loss_counts {
public:
    void add(log_loss why, std::uint64_t lines) noexcept {
        counts_[static_cast<std::size_t>(why)].fetch_add(lines, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value(log_loss why) const noexcept {
        return counts_[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t total() const noexcept;
    [[nodiscard]] bool unsaid() const noexcept { return total() != said_.load(std::memory_order_relaxed); }
    /// What nobody has said yet, in words; empty: nothing. The caller says it.
    [[nodiscard]] std::string take_unsaid();

private:
    std::array<std::atomic<std::uint64_t>, log_loss_table.size()> counts_{};
    std::atomic<std::uint64_t> said_{0};
};

/// Of the whole process.
[[nodiscard]] log_loss_counts& log_losses() noexcept;

/// bearward_log_lines_lost_total{reason}.
class log_loss_metrics final : public prometheus::Collectable {
public:
    /// Every reason is always there, so that a first loss is an increase.
    [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;
};

} // namespace bearward::proxy
