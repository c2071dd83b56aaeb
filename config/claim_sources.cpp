// Where the facts of an identity are read from.
#include "config/scalars.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

using policies::tokens::claim_path;
using policies::tokens::claim_source;
using policies::tokens::mapped_claim;
using form = claim_source::form;

/// A source as it is written.
struct source_settings {
    claim_path path;
    bool keys = false;
    std::string each;
    std::string split;
    std::uint64_t given = 0;
};

codec<claim_path> dotted_path() {
    return parsed<claim_path>(
        "the path of a claim such as sub or realm_access.roles", [](std::string_view written) { return claim_path::parse(written, true); },
        [](const claim_path& path) -> boost::json::value { return boost::json::value(path.text()); });
}

/// A member's name, or the number of an element.
codec<std::string> path_step() {
    codec<std::string> made = text("a name or a whole number");
    made.read = [read = made.read](reading& state, const cursor& at, std::string& out) {
        if (at.value.type == node::kind::scalar && !is_text(at.value) && type_of_plain(at.value.text) == scalar_type::integer) {
            out = at.value.text;
            return true;
        }
        return read(state, at, out);
    };
    return made;
}

codec<claim_path> any_path() {
    const codec<std::vector<std::string>> steps = list(path_step(), 1);
    const codec<claim_path> exact = converted<claim_path, std::vector<std::string>>(
        steps, [](const std::vector<std::string>& names) { return claim_path::exact(names); },
        [](const claim_path& path) {
            std::vector<std::string> names;
            names.reserve(path.size());
            for (std::size_t step = 0; step < path.size(); ++step) {
                names.emplace_back(path.name(step, step + 1));
            }
            return names;
        });
    const codec<claim_path> dotted = dotted_path();
    return choice<claim_path>({{is_scalar, dotted}, {is_list, exact}},
                              [dotted, exact](const claim_path& path) { return path.is_exact() ? exact.show(path) : dotted.show(path); });
}

/// One member's name: dots stand in it only where it is a URL.
codec<std::string> member_name() {
    return parsed<std::string>(
        "the name of a member",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            if (written.find_first_of("*$") != std::string_view::npos || (written.contains('.') && !written.contains("://"))) {
                return std::unexpected(
                    "`each` names one member of every element, and is no path and no pattern; `path` leads to the array");
            }
            return std::string(written);
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

const section<source_settings>& source_fields() {
    static const section<source_settings> declared =
        section<source_settings>("claim_source")
            .field("path", &source_settings::path, any_path(), "The claim: a dotted path, or a list that names each step exactly.",
                   presence::required)
            .field("keys", &source_settings::keys, boolean(), "Only true: the member names of an object.")
            .field("each", &source_settings::each, absent_if_empty(member_name()), "This member of each object of an array.")
            .field("split", &source_settings::split, absent_if_empty(text("the characters between the values")),
                   "One text, split at any of these characters; an array's texts are never split.")
            .check([](reading& state, const cursor& at, const source_settings& source) {
                const auto wrote = [&](std::string_view name) { return (source.given & source_fields().bit(name)) != 0; };
                if (wrote("keys") && !source.keys) {
                    return state.error(at, "only {keys: true} is accepted; without `keys` the claim's own values are read");
                }
                const int forms = (source.keys ? 1 : 0) + (source.each.empty() ? 0 : 1) + (source.split.empty() ? 0 : 1);
                return forms <= 1 || state.error(at, "keys, each and split are forms of one claim: at most one of them is accepted");
            });
    return declared;
}

claim_source make_source(source_settings from) {
    const form how = from.keys ? form::keys : !from.each.empty() ? form::each : !from.split.empty() ? form::split : form::plain;
    return {.path = std::move(from.path), .how = how, .argument = how == form::each ? from.each : from.split};
}

source_settings unmake_source(const claim_source& from) {
    return {.path = from.path,
            .keys = from.how == form::keys,
            .each = from.how == form::each ? from.argument : std::string{},
            .split = from.how == form::split ? from.argument : std::string{}};
}

boost::json::value show_source(const claim_source& from) {
    if (from.how == form::plain && !from.path.is_exact()) {
        return boost::json::value(from.path.text());
    }
    boost::json::object shown = source_fields().show(unmake_source(from)).as_object();
    if (from.how != form::keys) {
        shown.erase("keys");
    }
    return shown;
}

codec<claim_source> one_source() {
    const codec<claim_source> path = converted<claim_source, claim_path>(
        dotted_path(), [](claim_path from) { return claim_source{.path = std::move(from)}; },
        [](const claim_source& from) { return from.path; });
    const codec<claim_source> described =
        converted<claim_source, source_settings>(nested("claim_source", &source_fields), make_source, unmake_source);
    return choice<claim_source>({{is_scalar, path}, {is_map, described}}, show_source);
}

} // namespace

codec<mapped_claim> claim_sources() {
    const codec<claim_source> one = one_source();
    const codec<std::vector<claim_source>> several = list(one, 1);
    codec<mapped_claim> made;
    made.form.type = shape::kind::choice;
    made.form.expected = one.form.expected + ", or a list of them";
    made.form.parts = one.form.parts;
    made.form.parts.push_back(several.form);
    made.read = [one, several](reading& state, const cursor& at, mapped_claim& out) {
        out.written = true;
        if (is_list(at.value)) {
            return several.read(state, at, out.sources);
        }
        claim_source single;
        const bool good = one.read(state, at, single);
        out.sources = {std::move(single)};
        return good;
    };
    made.show = [one, several](const mapped_claim& from) {
        return from.sources.size() == 1 ? one.show(from.sources.front()) : several.show(from.sources);
    };
    return made;
}

} // namespace bearward::config
