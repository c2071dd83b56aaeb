#include "config/described_form.hpp"

#include "config/fields.hpp"
#include "config/scalars.hpp"
#include "config/suggestion.hpp"
#include "policies/text.hpp"

#include <boost/json/serialize.hpp>

#include <map>

namespace bearward::config {
namespace {

std::string show_limit(const shape& form, std::int64_t value) {
    return form.type == shape::kind::duration ? show_duration(milliseconds(value))
           : form.type == shape::kind::size   ? show_size(value)
                                              : std::to_string(value);
}

using sections = std::map<std::string, const section_shape*>;

void collect(const shape& form, std::vector<std::string>& order, sections& found) {
    if (form.type == shape::kind::section && !found.contains(form.name)) {
        const section_shape& section = form.fields();
        found.emplace(form.name, &section);
        order.push_back(form.name);
        for (const field_shape& each : section.fields) {
            collect(each.form, order, found);
        }
    }
    for (const shape& each : form.parts) {
        collect(each, order, found);
    }
}

} // namespace

std::string code(const std::string& text) {
    return '`' + text + '`';
}

std::string describe_form(const shape& form) {
    switch (form.type) {
    case shape::kind::boolean:
        return "`true` or `false`";
    case shape::kind::fraction:
        return "number, 0 to 1";
    case shape::kind::integer:
    case shape::kind::duration:
    case shape::kind::size: {
        const std::string unit = form.type == shape::kind::duration ? "duration" : form.type == shape::kind::size ? "size" : "number";
        return unit + ", " +
               (form.least == form.most ? show_limit(form, *form.least)
                                        : show_limit(form, *form.least) + " to " + show_limit(form, *form.most));
    }
    case shape::kind::word:
        return policies::listed(form.words, code);
    case shape::kind::list:
        return "list of: " + describe_form(form.parts.front());
    case shape::kind::map:
        return "map to: " + describe_form(form.parts.front());
    case shape::kind::object:
        return form.expected;
    case shape::kind::section:
        return form.secret ? code(form.expected) : "[" + form.name + "](#" + form.name + ")";
    case shape::kind::choice: {
        std::string all;
        for (const shape& each : form.parts) {
            all += (all.empty() ? "" : ", or ") + describe_form(each);
        }
        return all;
    }
    case shape::kind::text:
    case shape::kind::scalar:
        break;
    }
    return form.expected;
}

std::string describe_default(const field_shape& field) {
    if (field.required) {
        return "required";
    }
    if (field.preset.is_null() || (field.preset.is_object() && field.form.type == shape::kind::section)) {
        return "";
    }
    if (field.preset.is_double()) {
        return code(show_fraction(field.preset.get_double())); // Boost writes 1E-1
    }
    return code(boost::json::serialize(field.preset));
}

std::string describe_tags(const field_shape& field) {
    std::string words = policies::listed(field.only_with, code);
    if (!field.never_with.empty()) {
        words += "not " + policies::listed(field.never_with, code);
    }
    return words.empty() ? words : "(" + words + ") ";
}

std::vector<std::pair<std::string, const section_shape*>> sections_in_order() {
    std::vector<std::string> order;
    sections found;
    for (const field_shape& each : document_fields().form().fields) {
        collect(each.form, order, found);
    }
    std::vector<std::pair<std::string, const section_shape*>> all;
    for (std::string& name : order) {
        const section_shape* const section = found.at(name);
        all.emplace_back(std::move(name), section);
    }
    return all;
}

const char* const writing_rules =
    R"(One YAML 1.2 document a file. Anchors and aliases work within bounds; merge keys (`<<`) and tags don't. Unknown keys, wrong types, duplicate keys, values out of range and dangling names are errors; all of them are reported at once, as `FILE:LINE:COL: error: PATH.TO.KEY: what is wrong and what is accepted`. Warnings (with a code, see [below](#warnings)) and notes look the same.

* Durations: `250ms` `30s` `5m` `1h`. Sizes: `512` `16KiB` `1MiB`. `on` and `off` are words, quoted or not. Text that looks like a number, `true`, `false` or `null` needs quotes.
* `${NAME}`, `${NAME:-default}` and `${NAME:?message}` in a value come from the environment; the latter two also count for an empty variable. `$${` is a literal `${`. Inside of `{}` and `[]` such a value needs quotes.
* Paths are relative to the file that names them.
* The path of a claim is dotted: `realm_access.roles`. At each step the longest member name that fits counts, without going back, so names with dots in them work as they are: `https://api.example.com/roles`, `kubernetes.io.namespace`. A whole number picks an array's element. Where a claim is mapped, `{path: [a, b.c]}` names each step exactly. A member that is `null` counts as absent.
* In a requirement names in braces stand for what the request has: `{capture}` of the path, `{header.NAME}`, `{query.NAME}`, `{host.N}` (label N of the host, 1 is the first), as in `tenant: "org-{tenant}"`. One that is absent, empty or repeated is unknown, and a requirement that depends on it is not met, nor is `not` of it. Braces elsewhere in a requirement are errors, and so is `*` outside `matches`; `{equals: TEXT}` takes text as it is.
* A secret is `{file: PATH}` (one trailing newline is dropped), `{env: NAME}` or `{value: TEXT}` (warns).
* `defaults` gives a route the keys that it doesn't have. A route's key replaces the default's whole value, but `websocket` merges key by key: a route with `require` does not inherit the default's `require`. `auth: none`, `mode`, `name`, `prefix`, `exact`, `literal` and `allow_warnings` stand on routes alone.

)";

} // namespace bearward::config
