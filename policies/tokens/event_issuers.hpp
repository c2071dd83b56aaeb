// Whose users an event may be about, where a provider takes tokens of several issuers: one of them
// says nothing of another one's.
#pragma once

#include "policies/tokens/issuer_pattern.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

/// For one event. Refers to what it is made of.
class issuers_of_event {
public:
    /// `own`: of the provider's tokens; `tellers`: who may tell, of whom `teller`, with these claims, did.
    issuers_of_event(const std::vector<issuer_pattern>& own, const std::vector<issuer_pattern>& tellers, std::string_view teller,
                     const boost::json::object& claims);

    /// Issuers of the tokens that are meant where the subject is of `named`; empty: it names none. One
    /// empty name: of any of the provider's. None: it is somebody whom the teller has no say about. A
    /// teller speaks of itself by all of its names, or, where it is configured apart from the provider's
    /// issuers, of those of its own tenant if it is of a template, else of each.
    [[nodiscard]] std::vector<std::string> find_meant(std::string_view named) const;

private:
    [[nodiscard]] bool is_own(std::string_view issuer) const;
    /// Configured by its whole name, and for telling alone.
    [[nodiscard]] bool speaks_for_all() const;
    /// What it may speak of where that isn't all.
    [[nodiscard]] std::vector<std::string> names_of_teller() const;

    const std::vector<issuer_pattern>& own_;
    const std::vector<issuer_pattern>& tellers_;
    std::string_view teller_;
    const boost::json::object& claims_;
};

} // namespace bearward::policies::tokens
