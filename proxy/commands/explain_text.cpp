// An explained decision as it is printed.
#include "proxy/commands/explain.hpp"
#include "proxy/commands/json_text.hpp"
#include "proxy/commands/steps_text.hpp"
#include "proxy/commands/table.hpp"

#include <boost/json/array.hpp>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;
using rows = std::vector<std::vector<std::string>>;

const json::value* member(const json::object& of, std::string_view name) {
    const json::value* found = of.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

void add_row(rows& to, const json::object& of, std::string_view name) {
    if (const json::value* found = member(of, name)) {
        to.push_back({"", std::string(name), to_words(*found)});
    }
}

/// A header a line.
void add_headers(rows& to, const json::object& of) {
    const json::value* headers = member(of, "headers");
    if (headers == nullptr) {
        return;
    }
    for (const json::key_value_pair& each : headers->as_object()) {
        to.push_back({"", "", std::string(each.key()) + ": " + std::string(each.value().as_string())});
    }
}

} // namespace

std::string to_text(const explained& what) {
    rows summary;
    const json::object& outcome = what.outcome;
    add_row(summary, outcome, "route");
    if (outcome.at("mode") != "enforce") {
        add_row(summary, outcome, "mode");
    }
    add_row(summary, outcome, "observed");
    add_row(summary, outcome, "cause");
    add_row(summary, outcome, "identity");
    if (const json::value* forward = member(outcome, "forward")) {
        summary.push_back({"", "upstream", to_words(forward->at("upstream"))});
        summary.push_back({"", "forwarded", to_words(outcome.at("request").at("method")) + ' ' + to_words(forward->at("target"))});
        add_headers(summary, forward->as_object());
    }
    add_row(summary, outcome, "closes_at");
    if (const json::value* close = member(outcome, "close")) {
        summary.push_back({"", "answer", "101, then Close " + to_words(close->at("code")) + ' ' + to_words(close->at("reason"))});
    } else if (const json::value* answer = member(outcome, "answer")) {
        summary.push_back({"", "answer", to_words(outcome.at("status")) + ' ' + to_words(answer->at("detail"))});
        add_headers(summary, answer->as_object());
    }
    std::string out = to_printable(what.request) + "\n\n" + to_lines(what.steps) + '\n';
    out.append(outcome.at("decision").as_string()).append(": ").append(outcome.at("reason").as_string()).append("\n");
    return out += to_columns(summary);
}

std::string to_json_text(const explained& what) {
    json::object whole = what.outcome;
    whole["steps"] = to_json(what.steps);
    std::string out;
    append_pretty_json(out, whole);
    return out += '\n';
}

} // namespace bearward::proxy::commands
