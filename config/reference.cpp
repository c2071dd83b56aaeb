#include "config/reference.hpp"

#include "config/described_form.hpp"
#include "config/fields.hpp"
#include "config/suggestion.hpp"

namespace bearward::config {

namespace {

/// A bar would end the table's cell.
std::string cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
        text.insert(at, 1, '\\');
    }
    return text;
}

std::string make_table(const section_shape& section) {
    std::string text = "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
    for (const field_shape& each : section.fields) {
        text += "| " + code(each.name) + " | " + cell(describe_form(each.form)) + " | " + cell(describe_default(each)) + " | " +
                cell(describe_tags(each) + each.doc) + " |\n";
    }
    for (const auto& group : section.one_of) {
        text += "\nExactly one of " + join(group) + " is needed.\n";
    }
    return text + '\n';
}

std::string make_warnings() {
    std::string text =
        "## Warnings\n\nEach line of a warning ends with its code in brackets. `allow_warnings` with the code, at the place that is named "
        "here, makes a note of it: `check --strict` fails on warnings, not on notes.\n\n| code | meaning | allowed |\n| --- | --- | --- "
        "|\n";
    for (const warning_row& each : warning_code_table) {
        text += "| " + code(std::string(each.word)) + " | " + cell(std::string(each.meaning)) + " | " +
                std::string(place_of(each.subjects)) + " |\n";
    }
    return text + '\n';
}

constexpr const char* heading = R"(# The configuration

Made from the declarations in `config/fields*.cpp`; don't edit it. A test compares them; `BEARWARD_UPDATE_GOLDEN=1 build/dev/tests/unit_config --gtest_filter='reference*'` writes it anew.

)";

} // namespace

std::string make_reference() {
    std::string text = heading;
    text += writing_rules;
    text += "## The document\n\n" + make_table(document_fields().form());
    for (const auto& [name, section] : sections_in_order()) {
        text += "## " + name + "\n\n" + make_table(*section);
    }
    text += make_warnings();
    text.pop_back();
    return text;
}

} // namespace bearward::config
