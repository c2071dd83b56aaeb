#include "proxy/commands/policy_tests.hpp"

#include "policies/requests/request_view.hpp"
#include "policies/text.hpp"
#include "proxy/commands/explain.hpp"
#include "proxy/commands/test_request.hpp"
#include "proxy/telemetry/log_line.hpp"

#include <algorithm>
#include <chrono>
#include <sstream>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;

/// Nothing in a test depends on the time: its identity is valid now.
constexpr policies::time_point now{std::chrono::seconds(1'700'000'000)};

std::string in_quotes(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

void compare(std::vector<std::string>& differences, std::string_view what, const std::string& expected, const std::string& got) {
    if (expected != got) {
        differences.push_back(std::string(what) + ": expected " + expected + ", got " + got);
    }
}

/// The values of a header; names that are the same to an app are the same here.
std::vector<std::string_view> values_of(const std::vector<forwarded_header>& headers, std::string_view name) {
    std::vector<std::string_view> values;
    for (const forwarded_header& each : headers) {
        if (policies::requests::equal_folded_names(each.name, name)) {
            values.push_back(each.value);
        }
    }
    return values;
}

bool carries_tokens(const serving& rules, std::string_view name) {
    const auto is = [name](std::string_view header) { return policies::requests::equal_folded_names(header, name); };
    return is("Authorization") || is("Cookie") ||
           std::ranges::any_of(rules.rules().providers, [&](const policies::provider& each) { return is(each.names.header); });
}

void compare_header(std::vector<std::string>& differences, const serving& rules, const config::test_header& expected,
                    const explained& what) {
    const auto values = values_of(what.forwarded, expected.name);
    const std::string got = policies::listed(values);
    const bool equal = expected.value.empty() ? values.empty() : got == expected.value && !values.empty();
    if (!what.permitted) {
        differences.push_back("headers." + expected.name + ": nothing is forwarded");
    } else if (!equal && carries_tokens(rules, expected.name)) {
        differences.push_back("headers." + expected.name + (values.empty() ? ": is not there" : ": is there, with another value"));
    } else if (expected.value.empty()) {
        compare(differences, "headers." + expected.name, "none", values.empty() ? "none" : in_quotes(got));
    } else {
        compare(differences, "headers." + expected.name, in_quotes(expected.value), values.empty() ? "none" : in_quotes(got));
    }
}

/// The status on the wire, or for a handshake that is accepted to be closed also
/// that of its answer.
void compare_status(std::vector<std::string>& differences, unsigned expected, const explained& what) {
    const auto status = what.outcome.at("status").to_number<unsigned>();
    if (what.outcome.contains("close") && expected == what.refused_with) {
        return;
    }
    compare(differences, "status", std::to_string(expected), std::to_string(status));
}

std::vector<std::string> compare_all(const serving& rules, const config::test_expectation& expected, const explained& what) {
    std::vector<std::string> differences;
    if (expected.status) {
        compare_status(differences, *expected.status, what);
    }
    if (expected.why) {
        compare(differences, "reason", std::string(to_string(*expected.why)), std::string(what.outcome.at("reason").as_string()));
    }
    if (!expected.route.value.empty()) {
        const json::value& route = what.outcome.at("route");
        compare(differences, "route", in_quotes(expected.route.value), route.is_null() ? "none" : in_quotes(route.as_string()));
    }
    if (expected.close) {
        const json::value* close = what.outcome.if_contains("close");
        compare(differences, "close", std::to_string(*expected.close),
                close == nullptr ? "none" : std::to_string(close->at("code").to_number<unsigned>()));
    }
    for (const config::test_header& each : expected.headers) {
        compare_header(differences, rules, each, what);
    }
    return differences;
}

} // namespace

test_outcome run_policy_test(const serving& rules, const config::test_settings& test) {
    const test_request_head request = make_test_request(rules, test);
    test_outside around(test, request, now);
    const explained what = explain_request(rules, request.head, request.listener, now, &around);
    const std::string unnamed = test.request.method + ' ' + test.request.path.substr(0, test.request.path.find('?')); // no token
    test_outcome outcome{.name = test.name.empty() ? unnamed : test.name,
                         .where = test.at.where,
                         .differences = compare_all(rules, test.expect, what),
                         .explanation = {}};
    if (!outcome.differences.empty()) {
        outcome.explanation = to_text(what);
    }
    return outcome;
}

std::vector<test_outcome> run_policy_tests(const serving& rules) {
    std::vector<test_outcome> outcomes;
    outcomes.reserve(rules.settings.tests.size());
    for (const config::test_settings& each : rules.settings.tests) {
        outcomes.push_back(run_policy_test(rules, each));
    }
    return outcomes;
}

std::size_t count_failed(const std::vector<test_outcome>& outcomes) {
    return static_cast<std::size_t>(std::ranges::count_if(outcomes, [](const test_outcome& each) { return !each.differences.empty(); }));
}

std::string to_text(const test_outcome& outcome) {
    const bool passed = outcome.differences.empty();
    std::string text = outcome.where.file + ':' + std::to_string(outcome.where.line) + ':' + std::to_string(outcome.where.column);
    text += (passed ? ": ok: " : ": FAILED: ") + outcome.name + '\n';
    for (const std::string& each : outcome.differences) {
        text += "  " + each + '\n';
    }
    std::istringstream lines(outcome.explanation);
    for (std::string line; std::getline(lines, line);) {
        text += line.empty() ? "\n" : "    " + line + '\n';
    }
    return text;
}

} // namespace bearward::proxy::commands
