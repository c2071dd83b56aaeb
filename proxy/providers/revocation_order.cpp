#include "proxy/providers/revocation_order.hpp"

#include "policies/date_text.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/text.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace bearward::proxy::providers {
namespace {

using policies::in_quotes;
using policies::time_point;

constexpr std::chrono::hours usual_term{24};
constexpr std::string_view accepted = "accepted: one of jti, sid, user and tenant; provider, until, before";

std::unexpected<std::string> wrong(std::string_view name, std::string_view what) {
    return std::unexpected(std::string(name).append(": ").append(what));
}

std::string_view to_view(boost::json::string_view text) noexcept {
    return {text.data(), text.size()};
}

std::expected<std::string, std::string> read_id(std::string_view name, const boost::json::value& value) {
    if (!value.is_string() || value.get_string().empty()) {
        return wrong(name, "expected text that is not empty");
    }
    const std::string_view id = to_view(value.get_string());
    if (const auto fault = policies::tokens::find_id_fault(id); !fault.empty()) {
        return wrong(name, fault);
    }
    if (id == "*") {
        return wrong(name, "is no pattern: `*` stands for nothing but itself; one that is called so is revoked by a file or by Redis");
    }
    return std::string(id);
}

std::expected<time_point, std::string> read_until(const boost::json::value& value, time_point now) {
    const auto until = value.is_string() ? policies::parse_rfc3339(to_view(value.get_string())) : std::nullopt;
    if (!until) {
        return wrong("until", "expected a time such as 2027-01-01T00:00:00Z");
    }
    return *until <= now ? wrong("until", "is over already: nothing would be revoked") : std::expected<time_point, std::string>(*until);
}

std::expected<time_point, std::string> read_before(const boost::json::value& value) {
    constexpr std::int64_t last = 253'402'300'799; // the year 9999
    if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= last) {
        return time_point(std::chrono::seconds(value.get_int64()));
    }
    const auto before = value.is_string() ? policies::parse_rfc3339(to_view(value.get_string())) : std::nullopt;
    if (!before || before->time_since_epoch().count() < 0) {
        return wrong("before", "expected a time such as 2027-01-01T00:00:00Z, or whole seconds since 1970");
    }
    return *before;
}

/// One order as it is read, member by member.
struct reading {
    time_point now;
    revocation_order made;
    bool named = false;

    [[nodiscard]] std::optional<std::string> take(std::string_view name, const boost::json::value& value) {
        if (const auto kind = policies::tokens::find_named_kind(name)) {
            auto id = read_id(name, value);
            if (!id || std::exchange(named, true)) {
                return id ? "exactly one of jti, sid, user and tenant is revoked at a time" : std::move(id).error();
            }
            made.entry.what = {*kind, *std::move(id)};
            return std::nullopt;
        }
        if (name == "provider") {
            auto id = read_id(name, value);
            made.entry.provider = id ? *id : std::string();
            return id ? std::nullopt : std::optional(std::move(id).error());
        }
        if (name == "until") {
            const auto until = read_until(value, now);
            made.until = until.value_or(now);
            return until ? std::nullopt : std::optional(until.error());
        }
        if (name == "before") {
            const auto before = read_before(value);
            made.entry.before = before ? std::optional(*before) : std::nullopt;
            return before ? std::nullopt : std::optional(before.error());
        }
        return "unknown member " + in_quotes(name) + "; " + std::string(accepted);
    }
};

} // namespace

std::expected<revocation_order, std::string> parse_revocation_order(std::string_view body, time_point now) {
    const auto object = policies::jose::parse_json_object(body);
    if (!object) {
        return std::unexpected(std::string("expected one JSON object in which no name comes twice"));
    }
    reading order{.now = now, .made = {.entry = {}, .until = now + usual_term}};
    for (const auto& member : *object) {
        if (auto fault = order.take(to_view(member.key()), member.value())) {
            return std::unexpected(*std::move(fault));
        }
    }
    if (!order.named) {
        return std::unexpected("exactly one of jti, sid, user and tenant is needed; " + std::string(accepted));
    }
    return std::move(order.made);
}

} // namespace bearward::proxy::providers
