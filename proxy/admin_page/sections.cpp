#include "proxy/admin_page/sections.hpp"

#include "policies/date_text.hpp"
#include "proxy/admin_page/json_cell.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <initializer_list>

namespace bearward::proxy::admin_page {
namespace {

namespace json = boost::json;

void begin_section(html_writer& to, std::string_view title) {
    to.add("<section>\n").element("h2", title).add("\n");
}

void end_section(html_writer& to) {
    to.add("</section>\n");
}

void begin_table(html_writer& to, std::initializer_list<std::string_view> heads) {
    to.add("<table>\n<thead><tr>");
    for (const std::string_view each : heads) {
        to.element("th", each);
    }
    to.add("</tr></thead>\n<tbody>\n");
}

void end_table(html_writer& to) {
    to.add("</tbody>\n</table>\n");
}

void quiet(html_writer& to, std::string_view sentence) {
    to.add("<p class=\"quiet\">").text(sentence).add("</p>\n");
}

void good_or_bad(html_writer& to, bool good, std::string_view text) {
    good ? to.add("<span class=\"good\">") : to.add("<span class=\"bad\">");
    to.text(text).add("</span>");
}

/// Nothing for an empty text.
void bad(html_writer& to, std::string_view text) {
    if (!text.empty()) {
        good_or_bad(to, false, text);
    }
}

void write_decisions(html_writer& to, const std::vector<decision_total>& decisions) {
    bool first = true;
    for (const decision_total& each : decisions) {
        first ? to.add("") : to.add(", ");
        to.text(each.reason).add(" ").text(std::to_string(each.count));
        if (each.mode != "enforce") {
            to.add(" (").text(each.mode).add(")");
        }
        first = false;
    }
}

void write_list(html_writer& to, const json::value& texts) {
    if (!texts.is_array() || texts.get_array().empty()) {
        return;
    }
    to.add("<ul>");
    for (const json::value& each : texts.get_array()) {
        to.element("li", to_cell(each));
    }
    to.add("</ul>\n");
}

} // namespace

void write_process(html_writer& to, const json::object& status) {
    to.add("<p class=\"quiet\">version ").text(to_cell(member(status, "version")));
    if (const json::value& started = member(status, "started"); started.is_number()) {
        const std::chrono::sys_seconds when{std::chrono::seconds(started.to_number<std::int64_t>())};
        to.add(", started ").text(policies::to_rfc3339(when));
    }
    to.add(", workers ").text(to_cell(member(status, "workers")));
    to.add(", connections ").text(to_cell(member(status, "connections")));
    to.add(", requests under way ").text(to_cell(member(status, "exchanges")));
    to.add(", WebSockets ").text(to_cell(member(status, "sockets"))).add("</p>\n");
    if (const json::value& listeners = member(status, "listeners"); listeners.is_array()) {
        to.add("<p class=\"quiet\">");
        for (const json::value& each : listeners.get_array()) {
            if (each.is_object()) {
                to.text(to_cell(member(each.get_object(), "name")))
                    .add(" ")
                    .element("code", to_cell(member(each.get_object(), "address")))
                    .add("  ");
            }
        }
        to.add("</p>\n");
    }
}

void write_reloads(html_writer& to, const json::object& status) {
    begin_section(to, "Configuration and reloads");
    const json::object& configuration = object_at(status, "configuration");
    if (configuration.empty()) {
        quiet(to, "Not read from a file.");
    } else {
        to.add("<p>Read ").text(to_cell(member(configuration, "loaded"))).add(", ");
        const bool current = member(configuration, "current") == json::value(true);
        good_or_bad(to, current, current ? "the files still say the same" : "the files say something else by now");
        to.add("<br>hash ").element("code", to_cell(member(configuration, "hash"))).add("</p>\n");
    }
    const json::object& last = object_at(status, "last_reload");
    if (last.empty()) {
        quiet(to, "No reload so far.");
    } else {
        const std::string result = to_cell(member(last, "result"));
        to.add("<p>Last reload ").text(to_cell(member(last, "time"))).add(": ");
        good_or_bad(to, result == "success", result);
        to.add("</p>\n");
        write_list(to, member(last, "errors"));
    }
    end_section(to);
}

void write_routes(html_writer& to, std::span<const route_facts> routes) {
    begin_section(to, "Routes");
    begin_table(to, {"Route", "Path", "Hosts", "Methods", "Credentials", "Upstream", "Decisions"});
    for (const route_facts& each : routes.first(std::min(routes.size(), most_routes))) {
        to.add("<tr>").element("td", each.name).add("<td>").element("code", each.path).add("</td>");
        to.element("td", each.hosts.empty() ? "any" : each.hosts).element("td", each.methods.empty() ? "any" : each.methods);
        to.element("td", each.access).element("td", each.upstream).add("<td>");
        write_decisions(to, each.decisions);
        to.add("</td></tr>\n");
    }
    end_table(to);
    if (routes.size() > most_routes) {
        quiet(to, "and " + std::to_string(routes.size() - most_routes) + " more: bearward routes lists them, /metrics counts them");
    }
    end_section(to);
}

void write_providers(html_writer& to, const json::object& status) {
    begin_section(to, "Keys");
    begin_table(to, {"Provider", "Keys", "Age", "Next fetch in", "Skipped", "Last error"});
    for (const json::key_value_pair& each : object_at(status, "providers")) {
        const json::object& of = object_at(object_at(status, "providers"), each.key());
        to.add("<tr>").element("td", each.key()).element("td", to_cell(member(of, "keys")));
        to.element("td", to_duration(member(of, "age_seconds"))).element("td", to_duration(member(of, "next_refresh_seconds"))).add("<td>");
        if (const json::value& skipped = member(of, "skipped"); skipped.is_array()) {
            for (const json::value& key : skipped.get_array()) {
                if (key.is_object()) {
                    const std::string id = to_cell(member(key.get_object(), "kid"));
                    to.element("code", id.empty() ? "no kid" : id).add(" ").text(to_cell(member(key.get_object(), "reason"))).add("<br>");
                }
            }
        }
        to.add("</td><td>");
        bad(to, to_cell(member(of, "last_error")));
        to.add("</td></tr>\n");
    }
    end_table(to);
    end_section(to);
}

void write_upstreams(html_writer& to, const json::object& status) {
    begin_section(to, "Upstreams");
    begin_table(to, {"Upstream", "Server", "Health", "Last error"});
    for (const json::key_value_pair& each : object_at(status, "upstreams")) {
        const json::value& servers = member(object_at(object_at(status, "upstreams"), each.key()), "servers");
        for (const json::value& server : servers.is_array() ? servers.get_array() : json::array{}) {
            if (!server.is_object()) {
                continue;
            }
            to.add("<tr>").element("td", each.key()).add("<td>").element("code", to_cell(member(server.get_object(), "address")));
            to.add("</td><td>");
            if (const json::value& healthy = member(server.get_object(), "healthy"); healthy.is_bool()) {
                good_or_bad(to, healthy.get_bool(), healthy.get_bool() ? "healthy" : "unhealthy");
            } else {
                to.text("not checked");
            }
            to.add("</td><td>");
            bad(to, to_cell(member(server.get_object(), "last_error")));
            to.add("</td></tr>\n");
        }
    }
    end_table(to);
    end_section(to);
}

void write_sockets(html_writer& to, const std::optional<socket_facts>& open) {
    begin_section(to, "Open WebSockets and running answers");
    if (!open) {
        quiet(to, "A worker did not answer.");
    } else if (open->total == 0) {
        quiet(to, "None.");
    } else {
        begin_table(to, {"Kind", "Route", "Provider", "User", "Tenant", "Since", "Ends by itself"});
        for (const guarded_facts& each : open->some) {
            to.add("<tr>").element("td", each.kind == guarded_kind::websocket ? "WebSocket" : "answer").element("td", each.route);
            to.element("td", each.provider).element("td", each.user).element("td", each.tenant);
            to.element("td", policies::to_rfc3339(each.since)).element("td", each.until ? policies::to_rfc3339(*each.until) : "");
            to.add("</tr>\n");
        }
        end_table(to);
        if (open->total > open->some.size()) {
            quiet(to, std::to_string(open->total) + " are open; /sockets?user=U lists those of a user");
        }
    }
    end_section(to);
}

} // namespace bearward::proxy::admin_page
