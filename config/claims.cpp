// What a claim must be: required_claims of a provider and `claims` of a
// requirement have the same grammar, but for operands.
#include "config/encoding.hpp"
#include "config/scalars.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace bearward::config {

namespace {

/// A condition on a claim that is no value.
struct condition_settings {
    std::string equals;
    std::string matches;
    bool present = false;
};

const section<condition_settings>& condition_fields() {
    static const section<condition_settings> declared =
        section<condition_settings>("condition")
            .field("equals", &condition_settings::equals, text(), "Text that is taken as it is, braces and `*` too.")
            .field("matches", &condition_settings::matches,
                   parsed<std::string>(
                       "a pattern such as \"*@example.com\"",
                       [](std::string_view written) -> std::expected<std::string, std::string> {
                           if (written.find_first_of("{}") != std::string_view::npos) {
                               return std::unexpected("braces stand for nothing in a pattern");
                           }
                           return std::string(written);
                       },
                       [](const std::string& value) -> boost::json::value { return boost::json::value(value); }),
                   "The whole value has this form: `*` stands for any bytes, none included; case counts.")
            .field("present", &condition_settings::present, boolean(), "Only true: the claim must be there and not be empty.")
            .one_of({"equals", "matches", "present"})
            .check([](reading& state, const cursor& at, const condition_settings& source) {
                const bool absent = at.value.find("present") != nullptr && !source.present;
                return !absent ||
                       state.error(at, "only {present: true} is accepted; `not: {claims: {PATH: {present: true}}}` asks for absence");
            });
    return declared;
}

/// Text with names in braces is an operand, where the request is known.
bool read_text(reading& state, const cursor& at, bool operands, claim_settings& out) {
    const std::string& written = at.value.text;
    if (written.find_first_of("{}*") == std::string::npos) {
        out.values.emplace_back(written);
        return !written.empty() || state.error(at, "expected a value; found empty text, which matches nothing");
    }
    if (!operands) {
        return state.error(at,
                           "braces and `*` stand for nothing here; {matches: GLOB} is a pattern, and {equals: TEXT} takes text as it is");
    }
    auto read = policies::rules::operand::parse(written);
    if (!read) {
        return state.error(at, read.error());
    }
    out.operands.push_back(std::move(*read));
    return true;
}

bool read_value(reading& state, const cursor& at, bool operands, const codec<boost::json::value>& value, claim_settings& out) {
    if (is_map(at.value)) {
        literal_settings literal;
        const bool good = literal_fields().read(state, at, literal);
        out.values.emplace_back(literal.equals);
        return good;
    }
    if (is_scalar(at.value) && is_text(at.value)) {
        return read_text(state, at, operands, out);
    }
    boost::json::value single;
    const bool good = value.read(state, at, single);
    out.values.push_back(std::move(single));
    return good;
}

bool read_condition(reading& state, const cursor& at, claim_settings& out) {
    condition_settings source;
    const bool good = condition_fields().read(state, at, source);
    out.present_only = at.value.find("present") != nullptr;
    if (!source.matches.empty()) {
        out.pattern = std::move(source.matches);
    }
    if (!source.equals.empty()) {
        out.values.emplace_back(source.equals);
    }
    return good;
}

bool read_claim(reading& state, const cursor& at, bool operands, const codec<boost::json::value>& value, const shape& form,
                claim_settings& out) {
    const bool unquoted =
        is_map(at.value) && at.value.entries.size() == 1 && at.value.entries.front().value.type == node::kind::null &&
        std::ranges::find(condition_fields().form().names, at.value.entries.front().key.text) == condition_fields().form().names.end();
    if (unquoted) {
        return refuse(state, at, form); // {name} without quotes
    }
    if (is_map(at.value)) {
        return read_condition(state, at, out);
    }
    if (!is_list(at.value)) {
        return read_value(state, at, operands, value, out);
    }
    if (at.value.items.empty()) {
        return state.error(at, "the list is empty; expected " + form.expected);
    }
    bool good = true;
    for (std::size_t index = 0; index < at.value.items.size(); ++index) {
        const key_path step{&at.path, {}, index};
        good = read_value(state, cursor{at.value.items[index], step}, operands, value, out) && good;
    }
    return good;
}

boost::json::value show_value(const boost::json::value& value) {
    const bool special = value.is_string() && std::string_view(value.get_string()).find_first_of("{}*") != std::string_view::npos;
    return special ? boost::json::object{{"equals", value}} : value;
}

boost::json::value show_claim(const claim_settings& claim) {
    if (claim.present_only) {
        return boost::json::object{{"present", true}};
    }
    if (claim.pattern) {
        return boost::json::object{{"matches", *claim.pattern}};
    }
    boost::json::array shown;
    for (const boost::json::value& each : claim.values) {
        shown.push_back(show_value(each));
    }
    for (const policies::rules::operand& each : claim.operands) {
        shown.emplace_back(each.written());
    }
    return shown.size() == 1 ? shown.front() : boost::json::value(shown);
}

codec<claim_settings> claim_requirement(bool operands) {
    const codec<boost::json::value> value = claim_value();
    shape entry;
    entry.type = shape::kind::choice;
    entry.expected = value.form.expected + " or {equals: TEXT}";
    entry.parts = {value.form, nested("literal", &literal_fields).form};
    shape several;
    several.type = shape::kind::list;
    several.expected = "a list of values";
    several.least = 1;
    several.parts = {entry};
    codec<claim_settings> made;
    made.form.type = shape::kind::choice;
    made.form.expected = operands
                             ? "a value or a list of values, which may be \"{capture}\" and the like, {present: true} or {matches: GLOB}"
                             : "a value, a list of values, {present: true} or {matches: GLOB}";
    made.form.parts = {value.form, several, nested("condition", &condition_fields).form};
    made.read = [operands, value, form = made.form](reading& state, const cursor& at, claim_settings& out) {
        if (at.value.type == node::kind::null || at.value.type == node::kind::broken) {
            return refuse(state, at, form);
        }
        return read_claim(state, at, operands, value, form, out);
    };
    made.show = show_claim;
    return made;
}

} // namespace

codec<boost::json::value> claim_value() {
    codec<boost::json::value> made;
    made.form.type = shape::kind::scalar;
    made.form.expected = "text, a number, true or false";
    made.read = [form = made.form](reading& state, const cursor& at, boost::json::value& out) {
        if (at.value.type != node::kind::scalar) {
            return refuse(state, at, form);
        }
        if (is_text(at.value)) {
            out = boost::json::value(at.value.text);
            return !at.value.text.empty() || state.error(at, "expected " + form.expected + "; found empty text, which matches nothing");
        }
        const scalar_type type = type_of_plain(at.value.text);
        if (const auto truth = parse_boolean(at.value.text); type == scalar_type::boolean && truth) {
            out = *truth;
            return true;
        }
        if (const auto number = parse_integer(at.value.text); type == scalar_type::integer && number) {
            out = *number;
            return true;
        }
        if (type == scalar_type::real) {
            const double number = std::strtod(at.value.text.c_str(), nullptr);
            if (std::isfinite(number)) {
                out = number;
                return true;
            }
        }
        return refuse(state, at, form);
    };
    made.show = [](const boost::json::value& value) { return value; };
    return made;
}

codec<std::vector<claim_settings>> claim_requirements(bool operands) {
    return keyed<claim_settings>(
        claim_requirement(operands), "the path of a claim", 1,
        [](reading& state, const cursor& at, std::string_view key, claim_settings& out) {
            auto path = policies::tokens::claim_path::parse(key);
            if (!path) {
                return state.error(at, path.error() + "; expected the path of a claim such as sub or realm_access.roles");
            }
            out.path = std::move(*path);
            return true;
        },
        [](const claim_settings& claim) { return claim.path.text(); });
}

} // namespace bearward::config
