#include "proxy/commands/json_text.hpp"

#include "proxy/telemetry/log_line.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace bearward::proxy::commands {
namespace {

namespace json = boost::json;

void append_scalar(std::string& out, const json::value& value) {
    if (const json::string* text = value.if_string()) {
        append_json_string(out, *text);
    } else {
        out += json::serialize(value); // a number, a boolean, null, [] or {}
    }
}

void append_member(std::string& out, const json::key_value_pair& member, const std::string& indent) {
    append_json_string(out, member.key());
    out += ": ";
    append_pretty_json(out, member.value(), indent);
}

/// Lists of scalars stay in one line.
bool is_flat(const json::array& list) {
    return std::ranges::none_of(list, [](const json::value& each) { return each.is_structured(); });
}

} // namespace

void append_pretty_json(std::string& out, const json::value& value, const std::string& indent) {
    const std::string inner = indent + "  ";
    if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
        char before = '{';
        for (const json::key_value_pair& member : *object) {
            (out += before) += '\n';
            out += inner;
            append_member(out, member, inner);
            before = ',';
        }
        ((out += '\n') += indent) += '}';
    } else if (const json::array* list = value.if_array(); list != nullptr && !list->empty()) {
        const bool flat = is_flat(*list);
        std::string_view before = "[";
        for (const json::value& each : *list) {
            (out += before) += flat ? "" : "\n" + inner;
            append_pretty_json(out, each, inner);
            before = flat ? ", " : ",";
        }
        (out += flat ? "" : "\n" + indent) += ']';
    } else {
        append_scalar(out, value);
    }
}

std::string to_words(const json::value& value) {
    std::string out;
    const auto separate = [&out] { out += out.empty() ? "" : ", "; };
    if (const json::string* text = value.if_string(); text != nullptr && !text->empty()) {
        append_word(out, *text);
    } else if (const json::object* object = value.if_object()) {
        for (const json::key_value_pair& member : *object) {
            separate();
            append_word(out, member.key());
            (out += ' ') += to_words(member.value());
        }
    } else if (const json::array* list = value.if_array()) {
        for (const json::value& each : *list) {
            separate();
            out += to_words(each);
        }
    } else if (!value.is_null() && !value.is_string()) {
        out = json::serialize(value);
    }
    return out.empty() ? "none" : out;
}

std::string to_printable(const std::string& text) {
    std::string quoted;
    append_json_string(quoted, text);
    return quoted.substr(1, quoted.size() - 2);
}

} // namespace bearward::proxy::commands
