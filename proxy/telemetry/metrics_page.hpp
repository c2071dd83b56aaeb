// The text of /metrics (Prometheus text format 0.0.4), from everything that has
// metrics. New sources are added here and nowhere else.
#pragma once

#include <prometheus/collectable.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

class metrics_page {
public:
    /// Before the first text(): afterwards other threads may be reading.
    void add(std::shared_ptr<const prometheus::Collectable> source) { sources_.push_back(std::move(source)); }

    /// Asks every source. Thread-safe if they are.
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::shared_ptr<const prometheus::Collectable>> sources_;
};

} // namespace bearward::proxy
