// `bearward explain`: what the proxy would do with one request, by the code that
// serves, with every step to the decision.
#pragma once

#include "policies/clock.hpp"
#include "policies/decide.hpp"
#include "policies/explanation.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/serving.hpp"

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::commands {

/// A header that the upstream gets.
struct forwarded_header {
    std::string name;
    std::string value;
};

/// A decision that was explained. Only `forwarded` may hold a token.
struct explained {
    std::string request; ///< one line: method, target with tokens masked, host, time
    std::vector<policies::step> steps;
    boost::json::object outcome; ///< all that `--json` has besides the steps
    bool permitted = false;
    std::vector<forwarded_header> forwarded{}; ///< all that the upstream gets, in order, of a permit
    unsigned refused_with = 0;                 ///< the status of a denial's answer, also where a Close stands in for it
};

/// Seconds of Unix time, with an optional fraction, or RFC 3339.
[[nodiscard]] std::optional<policies::time_point> parse_time(std::string_view text) noexcept;

/// The bytes of the request head that the options describe; `token` is its
/// Authorization. Error: which option can't be part of a head, without its value.
[[nodiscard]] std::expected<std::string, std::string> make_request_head(const explain_options& options,
                                                                        const std::optional<std::string>& token);

/// Judges the request head `head` as a worker would that got it on the listener.
/// `around`, if given, stands in for the outside. Nothing is fetched: what a decision
/// needs can't be had.
[[nodiscard]] explained explain_request(const serving& rules, std::string_view head, std::uint32_t listener, policies::time_point now,
                                        policies::outside* around = nullptr);

/// What is printed.
[[nodiscard]] std::string to_text(const explained& what);
[[nodiscard]] std::string to_json_text(const explained& what);

} // namespace bearward::proxy::commands
