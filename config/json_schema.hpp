// The configuration's JSON Schema (draft 2020-12), made from the declarations.
#pragma once

#include <boost/json/object.hpp>

namespace bearward::config {

/// What `bearward schema` prints. It says what a document without ${} may look
/// like; what only the loader can know (names, keys, captures) it does not.
[[nodiscard]] boost::json::object make_json_schema();

} // namespace bearward::config
