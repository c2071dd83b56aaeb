#include "proxy/commands/import/foreign_yaml.hpp"

#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;

/// `pathSeparatedPrefix` as `path_separated_prefix`.
std::string as_snake_case(std::string_view key) {
    std::string out;
    for (const char c : key) {
        if (c >= 'A' && c <= 'Z') {
            out += '_';
        }
        out += policies::to_lower(c);
    }
    return out;
}

} // namespace

std::optional<node> parse_foreign_yaml(const std::string& text, imported& out) {
    constexpr config::document_limits limits{.bytes = std::size_t{4} * 1024 * 1024, .nodes = 100'000, .alias_nodes = 20'000, .depth = 48};
    std::vector<config::diagnostic> problems;
    auto root = config::parse_document(text, "", problems, limits);
    for (const config::diagnostic& each : problems) {
        out.warn(each.where.line, (each.key_path.empty() ? "" : each.key_path + ": ") + each.message);
    }
    if (!problems.empty() || !root) {
        return std::nullopt;
    }
    if (root->type != node::kind::map) {
        out.warn(1, "not a YAML map");
        return std::nullopt;
    }
    return root;
}

const node* find(const node& map, std::string_view key) {
    for (const config::entry& each : map.entries) {
        if (each.key.text == key || as_snake_case(each.key.text) == key) {
            return &each.value;
        }
    }
    return nullptr;
}

const node* find(const node& map, std::initializer_list<std::string_view> keys) {
    const node* at = &map;
    for (const std::string_view key : keys) {
        at = at == nullptr ? nullptr : find(*at, key);
    }
    return at;
}

std::string text_of(const node* value) {
    return value != nullptr && value->type == node::kind::scalar ? value->text : std::string();
}

std::string text_at(const node& map, std::string_view key) {
    return text_of(find(map, key));
}

bool is_true(const node& map, std::string_view key) {
    return text_at(map, key) == "true";
}

std::vector<std::string> texts_at(const node& map, std::string_view key) {
    std::vector<std::string> found;
    const node* const value = find(map, key);
    if (value != nullptr && value->type == node::kind::scalar) {
        found.push_back(value->text);
    }
    for (const node& each : items_at(map, key)) {
        if (each.type == node::kind::scalar) {
            found.push_back(each.text);
        }
    }
    return found;
}

const std::vector<node>& items_at(const node& map, std::string_view key) {
    return items_of(find(map, key));
}

const std::vector<node>& items_of(const node* value) {
    static const std::vector<node> none;
    return value != nullptr && value->type == node::kind::sequence ? value->items : none;
}

const std::vector<config::entry>& entries_of(const node* value) {
    static const std::vector<config::entry> none;
    return value != nullptr && value->type == node::kind::map ? value->entries : none;
}

std::vector<const node*> other_keys(const node& map, std::initializer_list<std::string_view> known) {
    std::vector<const node*> found;
    for (const config::entry& each : map.entries) {
        const auto is = [&](std::string_view key) { return each.key.text == key || as_snake_case(each.key.text) == key; };
        if (std::ranges::none_of(known, is)) {
            found.push_back(&each.key);
        }
    }
    return found;
}

} // namespace bearward::proxy::commands::importing
