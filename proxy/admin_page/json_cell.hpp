// Values of /status as the page shows them. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy::admin_page {

/// The member, or null where there is none.
[[nodiscard]] const boost::json::value& member(const boost::json::object& of, std::string_view name);
/// The member as an object, empty where it is none.
[[nodiscard]] const boost::json::object& object_at(const boost::json::object& of, std::string_view name);

/// A text as it is, a number or a truth as JSON; empty for null and what has members.
[[nodiscard]] std::string to_cell(const boost::json::value& value);

/// "3 d 4 h", "5 min 6 s": the two largest units.
[[nodiscard]] std::string duration_text(std::int64_t seconds);
/// The same of a number of seconds; empty for null.
[[nodiscard]] std::string to_duration(const boost::json::value& seconds);

} // namespace bearward::proxy::admin_page
