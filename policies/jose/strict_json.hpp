// JSON objects from strangers (RFC 8259, RFC 7493): what two readers could read
// differently is refused. Boost.JSON's parser does the grammar and UTF-8; this
// adds the duplicate names, the depth and that nothing follows.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace bearward::policies::jose {

/// Objects and arrays inside each other, the outermost included.
inline constexpr std::size_t max_json_depth = 32;

/// The object that `text` is. Nothing for anything but one object, invalid UTF-8,
/// a byte order mark, duplicate member names at any depth (compared after
/// unescaping), lone surrogates (escaped or not), numbers too large for a double,
/// and more than max_json_depth levels.
[[nodiscard]] std::optional<boost::json::object> parse_json_object(std::string_view text);

} // namespace bearward::policies::jose
