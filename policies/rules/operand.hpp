// Operands: values of a requirement that are taken from the request.
#pragma once

#include "policies/clock.hpp"
#include "policies/requests/header_kinds.hpp"
#include "policies/requests/request_view.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::rules {

/// A path capture, percent-decoded.
struct capture {
    std::string_view name;
    std::string value;
};

/// What operands stand for in one request.
struct operand_values {
    operand_values() = default;
    operand_values(std::span<const capture> of_path) noexcept : captures(of_path) {}    // NOLINT(google-explicit-constructor)
    operand_values(const std::vector<capture>& of_path) noexcept : captures(of_path) {} // NOLINT(google-explicit-constructor)

    std::span<const capture> captures{};
    const requests::request_view* request = nullptr; ///< null: all but captures is unknown
    requests::header_rules headers{};                ///< by which headers are dropped
    time_point now{};                                ///< of the decision
    std::chrono::milliseconds clock_skew{};          ///< the provider's
};

/// A value to compare with: text in which names stand for what a request has.
struct operand {
    struct part {
        enum class source : std::uint8_t { text, capture, header, query, label };
        source from = source::text;
        std::string text{};      ///< the text, or the name
        std::uint32_t label = 0; ///< of the host, from the left; 1 is the first

        friend bool operator==(const part&, const part&) = default;
    };
    std::vector<part> parts;

    operand() = default;
    /// Text as it is, or the value of a capture alone.
    explicit operand(std::string text, bool is_capture = false)
        : parts{{.from = is_capture ? part::source::capture : part::source::text, .text = std::move(text)}} {}

    /// "org-{tenant}", "{header.X-Org}", "{query.org}", "{host.1}". Error: what is wrong,
    /// with what is accepted.
    [[nodiscard]] static std::expected<operand, std::string> parse(std::string_view written);

    [[nodiscard]] bool is_literal() const noexcept { return parts.size() == 1 && parts.front().from == part::source::text; }
    /// As written; a literal with braces or `*` in it as its text.
    [[nodiscard]] std::string written() const;

    friend bool operator==(const operand&, const operand&) = default;
};

/// "{org}", "{header.X-Org}".
[[nodiscard]] std::string written(const operand::part& part);

/// The part's value, maybe in `memory`; nothing: its header, parameter or label is
/// absent, empty or repeated. A header counts as it will be forwarded.
[[nodiscard]] std::optional<std::string_view> resolve(const operand::part& part, const operand_values& from, std::string& memory);

/// The whole value, likewise; it is unknown where one of its parts is.
[[nodiscard]] std::optional<std::string_view> resolve(const operand& of, const operand_values& from, std::string& memory);

} // namespace bearward::policies::rules
