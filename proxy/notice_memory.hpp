// What is remembered of what issuers send: which of it was used, and who sent what was refused.
#pragma once

#include "policies/tokens/proof_memory.hpp"
#include "policies/word_table.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bearward::proxy {

/// Refused requests by address, so that nobody has signatures checked without end. Thread-safe.
class refusal_counts {
public:
    using clock = std::chrono::steady_clock;
    /// So many of an address within a second.
    static constexpr unsigned most = 10;
    /// So many addresses are remembered; beyond them all begin anew.
    static constexpr std::size_t most_addresses = 65'536;

    /// Whether the address (of IPv6 its /64) has had as many refused as it may, in the second that
    /// began with the first of them.
    [[nodiscard]] bool is_over(std::string_view address, clock::time_point now) const;
    void count(std::string_view address, clock::time_point now);
    [[nodiscard]] std::size_t size() const;

private:
    struct window {
        clock::time_point begun;
        unsigned count = 0;
    };
    mutable std::mutex mutex_;
    std::unordered_map<std::string, window> windows_;
};

/// What became of what issuers sent.
enum class notice_result : std::uint8_t {
    kept,        ///< something counts no longer
    ignored,     ///< genuine, and nothing that is acted on
    refused,     ///< the sender's fault
    unavailable, ///< it could not be judged, or not be kept
};

inline constexpr auto notice_results = std::to_array<policies::word_row<notice_result>>({
    {notice_result::kept, "kept"},
    {notice_result::ignored, "ignored"},
    {notice_result::refused, "refused"},
    {notice_result::unavailable, "unavailable"},
});
static_assert(policies::is_word_table(notice_results));

/// By provider and kind of receiver, through all reloads. Thread-safe.
class notice_counts {
public:
    using by_result = std::array<std::uint64_t, notice_results.size()>;
    /// `kind`: a literal.
    void count(const std::string& provider, std::string_view kind, notice_result what);
    [[nodiscard]] std::map<std::pair<std::string, std::string_view>, by_result> totals() const;

private:
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, std::string_view>, by_result> counts_;
};

/// Which logout tokens were used: of each provider as many as a proof_memory holds, so that the issuer of
/// one takes no room from another's. Thread-safe.
class used_logouts {
public:
    /// Of this provider, for good.
    [[nodiscard]] policies::tokens::proof_memory& of(const std::string& provider);

private:
    std::mutex mutex_;
    std::map<std::string, policies::tokens::proof_memory> by_provider_;
};

struct notice_memory {
    refusal_counts refused;
    refusal_counts refused_authorized; ///< of who sends the Authorization that is configured: strangers don't count for it
    notice_counts counts;
    used_logouts logouts;
    policies::tokens::proof_memory events; ///< that were kept; where there is no room, one that comes again is kept again
};

} // namespace bearward::proxy
