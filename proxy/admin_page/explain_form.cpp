#include "policies/text.hpp"
#include "proxy/admin_page/json_cell.hpp"
#include "proxy/admin_page/sections.hpp"

namespace bearward::proxy::admin_page {
namespace {

void write_field(html_writer& to, markup name, std::string_view label, std::string_view value, std::string_view hint = {}) {
    to.add("<label>").text(label).add("<input autocomplete=\"off\" spellcheck=\"false\"");
    to.attribute("name", name.text()).attribute("value", value).attribute("placeholder", hint).add("></label>\n");
}

void write_providers_field(html_writer& to, const boost::json::object& status, std::string_view chosen) {
    to.add("<label>Provider<select name=\"provider\"><option value=\"\">the route's first</option>");
    for (const boost::json::key_value_pair& each : object_at(status, "providers")) {
        to.add("<option").attribute("value", each.key());
        each.key() == chosen ? to.add(" selected>") : to.add(">");
        to.text(each.key()).add("</option>");
    }
    to.add("</select></label>\n");
}

void write_form(html_writer& to, const page_facts& facts) {
    const config::test_settings asked = facts.asked.value_or(config::test_settings{});
    const config::test_identity who = asked.identity.value_or(config::test_identity{});
    to.add("<form method=\"get\" action=\"/\">\n");
    write_field(to, "method", "Method", asked.request.method);
    write_field(to, "host", "Host", asked.request.host);
    write_field(to, "path", "Path", asked.request.path, "/tenants/t-1/widgets");
    write_providers_field(to, facts.status, who.provider.value);
    write_field(to, "user", "User", who.user);
    write_field(to, "tenant", "Tenant", policies::listed(who.tenants));
    write_field(to, "roles", "Roles", policies::listed(who.roles), "admin, editor");
    write_field(to, "scopes", "Scopes", policies::listed(who.scopes), "read write");
    to.add("<label><input type=\"checkbox\" name=\"websocket\" value=\"on\"");
    asked.request.websocket ? to.add(" checked>") : to.add(">");
    to.add(" WebSocket handshake</label>\n<button>Explain</button>\n</form>\n");
}

void write_answer(html_writer& to, const answered& told) {
    if (!told) {
        to.add("<p class=\"bad\">").text(told.error()).add("</p>\n");
        return;
    }
    told->permitted ? to.add("<p id=\"answer\" class=\"good\">permit: ") : to.add("<p id=\"answer\" class=\"bad\">denial: ");
    to.text(told->reason).add("</p>\n").element("pre", told->steps).add("\n");
}

} // namespace

void write_explain(html_writer& to, const page_facts& facts) {
    to.add("<section>\n<h2>What would happen to a request?</h2>\n");
    to.add("<p class=\"quiet\">Judged by the rules in force, as one whose credential says this. Without any of it the request has "
           "none.</p>\n");
    write_form(to, facts);
    if (facts.told) {
        write_answer(to, *facts.told);
    }
    to.add("</section>\n");
}

} // namespace bearward::proxy::admin_page
