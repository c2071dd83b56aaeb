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

const json::value* member(const json::value& of, std::string_view name) {
    const json::object* object = of.if_object();
    return object != nullptr ? object->if_contains(name) : nullptr;
}

bool equal(const json::value& left, const json::value& right) {
    if (left.is_double() != right.is_double() && left.is_number() && right.is_number()) {
        const json::value& fraction = left.is_double() ? left : right;
        const json::value& integer = left.is_double() ? right : left;
        const double value = fraction.get_double();
        if (std::trunc(value) != value || std::abs(value) > static_cast<double>(latest_second)) {
            return false;
        }
        return json::value(static_cast<std::int64_t>(value)) == integer;
    }
    return left == right;
}

} // namespace

const json::value* find_claim(const json::object& claims, const claim_path& path) {
    if (path.empty()) {
        return nullptr;
    }
    const json::value* found = claims.if_contains(path.front());
    if (path.size() == 1) {
        return found;
    }
    std::string whole = path.front();
    for (std::size_t index = 1; index < path.size(); ++index) {
        whole.append(1, '.').append(path[index]);
    }
    if (const json::value* exact = claims.if_contains(whole); exact != nullptr) {
        return exact;
    }
    for (std::size_t index = 1; index < path.size() && found != nullptr; ++index) {
        found = member(*found, path[index]);
    }
    return found;
}

const json::value* find_first_claim(const json::object& claims, const std::vector<claim_path>& paths) {
    for (const claim_path& path : paths) {
        if (const json::value* found = find_claim(claims, path); found != nullptr) {
            return found;
        }
    }
    return nullptr;
}

bool claim_holds(const json::value& claim, const json::value& value) {
    if (equal(claim, value)) {
        return true;
    }
    const json::array* list = claim.if_array();
    return list != nullptr && std::ranges::any_of(*list, [&](const json::value& entry) { return equal(entry, value); });
}

bool is_empty_claim(const json::value& claim) noexcept {
    switch (claim.kind()) {
    case json::kind::null:
        return true;
    case json::kind::string:
        return claim.get_string().empty();
    case json::kind::array:
        return claim.get_array().empty();
    case json::kind::object:
        return claim.get_object().empty();
    default:
        return false;
    }
}

std::expected<std::optional<time_point>, reason> read_date(const json::object& claims, std::string_view name) {
    const json::value* claim = claims.if_contains(name);
    if (claim == nullptr) {
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
    if (claim == nullptr) {
        return std::string{};
    }
    if (const json::string* text = claim->if_string(); text != nullptr) {
        return std::string(text->data(), text->size());
    }
    if (const std::int64_t* integer = claim->if_int64(); integer != nullptr) {
        return std::to_string(*integer);
    }
    if (const std::uint64_t* integer = claim->if_uint64(); integer != nullptr) {
        return std::to_string(*integer);
    }
    return malformed;
}

std::expected<std::vector<std::string>, reason> read_strings(const json::value* claim) {
    std::vector<std::string> strings;
    if (claim == nullptr) {
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

std::expected<std::vector<std::string>, reason> read_list(const json::value* claim) {
    auto strings = read_strings(claim);
    if (!strings || claim == nullptr) {
        return strings;
    }
    if (claim->is_array()) {
        std::erase(*strings, std::string{});
        return strings;
    }
    std::vector<std::string> entries;
    std::string_view rest = strings->front();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(" ,"), rest.size());
        if (end != 0) {
            entries.emplace_back(rest.substr(0, end));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return entries;
}

} // namespace bearward::policies::tokens
