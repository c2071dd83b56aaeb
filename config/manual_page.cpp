#include "config/manual_page.hpp"

#include "config/described_form.hpp"
#include "config/fields.hpp"
#include "config/manual_text.hpp"
#include "config/suggestion.hpp"

namespace bearward::config {
namespace {

std::string list_keys(const section_shape& section) {
    std::string text;
    for (const field_shape& each : section.fields) {
        const std::string preset = describe_default(each);
        text += ".TP\n" + manual_text(code(each.name)) + '\n' + manual_text(describe_form(each.form)) + '\n';
        if (each.required) {
            text += ".br\nRequired.\n";
        } else if (!preset.empty()) {
            text += ".br\nDefault: " + manual_text(preset) + '\n';
        }
        text += ".br\n" + manual_text(describe_tags(each) + each.doc) + '\n';
    }
    for (const auto& group : section.one_of) {
        text += ".PP\nExactly one of " + manual_text(join(group)) + " is needed.\n";
    }
    return text;
}

std::string list_warnings() {
    std::string text;
    for (const warning_row& each : warning_code_table) {
        text += ".TP\n" + manual_text(code(std::string(each.word))) + '\n' + manual_text(each.meaning) +
                "; allowed at: " + manual_text(place_of(each.subjects)) + '\n';
    }
    return text;
}

constexpr const char* example = R"(version: 1
listen:
  - address: 0.0.0.0:8080
upstreams:
  app: {servers: [127.0.0.1:8000]}
providers:
  main:
    issuer: https://id.example.com/
    audiences: [widgets-api]
    algorithms: [RS256]
    keys: {discovery_url: "https://id.example.com/.well-known/openid-configuration"}
routes:
  - {prefix: /, upstream: app, providers: [main]}
  - {exact: /health, upstream: app, auth: none}
)";

} // namespace

std::string make_manual_page() {
    std::string text = manual_head("bearward.yaml", 5, "the configuration of bearward");
    text += ".SH DESCRIPTION\n" + manual_paragraphs(writing_rules);
    text += ".SH THE DOCUMENT\n" + list_keys(document_fields().form());
    for (const auto& [name, section] : sections_in_order()) {
        text += ".SS " + manual_text(name) + '\n' + list_keys(*section);
    }
    text += ".SH WARNINGS\nEach line of a warning ends with its code in brackets. \\fBallow_warnings\\fR with the code, at the place that "
            "is named "
            "here, makes a note of it.\n" +
            list_warnings();
    text += ".SH EXAMPLE\n" + manual_lines(example);
    text += ".SH FILES\n.I ./bearward.yaml\n.br\n.I /etc/bearward/bearward.yaml\n.SH SEE ALSO\n.BR bearward (1)\n";
    return text;
}

} // namespace bearward::config
