#include "proxy/commands/steps_text.hpp"

#include "proxy/commands/json_text.hpp"
#include "proxy/commands/table.hpp"

#include <utility>

namespace bearward::proxy::commands {
namespace {

using policies::step;

void join(std::string& out, const std::string& text) {
    out.append(out.empty() ? "" : "; ").append(text);
}

std::string values_of(const step& what) {
    std::string out;
    if (!what.found.is_null()) {
        out = to_words(what.found);
    }
    if (!what.expected.is_null()) {
        join(out, (what.found.is_null() ? "" : "expected: ") + to_words(what.expected));
    }
    if (!what.note.empty()) {
        join(out, to_printable(what.note));
    }
    if (what.outcome == step::mark::failed) {
        join(out, "-> " + std::string(to_string(what.why)));
    }
    return out;
}

} // namespace

boost::json::array to_json(const std::vector<step>& steps) {
    boost::json::array list;
    for (const step& each : steps) {
        boost::json::object shown{{"stage", each.stage}, {"check", each.check}, {"outcome", to_string(each.outcome)}};
        if (!each.found.is_null()) {
            shown["found"] = each.found;
        }
        if (!each.expected.is_null()) {
            shown["expected"] = each.expected;
        }
        if (!each.note.empty()) {
            shown["note"] = each.note;
        }
        if (each.why != policies::reason::ok) {
            shown["reason"] = to_string(each.why);
        }
        list.push_back(std::move(shown));
    }
    return list;
}

std::string to_lines(const std::vector<step>& steps) {
    std::vector<std::vector<std::string>> rows;
    std::string_view stage;
    for (const step& each : steps) {
        rows.push_back({std::string(each.stage == stage ? std::string_view{} : each.stage), to_printable(each.check),
                        std::string(policies::row_of(policies::mark_table, each.outcome).for_people), values_of(each)});
        stage = each.stage;
    }
    return to_columns(rows);
}

} // namespace bearward::proxy::commands
