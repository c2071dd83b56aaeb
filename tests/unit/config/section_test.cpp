// Sections of declared keys, by a declaration of its own: the keys of a tagged union.
#include "config/section.hpp"

#include "config/document.hpp"
#include "config/values.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <string>
#include <variant>
#include <vector>

namespace bearward::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct circle {
    bool filled = true;
};
struct line {
    std::string from = "here";
    std::string to;
};
struct figure {
    std::string label;
    std::variant<circle, line> type;
};

const section<figure>& figure_fields() {
    using types = std::variant<circle, line>;
    static const section<figure> declared =
        section<figure>("figure")
            .field("type", &figure::type,
                   converted<types, std::string>(
                       word<std::string>({{"circle", "circle"}, {"line", "line"}}),
                       [](const std::string& word) { return word == "line" ? types(line{}) : types(circle{}); },
                       [](const types& value) { return std::string(value.index() == 1 ? "line" : "circle"); }),
                   "Which.")
            .deciding()
            .field("label", &figure::label, text(), "A name.")
            .field_of("filled", &figure::type, &circle::filled, boolean(), "Of circles.")
            .field_of("from", &figure::type, &line::from, text(), "Of lines.")
            .field_of("to", &figure::type, &line::to, text(), "Of lines.", presence::required);
    return declared;
}

struct outcome {
    figure read;
    std::vector<std::string> complaints;
};

outcome read(const std::string& yaml) {
    const load_options options;
    reading state("test.yaml", options);
    outcome made;
    const auto document = parse_document(yaml, "test.yaml", state.diagnostics());
    EXPECT_TRUE(document.has_value()) << yaml;
    const key_path root{nullptr, "", 0};
    figure_fields().read(state, cursor{*document, root}, made.read);
    for (const auto& each : state.diagnostics()) {
        made.complaints.push_back(each.key_path + ": " + each.message);
    }
    return made;
}

TEST(section, a_tag_says_which_keys_there_are) {
    const outcome made = read("{to: there, type: line, label: x}");
    EXPECT_THAT(made.complaints, IsEmpty());
    EXPECT_EQ(std::get<line>(made.read.type).to, "there") << "read after the tag, wherever that stands";
    EXPECT_EQ(std::get<line>(made.read.type).from, "here");
    EXPECT_EQ(boost::json::serialize(figure_fields().show(made.read)), R"({"type":"line","label":"x","from":"here","to":"there"})");
}

TEST(section, without_a_tag_the_first_alternative_counts_and_what_others_require_is_not_required) {
    const outcome made = read("{filled: false}");
    EXPECT_THAT(made.complaints, IsEmpty());
    EXPECT_FALSE(std::get<circle>(made.read.type).filled);
}

TEST(section, keys_of_another_alternative_are_errors) {
    EXPECT_THAT(read("{type: circle, from: a}").complaints, ElementsAre("from: means nothing for this type"));
    EXPECT_THAT(read("{type: line, filled: true}").complaints,
                ElementsAre("filled: means nothing for this type", HasSubstr("to: required, but missing")));
}

TEST(section, each_key_shows_the_default_of_its_alternative) {
    const auto& fields = figure_fields().form().fields;
    EXPECT_EQ(fields[2].preset, boost::json::value(true));
    EXPECT_EQ(fields[3].preset, boost::json::value("here"));
}

} // namespace
} // namespace bearward::config
