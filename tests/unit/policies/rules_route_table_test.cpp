// Which route owns a request (policies/BEHAVIOUR.md 2), case by case and against a naive reading.
#include "policies/rules/route_table.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace bearward::policies::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

struct route_options {
    bool exact = false;
    std::vector<std::string> hosts{};
    std::vector<std::string> methods{};
    std::vector<std::uint32_t> listeners{};
};

route make_route(std::string_view pattern, route_options options = {}) {
    route made;
    made.pattern = pattern;
    made.name = std::string(options.exact ? "exact " : "") + std::string(pattern);
    made.segments = parse_pattern(pattern).value();
    made.exact = options.exact;
    made.hosts = std::move(options.hosts);
    made.methods = std::move(options.methods);
    made.listeners = std::move(options.listeners);
    return made;
}

route named(std::string_view name, route made) {
    made.name = name;
    return made;
}

struct asked {
    std::string_view host = "example.com";
    std::string_view method = "GET";
    std::uint32_t listener = 0;
};

/// The matched route's name; "404", or "405" with the methods of Allow.
std::string owner(const route_table& table, std::string_view path, asked by = {}) {
    const route_match match = table.find(path, by.host, by.method, by.listener);
    if (match.matched != nullptr) {
        EXPECT_TRUE(match.path_found);
        return match.matched->name;
    }
    std::string refusal = match.path_found ? "405" : "404";
    for (const std::string& method : match.allow) {
        refusal += ' ' + method;
    }
    return refusal;
}

route_table make_table(std::vector<route> routes) {
    return route_table(std::move(routes));
}

TEST(route_table_test, an_empty_table_has_no_route) {
    EXPECT_EQ(owner(route_table(), "/"), "404");
    EXPECT_EQ(owner(make_table({}), "/a"), "404");
}

TEST(route_table_test, a_prefix_matches_whole_segments) {
    const auto table = make_table({make_route("/admin")});
    EXPECT_EQ(owner(table, "/admin"), "/admin");
    EXPECT_EQ(owner(table, "/admin/"), "/admin");
    EXPECT_EQ(owner(table, "/admin/x/y"), "/admin");
    for (const std::string_view other : {"/administrator", "/admi", "/", "/x/admin", "/Admin", "/admin.", "/admin%20"}) {
        EXPECT_EQ(owner(table, other), "404") << other;
    }
}

TEST(route_table_test, a_prefix_with_a_trailing_slash_is_the_same_prefix) {
    const auto table = make_table({make_route("/admin/")});
    EXPECT_EQ(owner(table, "/admin"), "/admin/");
    EXPECT_EQ(owner(table, "/admin/"), "/admin/");
    EXPECT_EQ(owner(table, "/admin/x"), "/admin/");
}

TEST(route_table_test, the_root_prefix_matches_everything_and_the_exact_root_only_itself) {
    EXPECT_EQ(owner(make_table({make_route("/")}), "/"), "/");
    EXPECT_EQ(owner(make_table({make_route("/")}), "/a/b/"), "/");
    const auto table = make_table({make_route("/", {.exact = true})});
    EXPECT_EQ(owner(table, "/"), "exact /");
    EXPECT_EQ(owner(table, "/a"), "404");
}

TEST(route_table_test, an_exact_path_is_only_itself_and_its_slash_counts) {
    const auto table = make_table({make_route("/a", {.exact = true}), make_route("/b/", {.exact = true})});
    EXPECT_EQ(owner(table, "/a"), "exact /a");
    EXPECT_EQ(owner(table, "/a/"), "404");
    EXPECT_EQ(owner(table, "/a/b"), "404");
    EXPECT_EQ(owner(table, "/b/"), "exact /b/");
    EXPECT_EQ(owner(table, "/b"), "404");
}

TEST(route_table_test, exact_beats_prefix_and_the_longer_path_beats_the_shorter) {
    const auto table = make_table({make_route("/"), make_route("/a"), make_route("/a", {.exact = true}), make_route("/a/b")});
    EXPECT_EQ(owner(table, "/x"), "/");
    EXPECT_EQ(owner(table, "/a"), "exact /a");
    EXPECT_EQ(owner(table, "/a/"), "/a");
    EXPECT_EQ(owner(table, "/a/x"), "/a");
    EXPECT_EQ(owner(table, "/a/b/c"), "/a/b");
}

TEST(route_table_test, a_capture_takes_one_segment_that_is_not_empty) {
    const auto table = make_table({make_route("/t/{id}/w")});
    EXPECT_EQ(owner(table, "/t/1/w"), "/t/{id}/w");
    EXPECT_EQ(owner(table, "/t/1/w/2"), "/t/{id}/w");
    EXPECT_EQ(owner(table, "/t/1"), "404");
    EXPECT_EQ(owner(table, "/t/1/2/w"), "404");
    EXPECT_EQ(owner(make_table({make_route("/t/{id}")}), "/t/"), "404");
    EXPECT_EQ(owner(make_table({make_route("/t/{id}")}), "/t"), "404");
}

TEST(route_table_test, a_literal_beats_a_capture_at_the_first_difference) {
    const auto table = make_table({make_route("/t/{id}/w"), make_route("/t/me"), make_route("/{any}/me/w")});
    EXPECT_EQ(owner(table, "/t/1/w"), "/t/{id}/w");
    EXPECT_EQ(owner(table, "/t/me/w"), "/t/me") << "although /t/{id}/w is longer";
    EXPECT_EQ(owner(table, "/x/me/w"), "/{any}/me/w");
}

TEST(route_table_test, a_literal_that_leads_nowhere_gives_way_to_a_capture) {
    const auto table = make_table({make_route("/a/b/c", {.exact = true}), make_route("/a/{x}/d"), make_route("/{y}/b/e")});
    EXPECT_EQ(owner(table, "/a/b/c"), "exact /a/b/c");
    EXPECT_EQ(owner(table, "/a/b/d"), "/a/{x}/d");
    EXPECT_EQ(owner(table, "/a/b/e"), "/{y}/b/e");
    EXPECT_EQ(owner(table, "/a/b/f"), "404");
}

TEST(route_table_test, literals_are_compared_as_upstreams_decode_them) {
    const auto table = make_table({make_route("/"), make_route("/@me"), make_route("/a%20b"), make_route("/v1/x:run")});
    EXPECT_EQ(owner(table, "/@me"), "/@me");
    EXPECT_EQ(owner(table, "/%40me"), "/@me");
    EXPECT_EQ(owner(table, "/a%20b"), "/a%20b");
    EXPECT_EQ(owner(table, "/v1/x%3Arun/y"), "/v1/x:run");
    EXPECT_EQ(owner(table, "/v1/x%3ARun"), "/");
}

TEST(route_table_test, hosts_are_exact_or_wildcards_of_any_depth) {
    const auto table = make_table({make_route("/", {.hosts = {"api.example.com", "*.example.org"}})});
    for (const std::string_view host : {"api.example.com", "a.example.org", "a.b.example.org"}) {
        EXPECT_EQ(owner(table, "/", {.host = host}), "/") << host;
    }
    for (const std::string_view host : {"example.com", "x.api.example.com", "example.org", ".example.org", "aexample.org",
                                        "example.org.evil", "org", "", "*.example.org."}) {
        EXPECT_EQ(owner(table, "/", {.host = host}), "404") << host;
    }
}

TEST(route_table_test, the_more_exact_host_wins_on_the_same_path) {
    const auto table = make_table({named("any", make_route("/")), named("com", make_route("/", {.hosts = {"*.com"}})),
                                   named("wild", make_route("/", {.hosts = {"*.example.com"}})),
                                   named("exact", make_route("/", {.hosts = {"a.example.com"}}))});
    EXPECT_EQ(owner(table, "/", {.host = "a.example.com"}), "exact");
    EXPECT_EQ(owner(table, "/", {.host = "b.example.com"}), "wild");
    EXPECT_EQ(owner(table, "/", {.host = "a.a.example.com"}), "wild");
    EXPECT_EQ(owner(table, "/", {.host = "example.com"}), "com");
    EXPECT_EQ(owner(table, "/", {.host = "example.org"}), "any");
}

TEST(route_table_test, the_path_comes_before_the_host) {
    const auto table = make_table({named("host", make_route("/a", {.hosts = {"h"}})), named("path", make_route("/a/b"))});
    EXPECT_EQ(owner(table, "/a/b", {.host = "h"}), "path");
    EXPECT_EQ(owner(table, "/a/c", {.host = "h"}), "host");
}

TEST(route_table_test, routes_whose_host_or_listener_do_not_fit_are_not_considered) {
    const auto table = make_table({named("host", make_route("/a/b", {.hosts = {"h"}})),
                                   named("listener", make_route("/a/b/c", {.listeners = {1, 2}})), named("rest", make_route("/a"))});
    EXPECT_EQ(owner(table, "/a/b/c", {.host = "other"}), "rest");
    EXPECT_EQ(owner(table, "/a/b/c", {.host = "h"}), "host");
    EXPECT_EQ(owner(table, "/a/b/c", {.host = "h", .listener = 2}), "listener");
}

TEST(route_table_test, the_owner_of_the_path_answers_405_never_a_less_specific_path) {
    const auto table = make_table({make_route("/"), make_route("/a", {.methods = {"GET"}}),
                                   named("post", make_route("/a", {.methods = {"POST", "PUT"}})), make_route("/a/b")});
    EXPECT_EQ(owner(table, "/a", {.method = "GET"}), "/a");
    EXPECT_EQ(owner(table, "/a", {.method = "POST"}), "post");
    EXPECT_EQ(owner(table, "/a/x", {.method = "DELETE"}), "405 GET HEAD POST PUT");
    EXPECT_EQ(owner(table, "/a/b", {.method = "DELETE"}), "/a/b");
    EXPECT_EQ(owner(table, "/b", {.method = "DELETE"}), "/");
}

TEST(route_table_test, an_exact_route_owns_its_path_before_the_prefix) {
    const auto table = make_table({make_route("/a"), make_route("/a", {.exact = true, .methods = {"GET"}})});
    EXPECT_EQ(owner(table, "/a", {.method = "POST"}), "405 GET HEAD");
    EXPECT_EQ(owner(table, "/a/", {.method = "POST"}), "/a");
}

TEST(route_table_test, get_includes_head_and_methods_are_case_sensitive) {
    const auto table = make_table({make_route("/", {.methods = {"GET"}})});
    EXPECT_EQ(owner(table, "/", {.method = "HEAD"}), "/");
    EXPECT_EQ(owner(table, "/", {.method = "get"}), "405 GET HEAD");
    EXPECT_EQ(owner(make_table({make_route("/", {.methods = {"HEAD"}})}), "/", {.method = "GET"}), "405 HEAD");
}

TEST(route_table_test, a_route_that_lists_the_method_wins_over_one_for_any) {
    const auto table = make_table({named("any", make_route("/a")), named("get", make_route("/a", {.methods = {"GET"}}))});
    EXPECT_EQ(owner(table, "/a", {.method = "GET"}), "get");
    EXPECT_EQ(owner(table, "/a", {.method = "HEAD"}), "get");
    EXPECT_EQ(owner(table, "/a", {.method = "POST"}), "any");
}

TEST(route_table_test, the_host_comes_before_the_method) {
    const auto table = make_table({named("host", make_route("/", {.hosts = {"h"}})), named("get", make_route("/", {.methods = {"GET"}}))});
    EXPECT_EQ(owner(table, "/", {.host = "h"}), "host");
    const auto listed = make_table(
        {named("host", make_route("/", {.hosts = {"h"}, .methods = {"POST"}})), named("get", make_route("/", {.methods = {"GET"}}))});
    EXPECT_EQ(owner(listed, "/", {.host = "h"}), "get") << "both are routes of the path, and this one lists the method";
    EXPECT_EQ(owner(listed, "/", {.host = "h", .method = "PUT"}), "405 POST GET HEAD");
    EXPECT_EQ(owner(listed, "/", {.host = "i", .method = "PUT"}), "405 GET HEAD");
}

TEST(route_table_test, the_table_can_be_moved) {
    auto table = make_table({make_route("/a")});
    const route* before = table.find("/a", "h", "GET", 0).matched;
    const route_table moved = std::move(table);
    EXPECT_EQ(moved.find("/a", "h", "GET", 0).matched, before);
    EXPECT_EQ(before, moved.routes().data());
}

TEST(route_table_test, captures_are_percent_decoded) {
    const route two = make_route("/t/{tenant}/{user}/x");
    const auto found = route_table::captures(two, "/t/a%20b/%C3%A9%2B/x/more");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name, "tenant");
    EXPECT_EQ(found[0].value, "a b");
    EXPECT_EQ(found[1].name, "user");
    EXPECT_EQ(found[1].value, "\xC3\xA9+");
    EXPECT_THAT(route_table::captures(make_route("/t"), "/t/x"), IsEmpty());
}

TEST(parse_pattern_test, a_pattern_is_split_into_literals_and_captures) {
    const auto segments = parse_pattern("/tenants/{tenant_id}/widgets/{id_2}");
    ASSERT_TRUE(segments);
    ASSERT_EQ(segments->size(), 4U);
    EXPECT_EQ((*segments)[0].text, "tenants");
    EXPECT_TRUE((*segments)[1].is_capture && (*segments)[3].is_capture);
    EXPECT_EQ((*segments)[1].text, "tenant_id");
    EXPECT_EQ((*segments)[3].text, "id_2");
    EXPECT_EQ(parse_pattern("/")->size(), 0U);
    EXPECT_EQ(parse_pattern("/a/")->size(), 2U);
}

TEST(parse_pattern_test, what_is_no_canonical_path_is_refused_with_a_sentence) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "starts with /"},         {"a", "starts with /"},           {"/a//b", "write it as /a/b"}, {"/a/../b", "write it as /b"},
        {"/%61", "write it as /a"},    {"/a%2fb", "read %2F"},           {"/a;b", "read %2F"},          {"/a?b", "percent-encoded"},
        {"/a b", "percent-encoded"},   {"/\xC3\xA9", "percent-encoded"}, {"/..", "climbs above /"},     {"/%zz", "two hex digits"},
        {"/%00", "control"},           {"/{a}/{a}", "{a} stands twice"}, {"/x{a}", "whole segment"},    {"/{a}x", "whole segment"},
        {"/{a}{b}", "whole segment"},  {"/{}", "whole segment"},         {"/{", "whole segment"},       {"/}", "whole segment"},
        {"/{a b}", "percent-encoded"}, {"/{a.b}", "whole segment"},      {"/{{a}}", "whole segment"},   {"/%3a", "write it as /%3A"},
    };
    for (const auto& [pattern, sentence] : cases) {
        const auto parsed = parse_pattern(pattern);
        ASSERT_FALSE(parsed) << pattern;
        EXPECT_THAT(parsed.error(), ::testing::HasSubstr(sentence)) << pattern;
    }
}

TEST(route_conflicts_test, equal_routes_are_found_whatever_their_captures_are_called) {
    const auto table = make_table({make_route("/t/{a}"), make_route("/x"), make_route("/t/{b}"), make_route("/x/")});
    EXPECT_THAT(table.conflicts(), UnorderedElementsAre(Pair(0, 2), Pair(1, 3)));
}

TEST(route_conflicts_test, what_an_order_tells_apart_is_no_conflict) {
    const auto table =
        make_table({make_route("/a"), make_route("/a", {.exact = true}), make_route("/a", {.hosts = {"h"}}),
                    make_route("/a", {.hosts = {"*.h"}}), make_route("/a", {.methods = {"GET"}}), make_route("/a", {.methods = {"POST"}}),
                    make_route("/{x}"), make_route("/a/b"), make_route("/a/", {.exact = true})});
    EXPECT_THAT(table.conflicts(), IsEmpty());
}

TEST(route_conflicts_test, shared_hosts_methods_and_listeners_conflict) {
    EXPECT_THAT(make_table({make_route("/", {.hosts = {"a", "b"}}), make_route("/", {.hosts = {"b", "c"}})}).conflicts(),
                ElementsAre(Pair(0, 1)));
    EXPECT_THAT(make_table({make_route("/", {.methods = {"GET"}}), make_route("/", {.methods = {"HEAD"}})}).conflicts(),
                ElementsAre(Pair(0, 1)));
    EXPECT_THAT(make_table({make_route("/", {.listeners = {1}}), make_route("/")}).conflicts(), ElementsAre(Pair(0, 1)));
    EXPECT_THAT(make_table({make_route("/", {.listeners = {1}}), make_route("/", {.listeners = {2}})}).conflicts(), IsEmpty());
    EXPECT_THAT(make_table({make_route("/", {.hosts = {"a", "a"}})}).conflicts(), IsEmpty()) << "not with itself";
}

// --- the naive reading ------------------------------------------------------------

std::vector<std::string> naive_split(std::string_view path) {
    std::vector<std::string> parts;
    for (std::size_t at = 1; path != "/" && at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        parts.emplace_back(path.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

bool naive_path_fits(const route& each, const std::vector<std::string>& parts) {
    if (each.segments.size() > parts.size() || (each.exact && each.segments.size() != parts.size())) {
        return false;
    }
    for (std::size_t index = 0; index < each.segments.size(); ++index) {
        const segment& part = each.segments[index];
        if (part.is_capture ? parts[index].empty() : part.text != parts[index]) {
            return false;
        }
    }
    return true;
}

/// Negative: left is the more specific path; 0: the same path.
int naive_compare_paths(const route& left, const route& right) {
    for (std::size_t index = 0; index < std::min(left.segments.size(), right.segments.size()); ++index) {
        if (left.segments[index].is_capture != right.segments[index].is_capture) {
            return left.segments[index].is_capture ? 1 : -1;
        }
    }
    if (left.segments.size() != right.segments.size()) {
        return left.segments.size() > right.segments.size() ? -1 : 1;
    }
    return static_cast<int>(right.exact) - static_cast<int>(left.exact);
}

/// How exactly the route names the host; nothing when it doesn't fit.
std::optional<std::size_t> naive_host_rank(const route& each, const std::string& host) {
    std::optional<std::size_t> best = each.hosts.empty() ? std::optional<std::size_t>(0) : std::nullopt;
    for (const std::string& pattern : each.hosts) {
        const bool wildcard = pattern.starts_with("*.");
        const bool fits = wildcard ? host.ends_with(pattern.substr(1)) && host.size() >= pattern.size() : host == pattern;
        if (fits) {
            best = std::max(best.value_or(0), wildcard ? pattern.size() : std::size_t{1000});
        }
    }
    return best;
}

bool naive_lists(const route& each, const std::string& method) {
    return std::ranges::count(each.methods, method) > 0 || (method == "HEAD" && std::ranges::count(each.methods, "GET") > 0);
}

struct naive_request {
    std::string path;
    std::string host;
    std::string method;
    std::uint32_t listener = 0;
};

/// The routes that own the request, most fitting first (several: a conflict).
std::vector<const route*> naive_owners(std::span<const route> routes, const naive_request& request, bool& path_found) {
    std::vector<const route*> fitting;
    for (const route& each : routes) {
        if (naive_host_rank(each, request.host) && naive_path_fits(each, naive_split(request.path)) &&
            (each.listeners.empty() || std::ranges::count(each.listeners, request.listener) > 0)) {
            fitting.push_back(&each);
        }
    }
    path_found = !fitting.empty();
    std::vector<const route*> owners;
    for (const route* each : fitting) {
        const bool beaten = std::ranges::any_of(fitting, [&](const route* other) { return naive_compare_paths(*other, *each) < 0; });
        if (!beaten && (each->methods.empty() || naive_lists(*each, request.method))) {
            owners.push_back(each);
        }
    }
    const auto rank = [&](const route* each) {
        return std::pair(*naive_host_rank(*each, request.host), naive_lists(*each, request.method));
    };
    const auto best = std::ranges::max_element(owners, {}, rank);
    if (best != owners.end()) {
        const auto top = rank(*best);
        std::erase_if(owners, [&](const route* each) { return rank(each) != top; });
    }
    return owners;
}

class random_tables {
public:
    explicit random_tables(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }

    std::string pick(std::initializer_list<const char*> words) {
        return *(words.begin() + static_cast<std::ptrdiff_t>(below(words.size())));
    }

    route make() {
        std::string pattern;
        const std::size_t depth = below(5);
        for (std::size_t level = 0; level < depth; ++level) {
            pattern += '/' + (below(3) == 0 ? "{c" + std::to_string(level) + "}" : pick({"a", "b", "c"}));
        }
        const bool exact = below(3) == 0;
        if (pattern.empty() || (exact && below(4) == 0)) {
            pattern += '/';
        }
        route_options options{.exact = exact};
        if (below(3) == 0) {
            options.hosts = {pick({"x.h", "y.x.h", "*.h", "*.x.h", "h"}), pick({"x.h", "*.h", "z"})};
        }
        if (below(3) == 0) {
            options.methods = {pick({"GET", "POST", "HEAD"}), pick({"PUT", "GET"})};
        }
        if (below(5) == 0) {
            options.listeners = {static_cast<std::uint32_t>(below(2))};
        }
        return make_route(pattern, options);
    }

    naive_request ask() {
        std::string path;
        const std::size_t depth = below(6);
        for (std::size_t level = 0; level < depth; ++level) {
            path += '/' + pick({"a", "b", "c", "d"});
        }
        if (path.empty() || below(4) == 0) {
            path += '/';
        }
        return {.path = path,
                .host = pick({"h", "x.h", "y.x.h", "z.y.x.h", "z", "other"}),
                .method = pick({"GET", "POST", "HEAD", "PUT", "DELETE"}),
                .listener = static_cast<std::uint32_t>(below(2))};
    }

private:
    std::mt19937 random_;
};

TEST(route_table_property_test, the_trie_agrees_with_a_naive_matcher_captures_and_all) {
    random_tables random(4711);
    int matched = 0;
    for (int round = 0; round < 400; ++round) {
        std::vector<route> routes;
        const std::size_t count = 1 + random.below(25);
        for (std::size_t index = 0; index < count; ++index) {
            routes.push_back(random.make());
        }
        const route_table table(std::move(routes));
        for (int query = 0; query < 60; ++query) {
            const naive_request request = random.ask();
            bool path_found = false;
            const auto owners = naive_owners(table.routes(), request, path_found);
            const route_match match = table.find(request.path, request.host, request.method, request.listener);
            ASSERT_EQ(match.path_found, path_found) << request.path << ' ' << request.host;
            ASSERT_EQ(match.matched == nullptr, owners.empty()) << request.path << ' ' << request.method;
            if (match.matched == nullptr) {
                continue;
            }
            ++matched;
            ASSERT_EQ(std::ranges::count(owners, match.matched), 1) << request.path << " went to " << match.matched->pattern;
            ASSERT_TRUE(owners.size() == 1 || !table.conflicts().empty()) << "an unreported conflict at " << request.path;
            const auto parts = naive_split(request.path);
            const auto captures = route_table::captures(*match.matched, request.path);
            std::size_t next = 0;
            for (std::size_t index = 0; index < match.matched->segments.size(); ++index) {
                if (match.matched->segments[index].is_capture) {
                    ASSERT_EQ(captures.at(next).value, parts[index]);
                    ASSERT_EQ(captures.at(next++).name, match.matched->segments[index].text);
                }
            }
            ASSERT_EQ(next, captures.size());
        }
    }
    EXPECT_GT(matched, 3000);
}

} // namespace
} // namespace bearward::policies::rules
