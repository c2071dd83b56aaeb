#include "policies/tokens/event_issuers.hpp"

#include "policies/tokens/issuer_names.hpp"

#include <algorithm>

namespace bearward::policies::tokens {

namespace {

template <class Value>
bool holds(const std::vector<Value>& all, const auto& wanted) {
    return std::ranges::find(all, wanted) != all.end();
}

} // namespace

issuers_of_event::issuers_of_event(const std::vector<issuer_pattern>& own, const std::vector<issuer_pattern>& tellers,
                                   std::string_view teller, const boost::json::object& claims)
    : own_(own), tellers_(tellers), teller_(teller), claims_(claims) {}

bool issuers_of_event::is_own(std::string_view issuer) const {
    return std::ranges::any_of(own_, [&](const issuer_pattern& each) { return each.fits(issuer); });
}

bool issuers_of_event::speaks_for_all() const {
    const issuer_pattern literal{std::string(teller_)};
    return holds(tellers_, literal) && !holds(own_, literal);
}

std::vector<std::string> issuers_of_event::names_of_teller() const {
    if (is_own(teller_)) {
        return find_issuer_names(own_, teller_, claims_);
    }
    std::vector<std::string> names;
    for (const issuer_pattern& each : own_) {
        if (auto name = each.is_template() ? each.fill(claims_) : std::nullopt) {
            names.push_back(*std::move(name));
        }
    }
    return names;
}

std::vector<std::string> issuers_of_event::find_meant(std::string_view named) const {
    std::vector<std::string> any{std::string()};
    if (std::ranges::none_of(own_, &issuer_pattern::is_template)) { // all names of one issuer
        return named.empty() || own_.empty() || is_own(named) ? any : std::vector<std::string>{};
    }
    if (!speaks_for_all()) {
        std::vector<std::string> names = names_of_teller();
        return named.empty() || holds(names, named) ? names : std::vector<std::string>{};
    }
    const std::string_view whose = named.empty() ? teller_ : named;
    if (!is_own(whose)) {
        return named.empty() ? any : std::vector<std::string>{};
    }
    static const boost::json::object none;
    return find_issuer_names(own_, whose, whose == teller_ ? claims_ : none); // the claims are the teller's
}

} // namespace bearward::policies::tokens
