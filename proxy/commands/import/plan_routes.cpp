#include "proxy/commands/import/plan_routes.hpp"

#include "proxy/commands/import/route_places.hpp"
#include "proxy/commands/import/strictness.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace bearward::proxy::commands::importing {
namespace {

constexpr std::size_t most_judgements = 20'000; // more than any configuration that a person can read

/// An action that counts for a place, and what it would have been if the rules could be told apart.
struct outcome {
    action counts;
    action usual;
    bool narrower = false; ///< part of what the peer lets through is refused here

    friend bool operator==(const outcome& one, const outcome& other) { return one.counts == other.counts; }
};

std::optional<outcome> fold(const judgement& found) {
    if (!found.sure && found.maybe.empty()) {
        return std::nullopt;
    }
    outcome made{.counts = found.sure.value_or(refused()), .usual = found.sure.value_or(refused())};
    for (const action& each : found.maybe) {
        made.counts = strictest(made.counts, each);
        made.narrower = made.narrower || !as_strict_as(each.who, made.counts.who);
    }
    return made;
}

/// Adds what the peer does with a part of a route's paths. What it has no rule for it answers itself.
void add_slice(std::optional<outcome>& to, const std::optional<outcome>& more) {
    if (to && more) {
        to->narrower = to->narrower || !as_strict_as(more->counts.who, to->counts.who);
        to->counts = strictest(to->counts, more->counts);
    }
}

/// As its route would say it.
std::string describe(const access& who) {
    std::string names;
    for (const std::string& each : who.providers) {
        names += (names.empty() ? "" : ", ") + each;
    }
    switch (who.who) {
    case access::kind::open:
        return "auth: none";
    case access::kind::closed:
        return "closed";
    default:
        return "providers: [" + names + ']' + (who.who == access::kind::optional ? ", auth: optional" : "") +
               (who.needs.empty() ? "" : ", require: " + to_yaml(who.needs));
    }
}

class planner {
public:
    planner(const std::vector<site>& sites, imported& out) : sites_(sites), places_(find_places(sites)), out_(out) {}

    void plan() {
        std::size_t judgements = 0;
        for (const site& each : sites_) {
            judgements += places_.all.size() * (each.methods.size() + 1);
        }
        if (judgements > most_judgements) {
            out_.warn(0, "too many paths, hosts and methods for a translation: everything is closed");
            return;
        }
        std::vector<std::vector<route>> made(sites_.size());
        for (const place& each : places_.all) {
            bool needed = false;
            std::vector<std::vector<route>> here(sites_.size());
            for (std::size_t i = 0; i < sites_.size(); ++i) {
                here[i] = at(each, sites_[i]);
                needed = needed || differs_from_owner(each, here[i], made[i]);
            }
            for (std::size_t i = 0; needed && i < sites_.size(); ++i) {
                made[i].insert(made[i].end(), here[i].begin(), here[i].end());
            }
        }
        for (std::vector<route>& each : made) {
            out_.routes.insert(out_.routes.end(), each.begin(), each.end());
        }
        if (head_) {
            out_.say(0, "a route for GET takes HEAD too: HEAD is judged as GET");
        }
        if (narrower_) {
            out_.say(0, "a prefix ends where a segment ends here: /api is /api and /api/..., not /apix. Such paths are judged as what lies "
                        "around them, "
                        "or more strictly");
        }
    }

private:
    std::optional<outcome> judge(const site& of, const place& where, const std::string& method) {
        if (where.exact) {
            std::optional<outcome> found = fold(of.judge({where.path, false}, method));
            if (places_.twins.contains(where.path)) {
                add_slice(found, fold(of.judge({where.path + '/', false}, method)));
            }
            return found;
        }
        std::optional<outcome> found = fold(of.judge({where.path + "/\x01", true}, method));
        const auto [begin, end] = places_.half_by_owner.equal_range(where.path);
        for (auto each = begin; each != end; ++each) {
            add_slice(found, fold(of.judge({each->second + '\x01', true}, method)));
        }
        return found;
    }

    /// The routes of a place: one for all methods, and one for each that is judged otherwise.
    std::vector<route> at(const place& where, const site& of) {
        std::vector<route> made;
        const std::optional<outcome> usual = judge(of, where, "");
        for (const std::string& method : of.methods) {
            const std::optional<outcome> found = judge(of, where, method);
            if (found == usual || method == "HEAD") { // GET includes it here
                continue;
            }
            head_ = head_ || (method == "GET" && judge(of, where, "HEAD") != found);
            const auto same =
                std::ranges::find_if(made, [&](const route& each) { return each.does == (found ? found->counts : refused()); });
            if (same != made.end()) {
                same->methods.push_back(method);
            } else {
                made.push_back(make(where, of, found, {method}));
            }
        }
        if (usual || !made.empty() || sites_.size() > 1 || where.exact || !where.path.empty()) {
            made.push_back(make(where, of, usual, {}));
        }
        if (!where.exact) {
            add_itself(made, where, of);
        }
        return made;
    }

    /// `/admin` has a route of its own where the peer's rules for `/admin/` let more through than those for it.
    void add_itself(std::vector<route>& made, const place& where, const site& of) {
        const std::string itself = where.path.empty() ? "/" : where.path;
        if (places_.all.contains({itself, true}) || where.path.empty()) {
            return;
        }
        std::set<std::string> methods = of.methods;
        methods.insert("");
        bool laxer = false;
        for (const std::string& method : methods) {
            const auto below = fold(of.judge({where.path + "/\x01", true}, method));
            const auto found = fold(of.judge({itself, false}, method));
            laxer = laxer || (below && found && !as_strict_as(below->counts.who, found->counts.who));
            narrower_ = narrower_ || (below && found && found->counts.who != below->counts.who);
        }
        if (laxer) {
            std::ranges::move(at({itself, true}, of), std::back_inserter(made));
        }
    }

    route make(const place& where, const site& of, const std::optional<outcome>& found, std::vector<std::string> methods) {
        route made;
        made.path = where.path.empty() ? "/" : where.path;
        made.exact = where.exact;
        made.hosts = of.hosts;
        made.listeners = of.listeners;
        made.methods = std::move(methods);
        made.does = found ? found->counts : refused();
        if (found) {
            narrower_ = narrower_ || found->narrower;
            explain(made, *found);
        }
        return made;
    }

    void explain(route& made, const outcome& found) {
        if (found.counts.who == found.usual.who) {
            return;
        }
        made.comments.push_back("STRICTER THAN " + out_.peer +
                                ": rules for some of the paths below it can't be told apart here, and the strictest counts for all.");
        made.comments.push_back("Without them it would be: " + describe(found.usual.who));
        out_.warn(0, "below " + made.path + " " + out_.peer +
                         " has stricter rules for paths that can't be told apart here: the strictest counts for all of " + made.path);
    }

    /// Whether the prefix around it would do something else.
    [[nodiscard]] bool differs_from_owner(const place& where, const std::vector<route>& here, const std::vector<route>& made) const {
        if (here.empty()) {
            return false;
        }
        const bool forwards = std::ranges::any_of(here, [](const route& each) { return each.does.who.who != access::kind::closed; });
        const route* around = nullptr;
        std::size_t methods = 0;
        for (const route& each : made) {
            const std::string begin = each.path == "/" ? "/" : each.path + '/';
            if (!each.exact && (where.path.starts_with(begin) || (where.exact && where.path == each.path))) {
                methods = around != nullptr && around->path == each.path ? methods + 1 : 1;
                around = &each;
            }
        }
        if (around == nullptr) {
            return forwards || sites_.size() > 1;
        }
        return here.size() > 1 || methods > 1 || around->does.strip_prefix || around->does != here.front().does;
    }

    const std::vector<site>& sites_;
    places places_;
    imported& out_;
    bool narrower_ = false;
    bool head_ = false;
};

bool covers(const route& around, const route& inner) {
    const bool fits = around.path == "/" || inner.path == around.path || inner.path.starts_with(around.path + '/');
    return &around != &inner && fits && (!around.exact || around.path == inner.path);
}

/// What is closed has no requirement, which looks like one less.
bool may_seem_laxer(const access& inner, const access& around) {
    return !as_strict_as(inner, around) || (inner.who == access::kind::closed && !around.needs.empty());
}

/// What the peer's file says is meant so: a laxer route within another, and several providers.
void allow_what_is_meant(imported& out) {
    for (route& inner : out.routes) {
        const bool laxer = std::ranges::any_of(
            out.routes, [&](const route& around) { return covers(around, inner) && may_seem_laxer(inner.does.who, around.does.who); });
        if (laxer) {
            inner.allow_warnings.emplace_back("looser-route");
        }
        if (inner.does.who.providers.size() > 1) {
            inner.allow_warnings.emplace_back("shared-identity");
        }
    }
}

} // namespace

void plan_routes(const std::vector<site>& sites, imported& out) {
    planner(sites, out).plan();
    allow_what_is_meant(out);
}

} // namespace bearward::proxy::commands::importing
