#include "policies/tokens/claims.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace bearward::policies::tokens {
namespace {

namespace json = boost::json;

/// 2^53: up to here a double tells all integers apart, and in milliseconds there
/// is still room in 64 bits to add a clock skew.
constexpr std::int64_t latest_second = 9'007'199'254'740'992;

const std::unexpected<reason> malformed(reason::token_malformed);

} // namespace

std::optional<std::string> text_of(const json::value& value) {
    if (const json::string* text = value.if_string(); text != nullptr) {
        return std::string(text->data(), text->size());
    }
    if (const std::int64_t* integer = value.if_int64(); integer != nullptr) {
        return std::to_string(*integer);
    }
    if (const std::uint64_t* integer = value.if_uint64(); integer != nullptr) {
        return std::to_string(*integer);
    }
    return std::nullopt;
}

std::string_view json_type(const json::value& value) noexcept {
    if (value.is_number()) {
        return "number";
    }
    return value.is_string() ? "text" : value.is_bool() ? "boolean" : value.is_array() ? "array" : value.is_object() ? "object" : "null";
}

bool is_empty_claim(const json::value& claim) noexcept {
    switch (claim.kind()) {
    case json::kind::null:
        return true;
    case json::kind::string:
        return claim.get_string().empty();
    case json::kind::array:
        return std::ranges::all_of(
            claim.get_array(), [](const json::value& each) { return each.is_null() || (each.is_string() && each.get_string().empty()); });
    case json::kind::object:
        return claim.get_object().empty();
    default:
        return false;
    }
}

std::expected<std::optional<time_point>, reason> read_date(const json::object& claims, std::string_view name) {
    const json::value* claim = claims.if_contains(name);
    if (claim == nullptr || claim->is_null()) {
        return std::optional<time_point>{};
    }
    constexpr std::int64_t per_second = 1000;
    std::int64_t milliseconds = 0;
    if (const std::int64_t* seconds = claim->if_int64(); seconds != nullptr) {
        if (*seconds < 0 || *seconds > latest_second) {
            return malformed;
        }
        milliseconds = *seconds * per_second;
    } else if (const double* fraction = claim->if_double(); fraction != nullptr) {
        // Written so that a NaN would be refused too.
        if (!(*fraction >= 0.0 && *fraction <= static_cast<double>(latest_second))) {
            return malformed;
        }
        const double whole = std::floor(*fraction);
        milliseconds = static_cast<std::int64_t>(whole) * per_second + std::llround((*fraction - whole) * static_cast<double>(per_second));
    } else {
        return malformed; // an uint64 is above 2^63
    }
    return time_point(std::chrono::milliseconds(milliseconds));
}

std::expected<std::string, reason> read_text(const json::value* claim) {
    if (claim == nullptr || claim->is_null()) {
        return std::string{};
    }
    auto text = text_of(*claim);
    return text ? std::expected<std::string, reason>(std::move(*text)) : malformed;
}

std::expected<std::vector<std::string>, reason> read_strings(const json::value* claim) {
    std::vector<std::string> strings;
    if (claim == nullptr || claim->is_null()) {
        return strings;
    }
    if (const json::string* text = claim->if_string(); text != nullptr) {
        strings.emplace_back(text->data(), text->size());
        return strings;
    }
    const json::array* list = claim->if_array();
    if (list == nullptr) {
        return malformed;
    }
    strings.reserve(list->size());
    for (const json::value& entry : *list) {
        const json::string* text = entry.if_string();
        if (text == nullptr) {
            return malformed;
        }
        strings.emplace_back(text->data(), text->size());
    }
    return strings;
}

} // namespace bearward::policies::tokens
