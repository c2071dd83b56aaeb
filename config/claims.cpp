// What a claim must be: required_claims of a provider and `claims` of a
// requirement have the same grammar, but for captures.
#include "config/encoding.hpp"
#include "config/scalars.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

#include <cmath>
#include <cstdlib>

namespace bearward::config {

namespace {

struct presence_source {
    bool present = false;
};

const section<presence_source>& presence_fields() {
    static const section<presence_source> declared =
        section<presence_source>("presence")
            .field("present", &presence_source::present, boolean(), "Only true: the claim must be there.", presence::required)
            .check([](reading& state, const cursor& at, const presence_source& source) {
                return source.present || state.error(at, "only {present: true} is accepted");
            });
    return declared;
}

bool read_single(reading& state, const cursor& at, bool captures, const codec<boost::json::value>& value, claim_settings& out) {
    if (captures && is_text(at.value) && at.value.text.find_first_of("{}") != std::string::npos) {
        std::optional<policies::rules::operand> read;
        if (!operand().read(state, at, read)) {
            return false;
        }
        out.capture = read->text;
        return true;
    }
    boost::json::value single;
    const bool good = value.read(state, at, single);
    out.values.push_back(std::move(single));
    return good;
}

bool read_claim(reading& state, const cursor& at, bool captures, const codec<boost::json::value>& value, claim_settings& out) {
    if (at.value.type == node::kind::map) {
        presence_source source;
        const bool good = presence_fields().read(state, at, source);
        out.present_only = true;
        return good;
    }
    if (at.value.type == node::kind::scalar) {
        return read_single(state, at, captures, value, out);
    }
    return list(value, 1).read(state, at, out.values);
}

boost::json::value show_claim(const claim_settings& claim) {
    if (claim.present_only) {
        return boost::json::object{{"present", true}};
    }
    if (claim.capture) {
        return boost::json::value('{' + *claim.capture + '}');
    }
    if (claim.values.size() == 1) {
        return claim.values.front();
    }
    return boost::json::array(claim.values.begin(), claim.values.end());
}

codec<claim_settings> claim_requirement(bool captures) {
    const codec<boost::json::value> value = claim_value();
    codec<claim_settings> made;
    made.form.type = shape::kind::choice;
    made.form.expected =
        captures ? "a value, a list of values, {present: true} or \"{capture}\"" : "a value, a list of values or {present: true}";
    made.form.parts = {value.form, list(value, 1).form, nested("presence", &presence_fields).form};
    made.read = [captures, value, form = made.form](reading& state, const cursor& at, claim_settings& out) {
        if (at.value.type == node::kind::null || at.value.type == node::kind::broken) {
            return refuse(state, at, form);
        }
        return read_claim(state, at, captures, value, out);
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

codec<std::vector<claim_settings>> claim_requirements(bool captures) {
    return keyed<claim_settings>(
        claim_requirement(captures), "the path of a claim", 1,
        [](reading& state, const cursor& at, std::string_view key, claim_settings& out) {
            auto path = parse_claim_path(key);
            if (!path) {
                return state.error(at, path.error() + "; expected the path of a claim such as sub or realm_access.roles");
            }
            out.path = std::move(*path);
            return true;
        },
        [](const claim_settings& claim) { return join_claim_path(claim.path); });
}

} // namespace bearward::config
