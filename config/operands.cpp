// Texts of rules: those in which names stand for what a request has, and those in
// which nothing does.
#include "config/section.hpp"
#include "config/values.hpp"

namespace bearward::config {

namespace {

using policies::rules::operand;

constexpr std::string_view special = "{}*";

boost::json::value show_literal(const std::string& text) {
    if (text.find_first_of(special) == std::string::npos) {
        return boost::json::value(text);
    }
    return boost::json::object{{"equals", text}};
}

/// YAML reads {name} without quotes as a map: the reader of text says so.
bool is_unquoted(const node& value) {
    return value.entries.size() == 1 && value.entries.front().value.type == node::kind::null && value.find("equals") == nullptr;
}

/// Either plain text for `plain`, or {equals: TEXT} for `literal`.
template <class T>
codec<T> text_or_literal(const codec<T>& plain, const std::function<T(std::string)>& literal,
                         std::function<boost::json::value(const T&)> show) {
    const codec<T> exact = converted<T, literal_settings>(
        nested("literal", &literal_fields), [literal](literal_settings from) { return literal(std::move(from.equals)); },
        [](const T&) { return literal_settings{}; });
    codec<T> made = choice<T>({{is_map, exact}}, std::move(show));
    made.form.parts = {plain.form, exact.form};
    made.form.expected = plain.form.expected + " or {equals: TEXT}";
    made.read = [plain, exact](reading& state, const cursor& at, T& out) {
        return is_map(at.value) && !is_unquoted(at.value) ? exact.read(state, at, out) : plain.read(state, at, out);
    };
    return made;
}

} // namespace

const section<literal_settings>& literal_fields() {
    static const section<literal_settings> declared = section<literal_settings>("literal").field(
        "equals", &literal_settings::equals, text(), "Text that is taken as it is, braces and `*` too.", presence::required);
    return declared;
}

codec<std::string> rule_text(std::string expected) {
    const codec<std::string> plain = parsed<std::string>(
        std::move(expected),
        [](std::string_view written) -> std::expected<std::string, std::string> {
            if (written.find_first_of(special) != std::string_view::npos) {
                return std::unexpected("braces and `*` stand for nothing here; {equals: TEXT} takes text as it is");
            }
            return std::string(written);
        },
        show_literal);
    return text_or_literal<std::string>(plain, [](std::string exact) { return exact; }, show_literal);
}

codec<std::optional<policies::rules::operand>> operand() {
    using value = std::optional<policies::rules::operand>;
    const auto show = [](const value& shown) -> boost::json::value {
        if (!shown) {
            return nullptr;
        }
        return shown->is_literal() ? show_literal(shown->written()) : boost::json::value(shown->written());
    };
    const codec<value> plain = parsed<value>(
        "text such as \"{tenant_id}\"",
        [](std::string_view written) -> std::expected<value, std::string> { return policies::rules::operand::parse(written); }, show);
    return text_or_literal<value>(plain, [](std::string exact) { return value(policies::rules::operand(std::move(exact))); }, show);
}

} // namespace bearward::config
