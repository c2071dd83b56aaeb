#include "proxy/admin_page/question.hpp"

#include "policies/ascii.hpp"
#include "policies/text.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace bearward::proxy::admin_page {
namespace {

std::vector<std::string> split(std::string_view list, std::string_view at) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(at), list.size());
        if (const std::string_view part = policies::trim(list.substr(0, end)); !part.empty()) {
            parts.emplace_back(part);
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return parts;
}

/// The values of the form, each once.
struct form_values {
    struct value {
        std::string_view name;
        std::optional<std::string> text{};
    };
    std::array<value, 9> all{{{"method"}, {"host"}, {"path"}, {"websocket"}, {"provider"}, {"user"}, {"tenant"}, {"roles"}, {"scopes"}}};

    [[nodiscard]] value* find(std::string_view name) {
        const auto found = std::ranges::find(all, name, &value::name);
        return found == all.end() ? nullptr : &*found;
    }
    /// An empty field of a form is sent, and means that it was not filled in.
    [[nodiscard]] std::string at(std::string_view name, std::string otherwise = {}) {
        const value* found = find(name);
        return found->text && !found->text->empty() ? *found->text : std::move(otherwise);
    }
};

config::test_settings make_question(form_values& given) {
    config::test_settings made;
    made.request = {.method = given.at("method", "GET"),
                    .path = given.at("path", "/"),
                    .host = given.at("host", "localhost"),
                    .websocket = !given.at("websocket").empty(),
                    .headers = {},
                    .listener = {}};
    config::test_identity who;
    who.provider.value = given.at("provider");
    who.user = given.at("user");
    who.tenants = split(given.at("tenant"), "");
    who.roles = split(given.at("roles"), ",");
    who.scopes = split(given.at("scopes"), ", ");
    if (!who.provider.value.empty() || !who.user.empty() || !who.tenants.empty() || !who.roles.empty() || !who.scopes.empty()) {
        made.identity = std::move(who);
    }
    return made;
}

} // namespace

std::expected<std::optional<config::test_settings>, std::string> parse_question(std::string_view target) {
    const auto parsed = boost::urls::parse_origin_form(target);
    if (!parsed) {
        return std::unexpected("the query can't be read");
    }
    if (parsed->encoded_query().empty()) { // of `/?` Boost.URL makes a parameter without a name
        return std::nullopt;
    }
    form_values given;
    const auto parameters = parsed->params();
    for (const auto& each : parameters) {
        form_values::value* const known = given.find(each.key);
        if (known == nullptr) {
            return std::unexpected("there is a parameter that the form does not have");
        }
        if (known->text) {
            return std::unexpected("a parameter is there twice");
        }
        if (policies::holds_token(each.value)) {
            return std::unexpected("a token does not belong here, where it would be kept: ask 'bearward explain --token -'");
        }
        known->text = each.value;
    }
    return make_question(given);
}

} // namespace bearward::proxy::admin_page
