#include "proxy/demo/line_check.hpp"

#include "policies/requests/request_view.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <string_view>

namespace bearward::proxy::demo {

namespace {

namespace json = boost::json;

std::string differs(std::string_view what, std::string_view got, std::string_view expected) {
    return std::string(what) + " is \"" + std::string(got) + "\" instead of \"" + std::string(expected) + '"';
}

json::object parse_object(const std::string& text) {
    json::error_code error;
    const json::value parsed = json::parse(text, error);
    return !error && parsed.is_object() ? parsed.get_object() : json::object{};
}

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

/// The values of a field that reached the app, whatever its spelling was.
std::vector<std::string_view> seen_values(const json::object& request, std::string_view name) {
    std::vector<std::string_view> values;
    const json::value* headers = request.if_contains("headers");
    if (headers == nullptr || !headers->is_array()) {
        return values;
    }
    for (const json::value& header : headers->get_array()) {
        const bool is_pair = header.is_array() && header.get_array().size() == 2;
        if (is_pair && header.get_array()[0].is_string() && header.get_array()[1].is_string() &&
            policies::requests::equal_folded_names(std::string_view{header.get_array()[0].get_string()}, name)) {
            values.emplace_back(header.get_array()[1].get_string());
        }
    }
    return values;
}

std::string check_what_the_app_saw(const expectation& expected, const std::string& body) {
    const json::object request = parse_object(body);
    if (!request.contains("headers")) {
        return "the answer is not the app's";
    }
    for (const named_value& header : expected.app_sees) {
        const auto values = seen_values(request, header.name);
        if (values.size() != 1) {
            return "the app saw " + header.name + ' ' + std::to_string(values.size()) + " times";
        }
        if (values.front() != header.value) {
            return differs(header.name, values.front(), header.value);
        }
    }
    for (const std::string& name : expected.app_does_not_see) {
        if (!seen_values(request, name).empty()) {
            return "the app saw " + name;
        }
    }
    return {};
}

std::string check_websocket(const expectation& expected, const outcome& result) {
    if (result.subprotocol != expected.subprotocol) {
        return differs("the subprotocol", result.subprotocol, expected.subprotocol);
    }
    if (result.message != expected.echo) {
        return differs("the message", result.message, expected.echo);
    }
    const auto show = [](const std::optional<close_notice>& notice) {
        return notice ? std::to_string(notice->code) + ' ' + notice->reason : std::string("nothing");
    };
    if (show(result.closed) != show(expected.closed)) {
        return differs("the Close", show(result.closed), show(expected.closed));
    }
    return {};
}

} // namespace

std::string check_outcome(const line& what, const outcome& result) {
    const expectation& expected = what.expect;
    if (!result.error.empty()) {
        return result.error;
    }
    if (result.status != expected.status) {
        return differs("the status", std::to_string(result.status), std::to_string(expected.status));
    }
    if (!expected.detail.empty()) {
        const std::string got(text_of(parse_object(result.body), "detail"));
        return got == expected.detail ? std::string{} : differs("the detail", got, expected.detail);
    }
    return what.websocket ? check_websocket(expected, result) : check_what_the_app_saw(expected, result.body);
}

} // namespace bearward::proxy::demo
