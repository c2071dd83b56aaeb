#include "proxy/commands/import/import_configuration.hpp"

#include "config/encoding.hpp"
#include "proxy/commands/import/peer_values.hpp"
#include "proxy/commands/import/write_configuration.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t largest_file = std::size_t{4} * 1024 * 1024;
constexpr std::size_t most_notes = 500;

struct known_peer {
    peer which;
    std::string_view word;
    std::string_view title;
    void (*read)(const std::string&, imported&);
};

constexpr std::array<known_peer, 3> peers{{{peer::oauth2_proxy, "oauth2-proxy", "oauth2-proxy", read_oauth2_proxy},
                                           {peer::envoy, "envoy", "Envoy", read_envoy},
                                           {peer::nginx, "nginx", "nginx", read_nginx}}};

/// What the writer can't do without.
void complete(imported& made) {
    if (made.upstreams.empty()) {
        made.say(0, "no server of an app is named: fill in your-server.invalid:80");
        made.upstreams.push_back({.name = "app", .servers = {unknown_server}});
    }
    if (made.listeners.empty()) {
        made.say(0, "no address to listen on is named: 127.0.0.1:8080 stands for it");
        made.listeners.push_back({.name = "", .address = "127.0.0.1:8080", .certificates = {}, .client_ca = {}});
    }
    if (made.routes.empty()) {
        made.say(0, "no route is left: everything is refused");
        made.routes.push_back({.path = "/", .does = {}});
    }
    const std::string first = made.upstreams.front().name; // what is closed names one too
    std::erase_if(made.upstreams, [&](const upstream& each) {
        return each.name != first &&
               std::ranges::find(made.routes, each.name, [](const route& one) { return one.does.upstream; }) == made.routes.end();
    });
    std::set<std::string> names;
    std::erase_if(made.identity_headers, [&](const auto& each) { return !names.insert(to_lower(each.first)).second; });
    std::vector<note> sorted;
    for (const bool opens : {true, false}) {
        for (const note& each : made.notes) {
            if (each.opens == opens && !is_in(sorted, each)) {
                sorted.push_back(each);
            }
        }
    }
    made.notes = std::move(sorted);
    if (made.notes.size() > most_notes) {
        made.notes.resize(most_notes);
        made.warn(0, "more than " + std::to_string(most_notes) + " notes: the rest is left out");
    }
}

} // namespace

std::optional<peer> find_peer(std::string_view word) {
    const auto* const found = std::ranges::find(peers, word, &known_peer::word);
    return found == peers.end() ? std::nullopt : std::optional(found->which);
}

std::string peer_words() {
    std::string words;
    for (const known_peer& each : peers) {
        words += (words.empty() ? "" : ", ") + std::string(each.word);
    }
    return words;
}

bool import_result::opens() const {
    return std::ranges::any_of(notes, &note::opens);
}

import_result import_configuration(peer from, const std::string& text, const std::string& name) {
    const known_peer& known = *std::ranges::find(peers, from, &known_peer::which);
    imported made{.peer = std::string(known.title)};
    if (text.size() > largest_file) {
        made.warn(0, "larger than 4 MiB");
        made.failed = true;
    } else if (const auto bad = config::find_forbidden_byte(text)) {
        made.warn(bad->line, bad->what);
        made.failed = true;
    } else {
        known.read(text, made);
    }
    if (made.failed) {
        return {.text = std::nullopt, .notes = std::move(made.notes), .placeholders = {}};
    }
    complete(made);
    return {.text = write_configuration(made, name), .notes = made.notes, .placeholders = made.placeholders};
}

} // namespace bearward::proxy::commands::importing
