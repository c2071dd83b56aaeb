#include "proxy/admin_page/page.hpp"

#include "proxy/admin_page/html.hpp"
#include "proxy/admin_page/sections.hpp"
#include "proxy/admin_page/style.hpp"

#include <utility>

namespace bearward::proxy::admin_page {

std::string make_page(const page_facts& facts) {
    html_writer to;
    to.add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    to.add("<meta name=\"viewport\" content=\"width=device-width\">\n<title>Bearward</title>\n<style>");
    to.add(style()).add("</style>\n</head>\n<body>\n<h1>Bearward</h1>\n");
    write_process(to, facts.status);
    if (facts.explains) {
        write_explain(to, facts);
    }
    write_routes(to, facts.routes);
    write_providers(to, facts.status);
    write_upstreams(to, facts.status);
    write_sockets(to, facts.sockets);
    write_reloads(to, facts.status);
    to.add("</body>\n</html>\n");
    return std::move(to).take();
}

} // namespace bearward::proxy::admin_page
