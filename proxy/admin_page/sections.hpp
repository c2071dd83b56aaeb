// The sections of the page, each written behind the one before. Internal to page.
#pragma once

#include "proxy/admin_page/html.hpp"
#include "proxy/admin_page/page_facts.hpp"

#include <span>

namespace bearward::proxy::admin_page {

void write_process(html_writer& to, const boost::json::object& status);
void write_reloads(html_writer& to, const boost::json::object& status);
void write_routes(html_writer& to, std::span<const route_facts> routes);
void write_providers(html_writer& to, const boost::json::object& status);
void write_upstreams(html_writer& to, const boost::json::object& status);
/// `open`: nothing where a worker did not answer.
void write_sockets(html_writer& to, const std::optional<socket_facts>& open);
/// The form with what was asked, and the answer below it.
void write_explain(html_writer& to, const page_facts& facts);

} // namespace bearward::proxy::admin_page
