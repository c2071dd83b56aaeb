// The access log: one record a request, formatted and written off the data path.
#pragma once

#include "config/settings.hpp"
#include "policies/reason.hpp"
#include "proxy/telemetry/access_record.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy {

/// Writes records from several workers. write() never blocks: when the writer
/// can't keep up, records are dropped and counted, and the count is logged.
class access_log {
public:
    /// Starts the writing thread. Throws std::runtime_error when the output can't be opened.
    explicit access_log(const config::log_settings& settings);
    ~access_log(); ///< writes what is queued, then ends the thread
    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;

    /// Whether a record with this reason would be written.
    [[nodiscard]] bool wants(policies::reason why) const noexcept;
    /// Thread-safe. Leaves an empty record whose strings may have memory: a caller
    /// that keeps it for its next request allocates less.
    void write(access_record&& record);
    /// Reopens a file output (SIGUSR1). Thread-safe.
    void reopen();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// The path and query with the values of token parameters replaced by `***`.
/// `names`: the query parameters that may carry tokens, compared after decoding once.
/// Appended to `out`. What looks like a token elsewhere is masked as the line is written.
void append_masked_target(std::string& out, std::string_view path, std::string_view query, bool has_query,
                          const std::vector<std::string>& names);
/// Likewise, and without whatever looks like a token.
[[nodiscard]] std::string mask_target(std::string_view path, std::string_view query, bool has_query, const std::vector<std::string>& names);

} // namespace bearward::proxy
