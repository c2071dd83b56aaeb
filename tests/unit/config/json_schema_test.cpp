#include "config/json_schema.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace bearward::config {
namespace {

namespace json = boost::json;

/// Every `$ref` of a schema.
void collect_references(const json::value& from, std::set<std::string>& out) {
    if (const auto* object = from.if_object()) {
        for (const auto& [name, value] : *object) {
            if (name == "$ref") {
                out.insert(std::string(value.as_string()));
            }
            collect_references(value, out);
        }
    } else if (const auto* array = from.if_array()) {
        for (const json::value& each : *array) {
            collect_references(each, out);
        }
    }
}

TEST(json_schema, every_reference_is_defined) {
    const json::value schema = make_json_schema();
    std::set<std::string> references;
    collect_references(schema, references);
    EXPECT_TRUE(references.contains("#/definitions/requirement"));
    const std::string prefix = "#/definitions/";
    for (const std::string& each : references) {
        ASSERT_TRUE(each.starts_with(prefix));
        const json::value* defined = schema.at("definitions").as_object().if_contains(each.substr(prefix.size()));
        ASSERT_NE(defined, nullptr) << each;
        EXPECT_TRUE(defined->is_object()) << each;
    }
}

TEST(json_schema, says_what_the_declarations_say) {
    const json::value schema = make_json_schema();
    EXPECT_EQ(json::serialize(schema.at("else").at("required")), R"(["version","listen","routes"])");
    EXPECT_EQ(json::serialize(schema.at("else").at("allOf").at(0).at("anyOf").at(1)), R"({"required":["upstreams"]})");
    EXPECT_EQ(schema.at("additionalProperties"), false);
    const json::value& limits = schema.at("definitions").at("limits").at("properties");
    EXPECT_EQ(limits.at("max_token").at("default"), "16KiB");
    EXPECT_EQ(limits.at("max_connections").at("maximum").to_number<int>(), 1'000'000);
    EXPECT_EQ(json::serialize(schema.at("definitions").at("log").at("properties").at("access").at("enum")), R"(["on","off","rejects"])");
    EXPECT_EQ(json::serialize(schema.at("definitions").at("route").at("allOf")),
              R"([{"oneOf":[{"required":["prefix"]},{"required":["exact"]}]}])");
}

} // namespace
} // namespace bearward::config
