#include "proxy/admin_page/json_cell.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

namespace bearward::proxy::admin_page {
namespace {

struct unit {
    std::int64_t seconds;
    std::string_view name;
};
constexpr std::array<unit, 4> units{{{86'400, " d"}, {3'600, " h"}, {60, " min"}, {1, " s"}}};

} // namespace

const boost::json::value& member(const boost::json::object& of, std::string_view name) {
    static const boost::json::value none;
    const boost::json::value* found = of.if_contains(name);
    return found == nullptr ? none : *found;
}

const boost::json::object& object_at(const boost::json::object& of, std::string_view name) {
    static const boost::json::object none;
    const boost::json::value& found = member(of, name);
    return found.is_object() ? found.get_object() : none;
}

std::string to_cell(const boost::json::value& value) {
    if (value.is_string()) {
        return std::string(value.get_string());
    }
    return value.is_number() || value.is_bool() ? boost::json::serialize(value) : std::string();
}

std::string duration_text(std::int64_t seconds) {
    std::int64_t left = std::max<std::int64_t>(0, seconds);
    std::string text;
    int shown = 0;
    for (const unit& each : units) {
        const bool last = each.seconds == 1;
        if ((left >= each.seconds && shown < 2) || (last && text.empty())) {
            text.append(text.empty() ? "" : " ").append(std::to_string(left / each.seconds)).append(each.name);
        }
        shown += text.empty() ? 0 : 1;
        left %= each.seconds;
    }
    return text;
}

std::string to_duration(const boost::json::value& seconds) {
    return seconds.is_number() ? duration_text(seconds.to_number<std::int64_t>()) : std::string();
}

} // namespace bearward::proxy::admin_page
