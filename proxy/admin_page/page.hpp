// The admin listener's page for people: facts to HTML. Pure.
#pragma once

#include "proxy/admin_page/page_facts.hpp"

#include <string>
#include <string_view>

namespace bearward::proxy::admin_page {

inline constexpr std::string_view page_content_type = "text/html; charset=utf-8";

/// The whole document: no script, no address but its own, all that is shown escaped.
[[nodiscard]] std::string make_page(const page_facts& facts);

} // namespace bearward::proxy::admin_page
